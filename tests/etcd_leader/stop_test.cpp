// What the unit tests of the npm module etcd-leader check of its stop, by the same names. Theirs
// aborts requests; ours lets them end, drops their answers and undoes their effects.
#include <boost/test/unit_test.hpp>

#include "tests/etcd_leader/stand.hpp"

namespace tenure::testing {

using sim::Call;
using sim::Fate;

namespace {

/// A candidate on a store that keeps answers back.
struct Waiting {
    explicit Waiting(World& world, const std::string& held)
        : store(std::make_shared<SlowStore>(world.store)),
          election(world.scheduler, store,
                   foo({.candidate = "waiting", .ttl = 9s, .follow_leader = false})) {
        store->holds = held;
        election.on_elected([this](const Leadership&) { ++elected; });
        election.on_unelected([this](LossReason) { ++unelected; });
        election.on_error([this](error_code, std::string_view) { ++errors; });
    }
    std::shared_ptr<SlowStore> store;
    int elected = 0;
    int unelected = 0;
    int errors = 0;
    Election election;
};

/// Stops while an answer is under way, and lets that come afterwards. Nothing comes of it.
void check_stop_with_an_answer_under_way(World& world, Waiting& candidate) {
    BOOST_TEST_REQUIRE(candidate.store->held.size() == 1u);
    candidate.election.stop();
    BOOST_TEST(!candidate.election.is_leader());
    const auto renewals = candidate.store->count("renew_lease");
    const auto elected = candidate.elected;
    world.run_for(1ms);
    candidate.store->holds.clear();
    candidate.store->let_go();
    BOOST_TEST(world.run_until([&] { return !candidate.election.is_running(); }, 1s));
    BOOST_TEST(world.entries("/foo").empty());
    world.run_for(60s);
    BOOST_TEST(world.entries("/foo").empty());
    BOOST_TEST(candidate.store->count("renew_lease") == renewals);
    BOOST_TEST(candidate.elected == elected);
    BOOST_TEST(candidate.unelected == elected);
    BOOST_TEST(candidate.errors == 0);
    BOOST_TEST(world.scheduler->pending() == 0u);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(etcd_leader)
BOOST_AUTO_TEST_SUITE(on_stop)

BOOST_AUTO_TEST_CASE(should_no_op_on_unstarted_client) {
    World world;
    Candidate bar(world, "bar", foo());
    bar.election->stop();
    bool stopped = false;
    bar.election->async_stop([&] { stopped = true; });
    world.run_for(60s);
    BOOST_TEST(stopped);
    BOOST_TEST(bar.events.empty());
    BOOST_TEST(bar.line->calls() == 0u);
    bar.start();
    BOOST_TEST(world.run_until([&] { return bar.leads(); }, 1s));
}

// Theirs leaves the key behind when the store has made it by then.
BOOST_AUTO_TEST_CASE(should_abort_initial_create_request) {
    World world;
    Waiting candidate(world, "create");
    candidate.election.start();
    world.run_for(1ms);
    BOOST_TEST_REQUIRE(world.entries("/foo").size() == 1u);
    check_stop_with_an_answer_under_way(world, candidate);
}

BOOST_AUTO_TEST_CASE(should_abort_leader_check) {
    World world;
    Waiting candidate(world, "list");
    candidate.election.start();
    world.run_for(1ms);
    BOOST_TEST(candidate.store->count("create") == 1u);
    BOOST_TEST(!candidate.election.is_leader());
    check_stop_with_an_answer_under_way(world, candidate);
    BOOST_TEST(candidate.elected == 0);
}

BOOST_AUTO_TEST_CASE(should_abort_refresh_req) {
    World world;
    Waiting candidate(world, "renew_lease");
    candidate.election.start();
    world.run_for(3s);
    BOOST_TEST(candidate.elected == 1);
    check_stop_with_an_answer_under_way(world, candidate);
}

// Theirs says so before its key is gone. Ours runs until it is, and can be waited for.
BOOST_AUTO_TEST_CASE(should_indicate_is_running) {
    World world;
    Candidate bar(world, "bar", foo());
    bar.start();
    world.run_for(1s);
    bool stopped = false;
    bar.election->async_stop([&] {
        stopped = true;
        BOOST_TEST(world.store->entries("/foo").empty());
    });
    BOOST_TEST(bar.election->is_running());
    BOOST_TEST(world.run_until([&] { return !bar.election->is_running(); }, 1s));
    BOOST_TEST(world.store->entries("/foo").empty());
    BOOST_TEST(world.run_until([&] { return stopped; }, 1s));
}

// Theirs tries once. Ours tries until the lease is over, and says what fails.
BOOST_AUTO_TEST_CASE(gracefully_ignores_errors_deleting_membership_key) {
    for (const int failures : {3, 1000}) {
        World world;
        Candidate bar(world, "bar", foo({.ttl = 10s}));
        Calls calls(bar);
        calls.harm(Call::revoke_lease, Fate::unreachable, failures);
        bar.start();
        world.run_for(1s);
        bar.election->stop();
        BOOST_TEST(world.run_until([&] { return bar.count("error") == 3; }, 5s));
        BOOST_TEST(bar.events.back().find("giving back the lease") != std::string::npos);
        BOOST_TEST(world.entries("/foo").size() == 1u);
        BOOST_TEST(world.run_until([&] { return !bar.election->is_running(); }, 10s));
        BOOST_TEST(bar.count("unelected stopped") == 1u);
        if (failures > 3) world.run_for(1s);
        BOOST_TEST(world.entries("/foo").empty());
        BOOST_TEST((calls.count(Call::revoke_lease) > 4u) == (failures > 3));
    }
}

BOOST_AUTO_TEST_CASE(should_emit_unelected_event) {
    World world;
    Candidate bar(world, "bar", foo()), other(world, "other", foo());
    bar.start();
    world.run_for(1s);
    other.start();
    world.run_for(1s);
    std::size_t entries = 0;
    bar.election->on_unelected([&](LossReason why) {
        BOOST_TEST(why == LossReason::stopped);
        BOOST_TEST(!bar.leads());
        entries = world.store->entries("/foo").size();
    });
    bar.election->stop();
    BOOST_TEST(!bar.leads());
    world.run_for(1s);
    BOOST_TEST(entries == 2u);
    BOOST_TEST(bar.count("unelected") == 1u);
    // Who did not lead has nothing to lose.
    bar.start();
    world.run_for(1s);
    bar.election->stop();
    world.run_for(1s);
    BOOST_TEST(bar.count("unelected") == 1u);
    BOOST_TEST(other.leads());
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
