// Rule 1, and rule 7 as far as a store that is up can show it: who answers, when, how often.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <tenure/conformance/trial.hpp>
#include <thread>
#include <vector>

namespace tenure::conformance {
namespace detail {

/// No store has granted it, as far as one may hope.
inline constexpr LeaseId unknown_lease{0x74656e757265};

/// Each call, once so that it should succeed and, where it can, once so that it fails.
inline void ask_everything(KeyStore& store, const Limits& limits, const Entry& entry,
                           const std::string& prefix, Tally& tally) {
    const Entry stranger{prefix + "/stranger", "", unknown_lease, Revision{1}};
    store.grant_lease(limits.shortest_ttl, tally.reply<Lease>("grant_lease"));
    store.renew_lease(entry.lease, tally.reply<Lease>("renew_lease"));
    store.renew_lease(unknown_lease, tally.reply<Lease>("renew_lease of no lease"));
    store.revoke_lease(unknown_lease, tally.reply<void>("revoke_lease of no lease"));
    store.create({prefix, "again", entry.lease}, tally.reply<Entry>("create"));
    store.create({prefix, "", unknown_lease}, tally.reply<Entry>("create without a lease"));
    store.update(entry, "new", tally.reply<Revision>("update"));
    store.update(stranger, "new", tally.reply<Revision>("update of no entry"));
    store.remove(stranger, tally.reply<void>("remove of no entry"));
    store.list({.prefix = prefix}, tally.reply<Listing>("list"));
    store.standing(prefix, entry, tally.reply<Standing>("standing"));
    store.standing(prefix, stranger, tally.reply<Standing>("standing of no entry"));
    store.enter({prefix, "again", entry.lease}, tally.reply<Standing>("enter"));
    store.guarded_put({stranger, prefix + "-guarded", ""}, tally.reply<Revision>("guarded_put"));
}

inline void every_call_is_answered_once(Trial& trial) {
    Tally tally;
    const Entry entry = trial.join("value");
    ask_everything(trial.store(), trial.limits(), entry, trial.prefix(), tally);
    trial.wait([&] { return tally.all_answered(); }, "an answer to every call");
    trial.fence();
    Trial::require(tally.answered_twice().empty(), tally.answered_twice() + " was answered twice");
}

inline void no_reply_comes_after_the_destructor(Trial& trial) {
    Tally tally;
    const Entry entry = trial.join("value");
    auto client = trial.fixture().open();
    ask_everything(*client, trial.limits(), entry, trial.prefix(), tally);
    const auto watch = client->watch({WatchTarget::Scope::key, entry.key, entry.created},
                                     tally.reply<Change>("watch"));
    client.reset();
    const int at_the_end = tally.total();
    Trial::value_of(trial.remove(entry), "remove");
    trial.fence();
    Trial::require(tally.total() == at_the_end, "a reply came after the destructor had returned");
}

/// grant, enter, list: each asked in the reply to the one before.
inline void begin_chain(const std::shared_ptr<KeyStore>& client, Duration ttl,
                        const std::string& prefix, const std::shared_ptr<std::atomic<int>>& steps) {
    const std::weak_ptr<KeyStore> weak = client;
    client->grant_lease(ttl, [=](const result<Lease>& lease) {
        ++*steps;
        const auto store = weak.lock();
        if (!store || !lease) return;
        store->enter({prefix, "", lease->id}, [=](const result<Standing>&) {
            ++*steps;
            const auto still = weak.lock();
            if (still) still->list({.prefix = prefix}, [=](const result<Listing>&) { ++*steps; });
        });
    });
}

inline void store_may_be_destroyed_in_each_phase(Trial& trial) {
    for (int phase = 0; phase <= 3; ++phase) {
        auto client = trial.fixture().open();
        const auto steps = std::make_shared<std::atomic<int>>(0);
        begin_chain(client, trial.limits().shortest_ttl, trial.prefix(), steps);
        trial.wait([&] { return *steps >= phase; }, "a reply");
        client.reset();
        const int at_the_end = *steps;
        trial.fence();
        Trial::require(*steps == at_the_end, "a reply came after the destructor had returned");
    }
}

inline void store_may_be_destroyed_in_its_own_reply(Trial& trial) {
    struct Owner {
        std::shared_ptr<KeyStore> client;
        std::atomic<bool> has_returned{false};
        std::atomic<int> replies{0};
    };
    const auto owner = std::make_shared<Owner>();
    owner->client = trial.fixture().open();
    // A reply before the call returns is allowed, too; then it must not end the store.
    owner->client->list({.prefix = trial.prefix()}, [owner](const result<Listing>&) {
        if (owner->has_returned) owner->client.reset();
        ++owner->replies;
    });
    owner->has_returned = true;
    trial.wait([&] { return owner->replies > 0; }, "an answer to list");
    trial.fence();
    Trial::require(owner->replies == 1, "list was answered twice");
}

inline void calls_may_come_from_several_threads(Trial& trial) {
    if (!trial.limits().use_threads) throw Skipped("the fixture says: no threads");
    constexpr int rounds = 10;
    std::vector<Entry> entries;
    for (int i = 0; i < 4; ++i)
        entries.push_back(trial.join("value"));
    std::vector<Tally> tallies(entries.size());
    const auto work = [&](std::size_t i) {
        const auto& entry = entries[i];
        for (int round = 0; round < rounds; ++round) {
            auto& store = trial.store();
            const auto watch = store.watch({WatchTarget::Scope::key, entry.key, entry.created},
                                           [](const result<Change>&) {});
            store.renew_lease(entry.lease, tallies[i].reply<Lease>("renew_lease"));
            store.update(entry, "new", tallies[i].reply<Revision>("update"));
            store.list({.prefix = trial.prefix()}, tallies[i].reply<Listing>("list"));
            store.enter({trial.prefix(), "", entry.lease}, tallies[i].reply<Standing>("enter"));
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < entries.size(); ++i)
        threads.emplace_back(work, i);
    for (auto& thread : threads)
        thread.join();
    for (const Tally& tally : tallies) {
        trial.wait([&] { return tally.all_answered(); }, "an answer to every call");
        Trial::require(tally.answered_twice().empty(),
                       tally.answered_twice() + " was answered twice");
    }
    Trial::require(trial.list({.prefix = trial.prefix()}).entries.size() == entries.size(),
                   "calls from several threads have left another number of entries");
}

inline void no_lease_is_lease_gone_and_nothing_else(Trial& trial) {
    Trial::require_error(trial.renew(unknown_lease), condition::lease_gone, "renew of no lease");
    Trial::require_error(trial.revoke(unknown_lease), condition::lease_gone, "revoke of no lease");
    Trial::require_error(trial.try_create({trial.prefix(), "", unknown_lease}),
                         condition::lease_gone, "create without a lease");
    Trial::require(trial.list({.prefix = trial.prefix()}).entries.empty(),
                   "a create that failed has left an entry");
}

inline void no_entry_is_refused(Trial& trial) {
    const Entry entry = trial.join("value");
    Trial::value_of(trial.remove(entry), "remove");
    const auto updated = trial.update(entry, "new");
    Trial::require_error(updated, condition::refused, "update of no entry");
    Trial::require_error(updated, errc::entry_changed, "update of no entry");
}

}  // namespace detail

inline std::vector<Case> answer_cases() {
    return {
        {1, "every_call_is_answered_once", detail::every_call_is_answered_once},
        {1, "no_reply_comes_after_the_destructor", detail::no_reply_comes_after_the_destructor},
        {1, "store_may_be_destroyed_in_each_phase", detail::store_may_be_destroyed_in_each_phase},
        {1, "store_may_be_destroyed_in_its_own_reply",
         detail::store_may_be_destroyed_in_its_own_reply},
        {1, "calls_may_come_from_several_threads", detail::calls_may_come_from_several_threads},
        {7, "no_lease_is_lease_gone_and_nothing_else",
         detail::no_lease_is_lease_gone_and_nothing_else},
        {7, "no_entry_is_refused", detail::no_entry_is_refused},
    };
}

}  // namespace tenure::conformance
