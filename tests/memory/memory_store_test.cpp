// What the memory store promises beyond the contract.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <tenure/memory_store.hpp>
#include <tenure/virtual_scheduler.hpp>
#include <thread>
#include <vector>

#include "tests/memory/fixtures.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using sim::make_virtual_scheduler;
using sim::VirtualScheduler;

using Handle = std::shared_ptr<MemoryStore>;

struct Stores {
    std::shared_ptr<VirtualScheduler> scheduler = make_virtual_scheduler();
    std::string name = fresh_store_name();
    Handle store = shared_memory_store(scheduler, name);

    // Asks and runs what is due, on whichever scheduler the handle replies.
    template <class T, class Call>
    static result<T> ask(VirtualScheduler& runs, Call call) {
        std::optional<result<T>> outcome;
        call([&](result<T> value) { outcome = std::move(value); });
        BOOST_TEST(!outcome.has_value());
        runs.run_for(0s);
        BOOST_REQUIRE(outcome.has_value());
        return *outcome;
    }
    Lease grant(Duration ttl) {
        return *ask<Lease>(*scheduler, [&](auto reply) { store->grant_lease(ttl, reply); });
    }
    Entry create(const std::string& prefix, LeaseId lease) {
        return *ask<Entry>(*scheduler, [&](auto reply) {
            store->create({prefix, "value", lease}, reply);
        });
    }
    std::vector<Entry> list(const std::string& prefix) {
        return ask<Listing>(*scheduler, [&](auto reply) { store->list({.prefix = prefix}, reply); })
            ->entries;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory_store, Stores)

BOOST_AUTO_TEST_CASE(one_name_is_one_store) {
    create("a", grant(10s).id);
    const auto same = shared_memory_store(scheduler, name);
    BOOST_TEST(to_integer(same->revision()) == 1);
    const auto other = shared_memory_store(scheduler, name + " other");
    BOOST_TEST(to_integer(other->revision()) == 0);
    BOOST_TEST(to_integer(make_memory_store(scheduler)->revision()) == 0);
}

BOOST_AUTO_TEST_CASE(entries_go_with_the_last_handle_of_a_name) {
    create("a", grant(10s).id);
    auto same = shared_memory_store(scheduler, name);
    store.reset();
    BOOST_TEST(to_integer(same->revision()) == 1);
    same.reset();
    store = shared_memory_store(scheduler, name);
    BOOST_TEST(list("a").empty());
    BOOST_TEST(to_integer(store->revision()) == 0);
}

BOOST_AUTO_TEST_CASE(keys_are_prefix_and_lease_in_hex) {
    LeaseId last{};
    for (int i = 0; i < 26; ++i)
        last = grant(10s).id;
    BOOST_TEST(create("billing/leader", last).key == "billing/leader/1a");
}

BOOST_AUTO_TEST_CASE(each_handle_hears_on_its_own_scheduler) {
    const auto elsewhere = make_virtual_scheduler();
    const auto other = shared_memory_store(elsewhere, name);
    int heard = 0;
    const auto watch = other->watch({WatchTarget::Scope::prefix, "a", {}},
                                    [&](const result<Change>&) { ++heard; });
    create("a", grant(10s).id);
    BOOST_TEST(heard == 0);
    elsewhere->run_for(0s);
    BOOST_TEST(heard == 1);
}

BOOST_AUTO_TEST_CASE(lease_ends_on_the_clock_that_renewed_it) {
    const auto elsewhere = make_virtual_scheduler();
    const auto other = shared_memory_store(elsewhere, name);
    const auto lease = grant(10s);
    create("a", lease.id);
    scheduler->run_for(9s);
    BOOST_TEST(ask<Lease>(*elsewhere, [&](auto reply) {
                   other->renew_lease(lease.id, reply);
               }).has_value());
    // The first clock has nothing to say about it any more.
    scheduler->run_for(1h);
    BOOST_TEST(list("a").size() == 1U);
    elsewhere->run_for(10s - 1ns);
    BOOST_TEST(list("a").size() == 1U);
    elsewhere->run_for(1ns);
    BOOST_TEST(list("a").empty());
}

BOOST_AUTO_TEST_CASE(lease_of_a_destroyed_handle_ends_on_the_clock_of_another) {
    auto elsewhere = make_virtual_scheduler();
    elsewhere->run_for(1h);
    auto other = shared_memory_store(elsewhere, name);
    const auto lease = ask<Lease>(*elsewhere, [&](auto reply) { other->grant_lease(10s, reply); });
    create("a", lease->id);
    elsewhere->run_for(4s);
    other.reset();
    elsewhere.reset();
    Duration at{};
    const Instant start = scheduler->now();
    const auto watch = store->watch({WatchTarget::Scope::prefix, "a", store->revision()},
                                    [&](const result<Change>&) { at = scheduler->now() - start; });
    scheduler->run_for(20s);
    BOOST_TEST((at == 6s));
}

BOOST_AUTO_TEST_CASE(expiry_is_seen_at_its_instant_and_also_without_timers) {
    const auto lease = grant(10s);
    create("a", lease.id);
    scheduler->run_for(10s - 1ns);
    BOOST_TEST(list("a").size() == 1U);
    scheduler->run_for(1ns);
    BOOST_TEST(to_integer(store->revision()) == 2);

    create("a", grant(10s).id);
    scheduler->jump(10s);
    // The timer has not run yet: the call itself notices.
    std::size_t size = 9;
    store->list({.prefix = "a"}, [&](result<Listing> listing) { size = listing->entries.size(); });
    BOOST_TEST(to_integer(store->revision()) == 4);
    scheduler->run_for(0s);
    BOOST_TEST(size == 0U);
}

BOOST_AUTO_TEST_CASE(entries_of_a_lease_vanish_in_one_revision) {
    const auto lease = grant(10s);
    for (const char* prefix : {"a", "b", "c"})
        create(prefix, lease.id);
    std::vector<Revision> heard;
    std::vector<std::unique_ptr<Watch>> watches;
    for (const char* prefix : {"a", "b", "c"}) {
        watches.push_back(
            store->watch({WatchTarget::Scope::prefix, prefix, store->revision()},
                         [&](result<Change> change) { heard.push_back(change->revision); }));
    }
    scheduler->run_for(10s);
    BOOST_TEST(heard == std::vector<Revision>(3, Revision{4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(renewals_leave_one_timer) {
    const auto lease = grant(10s);
    for (int i = 0; i < 100; ++i) {
        scheduler->run_for(1s);
        ask<Lease>(*scheduler, [&](auto reply) { store->renew_lease(lease.id, reply); });
        BOOST_TEST(scheduler->pending() == 1U);
    }
}

BOOST_AUTO_TEST_CASE(shorter_lease_moves_the_timer) {
    create("long", grant(1h).id);
    create("short", grant(1s).id);
    create("middle", grant(2s).id);
    scheduler->run_for(1s);
    BOOST_TEST(to_integer(store->revision()) == 4);
    scheduler->run_for(1s);
    BOOST_TEST(to_integer(store->revision()) == 5);
    scheduler->run_for(1h);
    BOOST_TEST(to_integer(store->revision()) == 6);
}

BOOST_AUTO_TEST_CASE(watch_from_the_beginning_tells_the_whole_story) {
    const auto lease = grant(10s);
    const auto entry = create("a", lease.id);
    ask<void>(*scheduler, [&](auto reply) { store->remove(entry, reply); });
    std::vector<Change::Kind> heard;
    const auto watch = store->watch({WatchTarget::Scope::key, entry.key, {}},
                                    [&](result<Change> change) { heard.push_back(change->kind); });
    scheduler->run_for(0s);
    BOOST_TEST((heard == std::vector{Change::Kind::created, Change::Kind::removed}));
}

BOOST_AUTO_TEST_CASE(compaction_forgets_up_to_its_revision_and_no_more) {
    const auto lease = grant(10s);
    auto entry = create("a", lease.id);
    for (const char* value : {"1", "2", "3"}) {
        ask<Revision>(*scheduler, [&](auto reply) { store->update(entry, value, reply); });
    }
    store->compact(Revision{2});
    const auto heard_after = [&](Revision after) {
        std::vector<result<Change>> heard;
        const auto watch =
            store->watch({WatchTarget::Scope::key, entry.key, after},
                         [&](result<Change> change) { heard.push_back(std::move(change)); });
        scheduler->run_for(0s);
        return heard;
    };
    BOOST_TEST(heard_after(Revision{2}).size() == 2U);
    const auto forgotten = heard_after(Revision{1});
    BOOST_REQUIRE(forgotten.size() == 1U);
    BOOST_TEST(forgotten.front().error().code == errc::compacted);
    // What never was can not be forgotten.
    store->compact(Revision{1000});
    BOOST_TEST(heard_after(Revision{4}).empty());
}

BOOST_AUTO_TEST_CASE(long_history_is_forgotten_by_itself) {
    const auto entry = create("a", grant(1h).id);
    for (int i = 0; i < 10'001; ++i)
        store->update(entry, std::to_string(i), [](const result<Revision>&) {});
    scheduler->run_for(0s);
    std::vector<result<Change>> heard;
    const auto watch =
        store->watch({WatchTarget::Scope::key, entry.key, {}},
                     [&](result<Change> change) { heard.push_back(std::move(change)); });
    scheduler->run_for(0s);
    BOOST_REQUIRE(heard.size() == 1U);
    BOOST_TEST(heard.front().error().code == errc::compacted);
}

// What a reply points at may die as soon as the store is gone. The reply gives the destructor
// every chance to return too early.
BOOST_AUTO_TEST_CASE(destructor_waits_for_the_reply_that_runs_elsewhere) {
    ThreadedFixture threads;
    std::atomic<bool> is_inside = false;
    std::atomic<bool> is_being_destroyed = false;
    std::atomic<bool> is_destroyed = false;
    std::atomic<bool> was_in_time = false;
    auto client = threads.open();
    client->list({.prefix = "a"}, [&](const result<Listing>&) {
        is_inside = true;
        is_inside.notify_all();
        is_being_destroyed.wait(false);
        for (int i = 0; i < 10'000; ++i)
            std::this_thread::yield();
        was_in_time = !is_destroyed;
    });
    // Not by run_until: this thread must not be the one that runs the reply.
    is_inside.wait(false);
    is_being_destroyed = true;
    is_being_destroyed.notify_all();
    client.reset();
    is_destroyed = true;
    BOOST_TEST(was_in_time.load());
}

BOOST_AUTO_TEST_CASE(enter_is_one_step) {
    const auto lease = grant(10s);
    create("a", grant(10s).id);
    store->enter({"a", "mine", lease.id}, [](const result<Standing>& standing) {
        BOOST_TEST(standing->own->value == "mine");
        BOOST_TEST(standing->own->created == standing->revision);
        BOOST_TEST(standing->first->created == standing->predecessor->created);
    });
    // One reply, though others change the line before it is delivered.
    store->revoke_lease(lease.id, [](const result<void>&) {});
    BOOST_TEST(scheduler->pending() == 3U);
    scheduler->run_for(0s);
}

BOOST_AUTO_TEST_CASE(guarded_put_is_told_to_watchers_and_spares_entries) {
    const auto entry = create("a", grant(10s).id);
    const auto other = create("a", grant(10s).id);
    const auto put = [&](const std::string& key, const std::string& value) {
        return ask<Revision>(*scheduler, [&](auto reply) {
            store->guarded_put({entry, key, value}, reply);
        });
    };
    std::vector<std::string> heard;
    const auto watch =
        store->watch({WatchTarget::Scope::key, "config", store->revision()},
                     [&](result<Change> change) { heard.push_back(change->entry.value); });
    BOOST_TEST(put("config", "one").has_value());
    BOOST_TEST(put("config", "two").has_value());
    BOOST_TEST((heard == std::vector<std::string>{"one", "two"}));
    BOOST_TEST(put(other.key, "stolen").error().code == errc::refused);
    BOOST_TEST(put("", "nowhere").error().code == errc::refused);
    BOOST_TEST(list("a").back().value == "value");
    // It outlives the lease of the leader who wrote it.
    scheduler->run_for(10s);
    BOOST_TEST(heard.size() == 2U);
}

BOOST_AUTO_TEST_CASE(nonsense_is_refused_with_words) {
    const auto lease = grant(10s).id;
    const auto expect = [](const auto& outcome) {
        BOOST_REQUIRE(outcome.has_error());
        BOOST_TEST(outcome.error().code == errc::refused);
        BOOST_TEST(!outcome.error().detail.empty());
    };
    for (const Duration ttl : {Duration(0s), Duration(-1s), Duration::max()})
        expect(ask<Lease>(*scheduler, [&](auto reply) { store->grant_lease(ttl, reply); }));
    expect(ask<Entry>(*scheduler, [&](auto reply) { store->create({"", "", lease}, reply); }));
    expect(ask<Listing>(*scheduler, [&](auto reply) { store->list({}, reply); }));
    expect(ask<Standing>(*scheduler, [&](auto reply) { store->standing("", {}, reply); }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
