#include "tests/chaos/troublemaker.hpp"

#include <algorithm>
#include <utility>

namespace tenure::chaos {
namespace {

using namespace std::chrono_literals;

// Two of three members gone is an outage; more than that is `etcd_restarted`.
constexpr std::size_t most_members = 2;
constexpr std::size_t most_candidates = 3;

Lines::Trouble trouble_of(const PlannedFault& planned, std::size_t whom) {
    return {planned.kind, whom,
            std::chrono::duration_cast<std::chrono::milliseconds>(planned.delay)};
}

}  // namespace

Troublemaker::Troublemaker(Stage stage, Schedule schedule)
    : stage_(std::move(stage)), schedule_(std::move(schedule)), begun_(LeaseClock::now()) {}

bool Troublemaker::turn() {
    const Instant now = LeaseClock::now();
    std::erase_if(active_, [&](const Active& active) {
        if (active.until > now || !undo(active)) return false;
        note(active);
        return true;
    });
    while (next_ < schedule_.size() && begun_ + schedule_[next_].at <= now)
        begin(schedule_[next_++]);
    stage_.cast.tend();
    tend_members();
    return next_ < schedule_.size() || !active_.empty();
}

void Troublemaker::give_up() {
    next_ = schedule_.size();
    for (Active& active : active_)
        active.until = {};
}

void Troublemaker::begin(const PlannedFault& planned) {
    const auto whom = choose(planned);
    if (!whom) {
        // Whoever it was meant for has had enough.
        stage_.journal.write("skipped", {{"fault", to_string(planned.kind)}});
        return;
    }
    const Instant now = LeaseClock::now();
    Active active{planned, *whom, now, now + planned.lasts};
    if (is_instant(planned.kind)) {
        act_at_once(planned, *whom);
        note(active);
        return;
    }
    act(planned, *whom);
    active_.push_back(active);
}

void Troublemaker::act(const PlannedFault& planned, std::size_t whom) {
    switch (planned.kind) {
        case FaultKind::member_killed: return stage_.cluster.member(whom).kill();
        case FaultKind::member_paused: return stage_.cluster.member(whom).pause();
        case FaultKind::member_restarted: return stage_.cluster.member(whom).ask_to_end();
        case FaultKind::etcd_restarted:
            for (std::size_t index = 0; index < stage_.cluster.size(); ++index)
                stage_.cluster.member(index).kill();
            return;
        case FaultKind::candidate_killed: return stage_.cast.kill(whom);
        case FaultKind::candidate_paused: return stage_.cast.pause(whom);
        case FaultKind::candidate_restarted: return stage_.cast.ask_to_end(whom);
        default: return stage_.lines.begin(trouble_of(planned, whom));
    }
}

bool Troublemaker::undo(const Active& active) {
    const std::size_t whom = active.whom;
    switch (active.planned.kind) {
        case FaultKind::member_killed: stage_.cluster.member(whom).launch(); break;
        case FaultKind::member_paused: stage_.cluster.member(whom).resume(); break;
        case FaultKind::member_restarted:
            stage_.cluster.member(whom).kill();
            stage_.cluster.member(whom).launch();
            break;
        case FaultKind::etcd_restarted:
            for (std::size_t index = 0; index < stage_.cluster.size(); ++index)
                stage_.cluster.member(index).launch();
            break;
        case FaultKind::candidate_killed: stage_.cast.start(whom); break;
        case FaultKind::candidate_paused: stage_.cast.resume(whom); break;
        case FaultKind::candidate_restarted:
            if (stage_.cast.runs(whom)) return false;
            stage_.cast.start(whom);
            break;
        default: stage_.lines.end(trouble_of(active.planned, whom)); break;
    }
    return true;
}

void Troublemaker::act_at_once(const PlannedFault& planned, std::size_t whom) {
    switch (planned.kind) {
        case FaultKind::connections_dropped: return stage_.lines.drop_connections(whom);
        case FaultKind::connections_half_open: return stage_.lines.forget_connections(whom);
        case FaultKind::compacted:
            if (const auto view = stage_.hand.look()) stage_.hand.compact(view->revision);
            return;
        default: return depose(planned);
    }
}

void Troublemaker::depose(const PlannedFault& planned) {
    const auto view = stage_.hand.look();
    if (!view || view->entries.empty()) return;
    const Operator::Entry& leader = view->entries.front();
    const Instant from = LeaseClock::now();
    const bool done = planned.kind == FaultKind::key_deleted
                          ? stage_.hand.delete_key(leader.key)
                          : stage_.hand.revoke_lease(leader.lease);
    stage_.journal.write("deposes",
                         {{"from", stamp(from)}, {"token", leader.created}, {"done", done}});
}

void Troublemaker::note(const Active& active) {
    const PlannedFault& planned = active.planned;
    stage_.journal.write("fault", {{"fault", to_string(planned.kind)},
                                   {"whom", name_of(planned.kind, active.whom)},
                                   {"from", stamp(active.from)}});
}

std::optional<std::size_t> Troublemaker::choose(const PlannedFault& planned) const {
    const Victim victim = victim_of(planned.kind);
    if (planned.kind == FaultKind::etcd_restarted && count_busy(Victim::member) > 0) {
        return std::nullopt;
    }
    if (victim == Victim::etcd) return 0;
    const auto wanted = planned.whom ? planned.whom : leader_of(victim);
    if (!is_of_process(planned.kind)) return wanted.value_or(0);
    const bool is_member = victim == Victim::member;
    if (count_busy(victim) >= (is_member ? most_members : most_candidates)) return std::nullopt;
    const auto is_free = [&](std::size_t whom) {
        return !is_busy(victim, whom) && !is_spared(planned.kind, whom);
    };
    if (wanted && is_free(*wanted)) return wanted;
    const std::size_t all = is_member ? stage_.cluster.size() : stage_.cast.size();
    for (std::size_t whom = 0; whom < all; ++whom) {
        if (is_free(whom)) return whom;
    }
    return std::nullopt;
}

std::optional<std::size_t> Troublemaker::leader_of(Victim victim) const {
    if (victim == Victim::member) return stage_.cluster.leader();
    const auto view = stage_.onlooker.last();
    if (!view || view->entries.empty()) return std::nullopt;
    const std::string& life = view->entries.front().value;
    return stage_.cast.find(life.substr(0, life.rfind('-')));
}

std::size_t Troublemaker::count_busy(Victim victim) const {
    const auto busy = std::ranges::count_if(active_, [&](const Active& active) {
        return is_of_process(active.planned.kind) && victim_of(active.planned.kind) == victim;
    });
    return static_cast<std::size_t>(busy);
}

bool Troublemaker::is_busy(Victim victim, std::size_t whom) const {
    return std::ranges::any_of(active_, [&](const Active& active) {
        const FaultKind kind = active.planned.kind;
        if (kind == FaultKind::etcd_restarted) return victim == Victim::member;
        return is_of_process(kind) && victim_of(kind) == victim && active.whom == whom;
    });
}

bool Troublemaker::is_spared(FaultKind kind, std::size_t whom) const {
    const bool ends = kind == FaultKind::candidate_killed || kind == FaultKind::candidate_restarted;
    return ends && whom + stage_.spared >= stage_.cast.size();
}

std::string Troublemaker::name_of(FaultKind kind, std::size_t whom) const {
    switch (victim_of(kind)) {
        case Victim::member: return stage_.cluster.member(whom).name();
        case Victim::candidate: return stage_.cast.name(whom);
        case Victim::etcd: break;
    }
    return "etcd";
}

void Troublemaker::tend_members() {
    for (std::size_t index = 0; index < stage_.cluster.size(); ++index) {
        test::EtcdMember& member = stage_.cluster.member(index);
        if (is_busy(Victim::member, index)) continue;
        const auto status = member.ended();
        if (!status) continue;
        stage_.journal.write(
            "lost", {{"words", member.name() + " ended by itself with " + std::to_string(*status) +
                                   ": " + member.new_words()}});
        member.kill();
        member.launch();
    }
}

}  // namespace tenure::chaos
