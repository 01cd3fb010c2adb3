// What the unit tests of the npm module etcd-leader check of a running candidate, by the same
// names. Where theirs stops for good after an error, ours tells it, asks again, and goes on.
#include <boost/test/unit_test.hpp>

#include "tests/etcd_leader/stand.hpp"

namespace tenure::testing {

using sim::Call;
using sim::Fate;

namespace {

/// Whether so many errors were told, each with what was being done.
bool told(const Candidate& candidate, std::size_t times, const std::string& doing) {
    std::size_t count = 0;
    for (const auto& event : candidate.events) {
        if (event.starts_with("error ") && event.find(doing) != std::string::npos) ++count;
    }
    return count == times;
}

/// For the tests that count watches: the election makes none but its own.
const ElectionOptions alone{.follow_leader = false};

}  // namespace

BOOST_AUTO_TEST_SUITE(etcd_leader)
BOOST_AUTO_TEST_SUITE(when_running)

BOOST_AUTO_TEST_CASE(should_handle_failures_in_creating_membership_key) {
    for (const Fate fate :
         {Fate::unreachable, Fate::refuse, Fate::lose_request, Fate::lose_reply}) {
        // The line says at once what fails, or a second later.
        const bool at_once = fate == Fate::unreachable || fate == Fate::refuse;
        World world;
        Candidate bar(world, "bar");
        Calls calls(bar);
        calls.harm(Call::enter, fate, 3);
        bar.start();
        BOOST_TEST(world.run_until([&] { return told(bar, 3, "entering"); }, at_once ? 1s : 5s));
        BOOST_TEST(bar.election->is_running());
        BOOST_TEST(world.run_until([&] { return bar.leads(); }, 5s));
        BOOST_TEST(calls.count(Call::enter) == 4u);
        BOOST_TEST(world.entries().size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(should_check_for_leader_after_creating_membership_key) {
    World world;
    Candidate first(world, "first");
    line_up(world, {&first});
    const auto store = std::make_shared<SlowStore>(world.store);
    store->holds = "list";
    Election second(world.scheduler, store,
                    {.election = "jobs", .candidate = "second", .follow_leader = false});
    second.start();
    world.run_for(100ms);
    BOOST_TEST(store->asked == (Strings{"grant_lease", "create", "list"}));
    // The one ahead goes before the answer is there: what that says is out of date.
    first.election->stop();
    world.run_for(100ms);
    BOOST_TEST(world.entries().size() == 1u);
    BOOST_TEST(!second.is_leader());
    store->holds.clear();
    store->let_go();
    BOOST_TEST(world.run_until([&] { return second.is_leader(); }, 1s));
    BOOST_TEST(store->count("create") == 1u);
}

BOOST_AUTO_TEST_CASE(should_handle_failure_when_checking_for_leader) {
    World world;
    Candidate first(world, "first"), bar(world, "bar");
    line_up(world, {&first, &bar});
    Calls calls(bar);
    calls.harm(Call::standing, Fate::unreachable, 3);
    first.election->stop();
    BOOST_TEST(world.run_until([&] { return told(bar, 3, "reading the line"); }, 10s));
    BOOST_TEST(!bar.leads());
    BOOST_TEST(bar.election->is_running());
    BOOST_TEST(world.run_until([&] { return bar.leads(); }, 10s));
}

// Theirs sets its key anew at half of the TTL, and wakes the one behind each time. Ours renews its
// lease at a third, and nobody hears of it.
BOOST_AUTO_TEST_CASE(should_begin_refreshing_membership_key_regularly) {
    World world;
    Candidate bar(world, "bar", {.ttl = 9s}), behind(world, "behind", {.ttl = 90s});
    const Calls calls(bar);
    bar.start();
    world.run_for(0s);
    behind.start();
    world.run_for(2999ms);
    BOOST_TEST(calls.count(Call::renew_lease) == 0u);
    const auto asked_behind = behind.line->calls();
    for (std::size_t i = 1; i <= 6; ++i) {
        world.run_for(1ms);
        BOOST_TEST(calls.count(Call::renew_lease) == i);
        BOOST_TEST((bar.election->leadership().remaining() == 9s - 900ms));
        world.run_for(2999ms);
        BOOST_TEST(calls.count(Call::renew_lease) == i);
    }
    BOOST_TEST(bar.turns().size() == 1u);
    BOOST_TEST(behind.line->calls() == asked_behind);
}

BOOST_AUTO_TEST_CASE(should_handle_errors_when_refreshing_membership_key) {
    World world;
    Candidate bar(world, "bar", {.ttl = 10s});
    line_up(world, {&bar});
    Calls calls(bar);
    calls.harm(Call::renew_lease, Fate::unreachable, 3);
    BOOST_TEST(world.run_until([&] { return told(bar, 3, "renewing the lease"); }, 9s));
    BOOST_TEST(bar.leads());
    world.run_for(60s);
    BOOST_TEST(bar.leads());
    BOOST_TEST(bar.turns().size() == 1u);
    BOOST_TEST(bar.election->is_running());
}

BOOST_AUTO_TEST_CASE(should_handle_being_elected) {
    World world;
    Candidate bar(world, "bar");
    bar.start();
    BOOST_TEST(world.run_until([&] { return bar.count("elected") == 1; }, 1s));
    BOOST_TEST(bar.leads());
    BOOST_TEST(bar.election->leadership().token() == to_integer(world.entries().at(0).created));
    world.run_for(60s);
    BOOST_TEST(bar.turns().size() == 1u);
}

// Theirs gives up with "Couldn't find own membership in list". Ours goes to the tail of the line.
BOOST_AUTO_TEST_CASE(should_handle_weirdness_checking_election) {
    World world;
    Candidate first(world, "first"), bar(world, "bar"), last(world, "last");
    line_up(world, {&first, &bar, &last});
    const Entry lost = world.entries().at(1);
    world.delete_entry(lost);
    first.election->stop();
    BOOST_TEST(world.run_until([&] { return last.leads(); }, 1s));
    BOOST_TEST(world.wait_for_entries(2));
    BOOST_TEST(world.entries().at(1).value == "bar");
    BOOST_TEST(bar.turns().empty());
    last.election->stop();
    BOOST_TEST(world.run_until([&] { return bar.leads(); }, 1s));
    BOOST_TEST(bar.election->leadership().token() > to_integer(lost.created));
    BOOST_TEST(bar.count("error") == 0u);
}

BOOST_AUTO_TEST_CASE(should_handle_losing_election) {
    World world;
    Candidate bar(world, "bar");
    line_up(world, {&bar});
    const auto token = bar.election->leadership().token();
    world.delete_entry(world.entries().at(0));
    BOOST_TEST(world.run_until([&] { return bar.count("unelected entry_removed") == 1; }, 1s));
    BOOST_TEST(bar.election->is_running());
    BOOST_TEST(world.run_until([&] { return bar.leads(); }, 1s));
    BOOST_TEST(bar.election->leadership().token() > token);
}

// Theirs waits for a TTL from the last answer, which may be after the key is gone. Ours counts from
// when it asked, and takes a margin off.
BOOST_AUTO_TEST_CASE(should_handle_refresh_timeouts) {
    World world;
    const auto store = std::make_shared<SlowStore>(world.store);
    Election bar(world.scheduler, store, {.election = "jobs", .candidate = "bar", .ttl = 9s});
    Candidate next(world, "next", {.ttl = 9s});
    std::vector<LossReason> reasons;
    bar.on_unelected([&](LossReason why) {
        reasons.push_back(why);
        BOOST_TEST(!next.leads());
    });
    store->holds = "renew_lease";
    bar.start();
    world.run_for(0s);
    next.start();
    // The renewal of 3 s is answered at 5 s, and no other is.
    world.run_for(5s);
    BOOST_TEST_REQUIRE(store->held.size() == 1u);
    store->let_go();
    world.run_for(3s + 9s - 900ms - 5s - 1ms);
    BOOST_TEST(bar.is_leader());
    BOOST_TEST(store->count("renew_lease") > 2u);
    world.run_for(1ms);
    BOOST_TEST(!bar.is_leader());
    BOOST_TEST(reasons == std::vector{LossReason::lease_elapsed}, boost::test_tools::per_element());
    BOOST_TEST(bar.is_running());
    store->holds.clear();
    BOOST_TEST(world.run_until([&] { return next.leads(); }, 10s));
    BOOST_TEST(world.wait_for_entries(2));
}

// In theirs this is the watch on the own key. Ours opens it again, and leads on.
BOOST_AUTO_TEST_CASE(should_handle_errors_when_watching_preceeding_member) {
    World world;
    Candidate bar(world, "bar", alone);
    Calls calls(bar);
    calls.harm(Call::watch, Fate::unreachable, 3);
    bar.start();
    BOOST_TEST(world.run_until([&] { return told(bar, 3, "watching the own entry"); }, 10s));
    BOOST_TEST(bar.leads());
    BOOST_TEST(world.run_until([&] { return calls.count(Call::watch) == 4; }, 10s));
    world.run_for(60s);
    BOOST_TEST(calls.count(Call::watch) == 4u);
    BOOST_TEST(bar.turns().size() == 1u);
    world.delete_entry(world.entries().at(0));
    BOOST_TEST(world.run_until([&] { return bar.count("unelected entry_removed") == 1; }, 1s));
}

BOOST_AUTO_TEST_CASE(should_handle_errors_when_watching_preceeding_member_2) {
    World world;
    Candidate first(world, "first"), bar(world, "bar", alone);
    line_up(world, {&first});
    Calls calls(bar);
    calls.harm(Call::watch, Fate::unreachable, 3);
    bar.start();
    BOOST_TEST(world.run_until([&] { return told(bar, 3, "watching the candidate ahead"); }, 10s));
    BOOST_TEST(bar.election->is_running());
    BOOST_TEST(world.run_until([&] { return calls.count(Call::watch) == 4; }, 10s));
    world.run_for(60s);
    BOOST_TEST(bar.turns().empty());
    first.election->stop();
    BOOST_TEST(world.run_until([&] { return bar.leads(); }, 1s));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
