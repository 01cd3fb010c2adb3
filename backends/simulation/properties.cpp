// What must hold in a world, each by its name.
#include <algorithm>

#include "backends/simulation/checker.hpp"
#include "backends/simulation/node_state.hpp"

namespace tenure::sim::detail {
namespace {

using Kind = TraceEvent::Kind;

// How long, in a calm world, a leader may take to hear that its entry is gone: a watch that broke
// in the last disturbance has to be opened again first, perhaps after a read that was lost.
Duration news_arrives_within(Duration time_out, Duration longest_lease) {
    const Duration read = std::min<Duration>(longest_lease / 4, std::chrono::seconds(5));
    return std::chrono::seconds(4) + 2 * std::max(time_out, read);
}

// The reason may be looked for, for as long as the margin, a tenth of the lease or so; and a
// process that slept finds its timers overdue only after a while.
Duration told_within(Duration lease) {
    return std::chrono::seconds(3) + lease / 5;
}

// An answer from before an operator's deletion may be so long on its way, and elect: it is waited
// for as long as a quarter of the lease, 5 s at most.
constexpr Duration answers_arrive_within = std::chrono::seconds(6);

std::string said(const Candidate& candidate) {
    return candidate.asker.node + " (#" + std::to_string(candidate.leadership.token()) + " of " +
           candidate.name + ")";
}

}  // namespace

void Checker::rises(Candidate& candidate) {
    const std::int64_t token = candidate.leadership.token();
    candidate.leads = true;
    trace(Kind::rises, candidate);
    Line& line = lines_[candidate.name];
    if (token == line.greatest_token) {
        fail("over_is_over", said(candidate) + " becomes valid again");
    } else if (token < line.greatest_token && !is_excused(token)) {
        fail("tokens_grow",
             said(candidate) + " comes after #" + std::to_string(line.greatest_token));
    }
    line.greatest_token = std::max(line.greatest_token, token);
    const auto taken = taken_away_.find(token);
    if (taken != taken_away_.end() && engine_.now() - taken->second > answers_arrive_within) {
        fail("leader_has_entry", said(candidate) + " rises long after its entry was taken away");
    }
    for (const auto& [number, entry] : entries_) {
        if (number < token && election_of(entry) == candidate.name) {
            return fail("first_in_line", said(candidate) + " leads while #" +
                                             std::to_string(number) + " stands before it");
        }
    }
}

void Checker::falls(Candidate& candidate) {
    candidate.leads = false;
    trace(Kind::falls, candidate);
}

Duration Checker::news_within(const Candidate& candidate) const {
    return news_arrives_within(candidate.node->wire().time_out(), server_->longest_promised());
}

// Who falls by the clock does so between two steps; so after each step all that stands is true.
void Checker::check_leaders() {
    std::map<std::string, const Candidate*> leaders;
    for (const Candidate& candidate : candidates_) {
        if (!candidate.leads) continue;
        lines_[candidate.name].led_at = engine_.now();
        const std::int64_t token = candidate.leadership.token();
        if (is_excused(token)) {
            const Duration known = engine_.now() - taken_away_.at(token);
            if (!find(token) && std::min(since_calm(), known) > news_within(candidate)) {
                fail("deposed_in_time", said(candidate) + " has not heard that its entry is gone");
            }
            continue;
        }
        if (!find(token)) fail("leader_has_entry", said(candidate) + " leads without an entry");
        const auto [other, alone] = leaders.emplace(candidate.name, &candidate);
        if (!alone) fail("one_leader", said(candidate) + " and " + said(*other->second));
    }
}

// Safety rule 9: by its own hand an entry goes only when the work has ended.
void Checker::entry_removed(const Entry& entry,
                            const std::optional<ServerState::Removal>& removal) {
    const std::int64_t token = to_integer(entry.created);
    orphaned_.erase(token);
    tracer_.add({.kind = Kind::entry_removed,
                 .who = "store",
                 .election = election_of(entry),
                 .what = entry.value,
                 .token = token});
    if (!removal || !removal->covers(entry) || is_excused(token)) return;
    const auto owner_of_it = server_->owner_of(entry.lease);
    if (owner_of_it && !(removal->asker == *owner_of_it)) {
        // A program that acts as an operator does.
        disturbed();
        taken_away_.emplace(token, engine_.now());
        return;
    }
    for (const Candidate& candidate : candidates_) {
        const bool owner = candidate.asker == removal->asker &&
                           candidate.leadership.token() == token &&
                           candidate.name == election_of(entry);
        if (owner && goes_on(candidate)) {
            fail("work_ends_first", said(candidate) + " removes its entry while its work goes on");
        }
    }
}

// Handlers and holds are waited for until the leadership's time is over; where the clock ended
// it, until the lease's is, a margin later. Half of the usual margin is well before that.
bool Checker::goes_on(const Candidate& candidate) const {
    Instant bound = candidate.valid_until;
    if (candidate.reason == LossReason::lease_elapsed) {
        bound += server_->promised(candidate.leadership.entry().lease) / 20;
    }
    if (candidate.node->process().clock()->now() >= bound) return false;
    const bool handling = candidate.exists() && candidate.announced == candidate.leadership.token();
    return handling || !candidate.work.expired();
}

void Checker::check_reason(const Candidate& candidate, LossReason reason) {
    const Entry entry = candidate.leadership.entry();
    switch (reason) {
        case LossReason::resigned:
        case LossReason::stopped: return;
        case LossReason::lease_elapsed:
            if (candidate.node->process().clock()->now() >= candidate.valid_until) return;
            return fail("reasons_are_true", said(candidate) + " gives up before its time is over");
        case LossReason::session_lost:
            if (!server_->memory().has_lease(entry.lease)) return;
            return fail("reasons_are_true", said(candidate) + " says that its lease is gone");
        case LossReason::entry_removed:
            if (!find(to_integer(entry.created))) return;
            return fail("reasons_are_true", said(candidate) + " says that its entry is gone");
    }
}

// Safety rule 12: nothing of a candidate that has stopped may keep its lease. A session that others
// share goes on; whether that has stopped is known only of one that is followed.
void Checker::renewal_sent(const Asker& asker, LeaseId lease) {
    const auto elections = leases_.find(lease);
    if (elections == leases_.end()) return;
    for (const std::string& name : elections->second) {
        if (!has_stopped(asker, name)) return;
    }
    for (const Followed& session : sessions_) {
        if (session.asker == asker && may_renew(session)) return;
    }
    fail("stopped_is_silent",
         asker.node + " has stopped, and renews lease " + std::to_string(to_integer(lease)));
}

bool Checker::has_stopped(const Asker& asker, const std::string& name) const {
    const bool follows_sessions = std::ranges::any_of(
        sessions_, [&](const Followed& session) { return session.asker == asker; });
    bool known = false;
    for (const Candidate& candidate : candidates_) {
        if (!(candidate.asker == asker) || candidate.name != name) continue;
        known = candidate.owns_session || follows_sessions;
        if (!known || may_renew(candidate)) return false;
    }
    return known;
}

bool Checker::was_followed(const Asker& asker, const std::string& name) const {
    return followed_.contains({asker.node, asker.incarnation, name});
}

void Checker::check_liveness() {
    const Duration calm = since_calm();
    for (auto& [name, line] : lines_)
        check_led(name, line, calm);
    for (const auto& [token, entry] : entries_)
        check_ghost(entry, calm);
    for (Candidate& candidate : candidates_) {
        check_agreement(candidate, calm);
        check_told(candidate);
    }
}

// Whoever was told "elected" hears "unelected" soon after, if its process runs.
void Checker::check_told(Candidate& candidate) {
    const bool runs = candidate.node->condition() == NodeState::Condition::running;
    if (!runs || !candidate.exists() || !candidate.announced || candidate.leads) {
        candidate.untold_since.reset();
        return;
    }
    if (!candidate.untold_since) candidate.untold_since = engine_.now();
    if (engine_.now() - *candidate.untold_since > told_within(server_->longest_promised())) {
        fail("told_in_time", candidate.asker.node + " has not heard that #" +
                                 std::to_string(*candidate.announced) + " is over");
    }
}

void Checker::check_led(const std::string& name, Line& line, Duration calm) {
    const bool anybody = std::ranges::any_of(candidates_, [&](const Candidate& candidate) {
        return candidate.name == name && candidate.is_running() && has_session(candidate);
    });
    if (!anybody || stands_first_unwatched(name)) line.led_at = engine_.now();
    if (std::min(calm, engine_.now() - line.led_at) > patience_) {
        fail("led_in_time", "nobody leads " + name);
    }
}

// On one that it shares it cannot stand while that is stopped.
bool Checker::has_session(const Candidate& candidate) const {
    return candidate.owns_session || std::ranges::any_of(sessions_, [&](const Followed& session) {
               return session.asker == candidate.asker && session.is_running();
           });
}

// Somebody leads, perhaps: of who is not followed only the entry is seen.
bool Checker::stands_first_unwatched(const std::string& name) const {
    for (const auto& [token, entry] : entries_) {
        if (election_of(entry) != name) continue;
        const auto owner = server_->owner_of(entry.lease);
        return owner && !was_followed(*owner, name);
    }
    return false;
}

// An entry whose process is dead, or whose candidate has stopped.
void Checker::check_ghost(const Entry& entry, Duration calm) {
    const auto owner = server_->owner_of(entry.lease);
    if (!owner || !was_followed(*owner, election_of(entry))) return;
    const bool alive = std::ranges::any_of(candidates_, [&](const Candidate& candidate) {
        const bool theirs = candidate.asker == *owner && candidate.name == election_of(entry);
        return theirs && candidate.is_running();
    });
    const std::int64_t token = to_integer(entry.created);
    if (alive || !lines_.contains(election_of(entry))) {
        orphaned_.erase(token);
        return;
    }
    const Duration since = orphaned_.emplace(token, engine_.now()).first->second;
    if (std::min(calm, engine_.now() - since) > patience_) {
        fail("no_ghosts", "#" + std::to_string(token) + " of " + owner->node + " still stands in " +
                              election_of(entry));
    }
}

// News of a hand-over takes a while; a mistake that stays is one.
void Checker::check_agreement(Candidate& candidate, Duration calm) {
    const auto leader = std::ranges::find_if(candidates_, [&](const Candidate& other) {
        return other.leads && other.name == candidate.name;
    });
    const bool asked = candidate.follows && candidate.is_running() && leader != candidates_.end();
    const auto heard = asked ? candidate.election->current_leader() : std::nullopt;
    if (!asked || (heard && heard->token == leader->leadership.token())) {
        candidate.mistaken_since.reset();
        return;
    }
    if (!candidate.mistaken_since) candidate.mistaken_since = engine_.now();
    if (std::min(calm, engine_.now() - *candidate.mistaken_since) > news_within(candidate)) {
        fail("all_agree", candidate.asker.node + " takes " +
                              (heard ? '#' + std::to_string(heard->token) : "nobody") +
                              " for the leader of " + candidate.name);
    }
}

}  // namespace tenure::sim::detail
