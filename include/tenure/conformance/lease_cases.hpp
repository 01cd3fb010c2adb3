// Rule 4: how long leases and their entries live. The few cases here that wait for a lease to
// run out are the only ones that take real time over a real store.
#pragma once

#include <algorithm>
#include <string>
#include <tenure/conformance/trial.hpp>
#include <vector>

namespace tenure::conformance {
namespace detail {

/// Waits until the watch reports the entry of a lease removed, which was granted or renewed by
/// a request sent at `sent`. The store counted from a moment after that, so no clock of its own
/// can excuse an earlier end.
inline void expect_expiry(Trial& trial, const Watching& watching, Instant sent, Duration granted) {
    const Duration bound = granted + trial.limits().expiry_delay;
    trial.wait([&] { return Trial::has_heard_removal(watching); }, "the end of a lease", bound);
    const Duration lived = trial.fixture().now() - sent;
    Trial::require(lived >= granted,
                   "an entry vanished " +
                       std::to_string(std::chrono::duration<double>(granted - lived).count()) +
                       " s before the granted time was over");
}

inline void entries_vanish_together_and_never_early(Trial& trial) {
    const Instant sent = trial.fixture().now();
    const Lease lease = trial.grant(trial.limits().shortest_ttl);
    Trial::require(lease.granted_ttl >= trial.limits().shortest_ttl,
                   "the store granted less time than was asked");
    const Entry here = trial.create({trial.prefix(), "here", lease.id});
    const Entry there = trial.create({trial.prefix() + "-there", "there", lease.id});
    const Entry bystander = trial.join("bystander");
    const auto watching = trial.watch(WatchTarget::Scope::key, here.key, here.created);
    expect_expiry(trial, watching, sent, lease.granted_ttl);
    const auto is_there = [&] {
        return !trial.list({.prefix = trial.prefix() + "-there"}).entries.empty();
    };
    // One by one, they still go soon after their time.
    if (!trial.can(Capability::whole_leases)) {
        const Instant bound = trial.fixture().now() + trial.limits().expiry_delay;
        while (is_there() && trial.fixture().now() < bound)
            trial.let_pass(std::chrono::milliseconds(50));
    }
    Trial::require(!is_there(), "one entry of a lease outlives the other");
    Trial::require(trial.list({.prefix = trial.prefix()}).entries == std::vector{bystander},
                   "the end of a lease has touched the entry of another, or left its own");
}

inline void renewal_extends_the_lease_and_wakes_no_watcher(Trial& trial) {
    const Lease lease = trial.grant(trial.limits().shortest_ttl);
    const Entry entry = trial.create({trial.prefix(), "value", lease.id});
    const auto watching = trial.watch(WatchTarget::Scope::key, entry.key, entry.created);
    Instant sent{};
    Duration granted{};
    for (int round = 0; round < 3; ++round) {
        trial.let_pass(lease.granted_ttl * 2 / 5);
        sent = trial.fixture().now();
        const Lease renewed = Trial::value_of(trial.renew(lease.id), "renew_lease");
        Trial::require(renewed.id == lease.id, "renew_lease answers with another lease");
        granted = renewed.granted_ttl;
        Trial::require(granted > Duration::zero(), "renew_lease grants no time");
    }
    Trial::require(trial.list({.prefix = trial.prefix()}).entries == std::vector{entry},
                   "renewals do not keep the entry");
    Trial::require(watching.heard.count() == 0, "a renewal has woken a watcher");
    expect_expiry(trial, watching, sent, granted);
}

/// Nothing calls the store meanwhile: the end must not wait for somebody to look.
inline void expired_lease_stays_gone(Trial& trial) {
    const Lease lease = trial.grant(trial.limits().shortest_ttl);
    const Entry entry = trial.create({trial.prefix(), "value", lease.id});
    trial.let_pass(lease.granted_ttl + trial.limits().expiry_delay);
    Trial::require_error(trial.renew(lease.id), condition::lease_gone, "renew after the end");
    Trial::require_error(trial.try_create({trial.prefix(), "ghost", lease.id}),
                         condition::lease_gone, "create after the lease's end");
    Trial::require_error(trial.revoke(lease.id), condition::lease_gone, "revoke after the end");
    Trial::require_error(trial.update(entry, "ghost"), errc::entry_changed,
                         "update after the lease's end");
    Trial::require(trial.list({.prefix = trial.prefix()}).entries.empty(),
                   "an entry has outlived its lease, or was created without one");
}

inline void revoking_removes_all_entries(Trial& trial) {
    const LeaseId lease = trial.lasting_lease();
    const Entry here = trial.create({trial.prefix(), "here", lease});
    trial.create({trial.prefix() + "-there", "there", lease});
    const auto watching = trial.watch(WatchTarget::Scope::key, here.key, here.created);
    Trial::value_of(trial.revoke(lease), "revoke_lease");
    for (const char* where : {"", "-there"}) {
        const auto left = trial.list_on(trial.other(), {.prefix = trial.prefix() + where});
        Trial::require(left.entries.empty(), "an entry has outlived a revoked lease");
    }
    trial.wait([&] { return Trial::has_heard_removal(watching); }, "the removal by revoke_lease");
    Trial::require_error(trial.renew(lease), condition::lease_gone, "renew after revoke");
    Trial::require_error(trial.revoke(lease), condition::lease_gone, "a second revoke");
}

inline void renewal_in_flight_does_not_revive(Trial& trial) {
    const LeaseId lease = trial.lasting_lease();
    trial.create({trial.prefix(), "value", lease});
    const Replies<void> revoked;
    std::vector<Replies<Lease>> renewed(4);
    for (std::size_t i = 0; i < renewed.size(); ++i) {
        if (i == 1) trial.store().revoke_lease(lease, revoked.reply());
        auto& client = i % 2 == 0 ? trial.store() : trial.other();
        client.renew_lease(lease, renewed[i].reply());
    }
    Trial::value_of(trial.answer(revoked, "revoke_lease"), "revoke_lease");
    for (const auto& one : renewed) {
        const auto outcome = trial.answer(one, "renew_lease");
        if (!outcome) Trial::require_error(outcome, condition::lease_gone, "renew during revoke");
    }
    Trial::require_error(trial.renew(lease), condition::lease_gone, "renew after revoke");
    Trial::require(trial.list({.prefix = trial.prefix()}).entries.empty(),
                   "a renewal in flight has revived the entry of a revoked lease");
}

inline void at_least_the_asked_time_is_granted(Trial& trial) {
    using namespace std::chrono_literals;
    const Duration shortest = trial.limits().shortest_ttl;
    for (const Duration asked : {shortest + 1ns, shortest + 300ms, shortest * 5, Duration(24h)}) {
        const Lease lease = trial.grant(asked);
        Trial::require(lease.granted_ttl >= asked, "the store granted less time than was asked");
    }
    Trial::require(trial.lasting_lease() != trial.lasting_lease(), "two leases share an id");
}

}  // namespace detail

inline std::vector<Case> lease_cases() {
    return {
        {4, "at_least_the_asked_time_is_granted", detail::at_least_the_asked_time_is_granted},
        {4, "entries_vanish_together_and_never_early",
         detail::entries_vanish_together_and_never_early},
        {4, "renewal_extends_the_lease_and_wakes_no_watcher",
         detail::renewal_extends_the_lease_and_wakes_no_watcher},
        {4, "expired_lease_stays_gone", detail::expired_lease_stays_gone},
        {4, "revoking_removes_all_entries", detail::revoking_removes_all_entries},
        {4, "renewal_in_flight_does_not_revive", detail::renewal_in_flight_does_not_revive},
    };
}

}  // namespace tenure::conformance
