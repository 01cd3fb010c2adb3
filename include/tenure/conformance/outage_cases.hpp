// Rules 6 and 7 while the store cannot be reached. They need hooks of the fixture.
#pragma once

#include <string>
#include <tenure/conformance/trial.hpp>
#include <vector>

namespace tenure::conformance {
namespace detail {

/// Each call, from a client that hears nothing, must fail as `unavailable` and within the bound.
inline void expect_unavailable(Trial& trial, KeyStore& store, const Entry& entry) {
    const Replies<Lease> granted, renewed;
    const Replies<Entry> created;
    const Replies<Revision> updated;
    const Replies<void> removed, revoked;
    const Replies<Listing> listed;
    const Replies<Standing> entered;
    store.grant_lease(trial.limits().shortest_ttl, granted.reply());
    store.renew_lease(entry.lease, renewed.reply());
    store.create({trial.prefix(), "value", entry.lease}, created.reply());
    store.update(entry, "value", updated.reply());
    store.remove(entry, removed.reply());
    store.list({.prefix = trial.prefix()}, listed.reply());
    store.enter({trial.prefix(), "value", entry.lease}, entered.reply());
    store.revoke_lease(entry.lease, revoked.reply());
    const auto expect = [&](const auto& pending, const std::string& call) {
        trial.wait([&] { return pending.count() > 0; }, "the failure of " + call,
                   trial.limits().failure);
        Trial::require_error(trial.answer(pending, call), condition::unavailable,
                             call + " without a store");
    };
    expect(granted, "grant_lease");
    expect(renewed, "renew_lease");
    expect(created, "create");
    expect(updated, "update");
    expect(removed, "remove");
    expect(listed, "list");
    expect(entered, "enter");
    expect(revoked, "revoke_lease");
}

inline void outage_is_unavailable_and_nothing_else(Trial& trial) {
    const Entry entry = trial.join("value");
    if (!trial.fixture().stop_store()) throw Skipped("the fixture has no hook to stop the store");
    expect_unavailable(trial, trial.store(), entry);
    trial.fixture().restart_store();
    const auto is_back = [&] {
        const auto listing = trial.ask<Listing>("list", [&](auto reply) {
            trial.store().list({.prefix = trial.prefix()}, std::move(reply));
        });
        return listing.has_value();
    };
    bool back = false;
    for (int attempt = 0; attempt < 100 && !back; ++attempt) {
        back = is_back();
        if (!back) trial.let_pass(trial.limits().failure / 100);
    }
    Trial::require(back, "the client does not find back to a store that has restarted");
}

inline void outage_is_not_silence(Trial& trial) {
    const Entry entry = trial.join("value");
    const auto watching = trial.watch(WatchTarget::Scope::key, entry.key, entry.created);
    Trial::value_of(trial.update(entry, "seen"), "update");
    trial.wait([&] { return watching.heard.count() > 0; }, "a change before the outage");
    if (!trial.fixture().stop_store()) throw Skipped("the fixture has no hook to stop the store");
    trial.wait([&] { return watching.heard.all().back().has_error(); },
               "the failure of a watch on a store that is down", trial.limits().failure);
    Trial::require_error(watching.heard.all().back(), condition::unavailable,
                         "a watch on a store that is down");
    trial.fixture().restart_store();
}

inline void silent_endpoint_is_unavailable(Trial& trial) {
    const auto silent = trial.fixture().open_silent();
    if (!silent) throw Skipped("the fixture has no endpoint that never answers");
    const Entry entry{trial.prefix() + "/1", "value", LeaseId{1}, Revision{1}};
    const Replies<Change> heard;
    const auto watch =
        silent->watch({WatchTarget::Scope::key, entry.key, entry.created}, heard.reply());
    expect_unavailable(trial, *silent, entry);
    trial.wait([&] { return heard.count() > 0; }, "the failure of a watch that hears nothing",
               trial.limits().failure);
    Trial::require_error(trial.answer(heard, "watch"), condition::unavailable,
                         "a watch that hears nothing");
}

}  // namespace detail

inline std::vector<Case> outage_cases() {
    return {
        {6, "outage_is_not_silence", detail::outage_is_not_silence},
        {7, "outage_is_unavailable_and_nothing_else",
         detail::outage_is_unavailable_and_nothing_else},
        {7, "silent_endpoint_is_unavailable", detail::silent_endpoint_is_unavailable},
    };
}

}  // namespace tenure::conformance
