#include "tests/chaos/figures.hpp"

#include <algorithm>
#include <set>

namespace tenure::chaos {
namespace {

bool stops_line(FaultKind kind) {
    switch (kind) {
        case FaultKind::member_cut:
        case FaultKind::member_silent:
        case FaultKind::candidate_cut:
        case FaultKind::candidate_silent:
        case FaultKind::candidate_unheard: return true;
        default: return false;
    }
}

// Whether, with what was in force then, somebody could lead.
bool is_possible(const History& history, const Parties& parties, Instant at) {
    std::set<std::string> members_down, members_lost, candidates_lost;
    for (const Fault& fault : history.faults) {
        if (fault.from > at || fault.to <= at) continue;
        if (fault.kind == FaultKind::etcd_restarted) return false;
        const bool is_member = victim_of(fault.kind) == Victim::member;
        if (is_of_process(fault.kind) && is_member) members_down.insert(fault.whom);
        const bool is_lost = is_of_process(fault.kind) || stops_line(fault.kind);
        if (is_lost) (is_member ? members_lost : candidates_lost).insert(fault.whom);
    }
    return members_down.size() * 2 < parties.members && members_lost.size() < parties.members &&
           candidates_lost.size() < parties.candidates;
}

struct Gap {
    Instant from, to;
};

// Times without a leader, between two that there were.
std::vector<Gap> gaps_of(const History& history) {
    std::vector<Leading> leadings = history.leadings;
    std::ranges::sort(leadings, {}, [](const Leading& leading) { return leading.first.before; });
    std::vector<Gap> gaps;
    std::optional<Instant> led_until;
    for (const Leading& leading : leadings) {
        if (led_until && leading.first.before > *led_until) {
            gaps.push_back({*led_until, leading.first.before});
        }
        led_until = std::max(led_until.value_or(Instant{}), leading.last.after);
    }
    return gaps;
}

// Since when a leader was possible; empty when it was not, at the end of the gap.
std::optional<Instant> possible_since(const History& history, const Parties& parties,
                                      const Gap& gap) {
    std::vector<Instant> turns{gap.from};
    for (const Fault& fault : history.faults) {
        for (const Instant turn : {fault.from, fault.to}) {
            if (turn > gap.from && turn <= gap.to) turns.push_back(turn);
        }
    }
    std::ranges::sort(turns);
    std::optional<Instant> since;
    for (const Instant turn : turns) {
        const bool possible = is_possible(history, parties, turn);
        if (!possible) since.reset();
        if (possible && !since) since = turn;
    }
    return since;
}

Duration led_between(const History& history, Instant from, Instant to) {
    Duration led{};
    for (const Leading& leading : history.leadings) {
        const Instant begin = std::max(leading.first.before, from);
        const Instant end = std::min(leading.last.after, to);
        led += std::max(end - begin, Duration::zero());
    }
    return led;
}

}  // namespace

Duration Figures::recovery(std::size_t percent) const {
    if (recoveries.empty()) return {};
    const std::size_t rank = (recoveries.size() * percent + 99) / 100;
    return recoveries[std::max<std::size_t>(rank, 1) - 1];
}

std::size_t Figures::fault_count() const {
    std::size_t count = 0;
    for (const Done& done : faults)
        count += done.times;
    return count;
}

Figures count(const History& history, const Parties& parties) {
    Figures figures;
    for (const Fault& fault : history.faults) {
        Figures::Done& done = figures.faults.at(static_cast<std::size_t>(fault.kind));
        ++done.times;
        if (!is_instant(fault.kind)) done.lasted += fault.to - fault.from;
    }
    figures.leaderships = history.leadings.size();
    figures.led = led_between(history, history.chaos_from, history.chaos_to);
    figures.of = history.chaos_to - history.chaos_from;
    for (const Gap& gap : gaps_of(history)) {
        figures.longest_without_leader =
            std::max(figures.longest_without_leader, gap.to - gap.from);
        const auto since = possible_since(history, parties, gap);
        if (since) figures.recoveries.push_back(gap.to - *since);
    }
    std::ranges::sort(figures.recoveries);
    for (const Write& write : history.writes)
        ++(write.accepted ? figures.accepted : figures.refused);
    for (const Told& told : history.told)
        figures.errors_told += told.kind == Told::Kind::error ? 1 : 0;
    std::int64_t first_term = 0, last_term = 0;
    for (const Look& look : history.looks) {
        ++(look.succeeded ? figures.looks : figures.failed_looks);
        if (!look.succeeded) continue;
        if (first_term == 0) first_term = look.term;
        last_term = look.term;
    }
    figures.etcd_elections = last_term - first_term;
    return figures;
}

}  // namespace tenure::chaos
