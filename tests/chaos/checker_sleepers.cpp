// A defect of old versions of etcd, told from one of ours. A leader of etcd's that was stopped
// finds, when it goes on, that leases have run out: nobody has renewed them with it. It proposes to
// take them away, and is believed, though another leader has renewed them meanwhile.
#include <algorithm>

#include "tests/chaos/checker.hpp"

namespace tenure::chaos {
namespace {

bool shows(const Look& look, std::int64_t token) {
    return std::ranges::find(look.entries, token, &Look::Entry::token) != look.entries.end();
}

/// Between two looks of which the first shows the entry, and the second does not.
std::optional<Moment> end_of_entry(const History& history, std::int64_t token) {
    std::optional<Instant> seen;
    for (const Look& look : history.looks) {
        if (!look.succeeded) continue;
        if (shows(look, token)) {
            seen = look.asked;
        } else if (seen) {
            return Moment{*seen, look.answered};
        }
    }
    return std::nullopt;
}

/// Etcd confirmed a renewal while the member slept, and it had time left when the entry went.
bool was_renewed_meanwhile(const Leading& leading, const Fault& sleep) {
    return std::ranges::any_of(leading.leases, [&](const Leading::Lease& lease) {
        return lease.at > sleep.from && lease.at < sleep.to && lease.until > sleep.to;
    });
}

}  // namespace

std::vector<Deposal> taken_by_sleepers(const History& history, const Limits& limits) {
    std::vector<Deposal> taken;
    if (!limits.sleepers_take_leases) return taken;
    for (const Leading& leading : history.leadings) {
        const auto end = end_of_entry(history, leading.token);
        if (!end) continue;
        for (const Fault& fault : history.faults) {
            const bool is_sleep = fault.kind == FaultKind::member_paused;
            const bool woke_then =
                fault.to <= end->before && fault.to + limits.waking >= end->after;
            if (!is_sleep || !woke_then || !was_renewed_meanwhile(leading, fault)) continue;
            taken.push_back({.at = fault.to, .token = leading.token, .done = true});
        }
    }
    return taken;
}

}  // namespace tenure::chaos
