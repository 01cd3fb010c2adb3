// The world by itself: its clocks, its lines, its processes, its store and its checker.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>
#include <tenure/simulation.hpp>

namespace tenure::sim {
namespace {

using namespace std::chrono_literals;

/// One election on a node, followed by the checker.
struct Candidate {
    explicit Candidate(Node& node)
        : election(node.scheduler(), node.store(),
                   {.election = "jobs", .candidate = node.name(), .ttl = 5s}) {
        node.follow(election);
        election.start();
    }
    Election election;
};

std::shared_ptr<void> candidate(Node& node) {
    return std::make_shared<Candidate>(node);
}

bool said(const World& world, const std::string& who, TraceEvent::Kind kind) {
    for (const TraceEvent& event : world.trace()) {
        if (event.who == who && event.kind == kind) return true;
    }
    return false;
}

bool leads(World& world, const std::string& who) {
    return world.leader("jobs") == who;
}

/// Two candidates, of whom `a` leads.
struct Pair {
    World world;
    Pair() {
        world.add_node("a", candidate);
        BOOST_TEST_REQUIRE(world.run_until([this] { return leads(world, "a"); }, 5s));
        world.add_node("b", candidate);
        world.run_for(1s);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(world)

BOOST_AUTO_TEST_CASE(a_seed_gives_the_same_trace_again) {
    const Outcome once = play({.seed = 7, .trace_messages = true});
    const Outcome again = play({.seed = 7, .trace_messages = true});
    BOOST_TEST(once.trace.size() > 500u);
    BOOST_TEST((once.trace == again.trace));
    BOOST_TEST(hash_of(once.trace) != hash_of(play({.seed = 8, .trace_messages = true}).trace));
}

// Elections that were given no seed of their own take the world's.
BOOST_AUTO_TEST_CASE(a_seed_decides_what_your_elections_draw) {
    const auto trace_of = [](std::uint64_t seed) {
        World world({.seed = seed});
        const auto program = [](Node& node) {
            auto election = std::make_shared<Election>(
                node.scheduler(), node.store(),
                ElectionOptions{.election = "jobs", .candidate = node.name()});
            node.follow(*election);
            election->start();
            return election;
        };
        world.add_node("a", program);
        world.add_node("b", program);
        world.run_for(5s);
        world.server().stop();
        world.run_for(30s);
        world.server().start();
        world.run_for(30s);
        return world.trace();
    };
    BOOST_TEST((trace_of(3) == trace_of(3)));
    BOOST_TEST(hash_of(trace_of(3)) != hash_of(trace_of(4)));
}

BOOST_AUTO_TEST_CASE(a_clock_keeps_its_own_rate_and_time) {
    World world;
    Node& fast = world.add_node("fast");
    Node& even = world.add_node("even");
    world.set_clock_rate("fast", 100'000);
    const Instant before_fast = fast.now();
    const Instant before_even = even.now();
    BOOST_TEST((before_fast != before_even));
    world.run_for(10s);
    BOOST_TEST((fast.now() - before_fast == 11s));
    BOOST_TEST((even.now() - before_even == 10s));
}

BOOST_AUTO_TEST_CASE(a_paused_process_runs_nothing_and_then_all_of_it) {
    World world;
    Node& node = world.add_node("a");
    std::vector<int> ran;
    call_after(node.scheduler(), 1s, [&] { ran.push_back(1); });
    call_after(node.scheduler(), 2s, [&] { ran.push_back(2); });
    world.pause("a");
    node.scheduler()->post([&] { ran.push_back(3); });
    world.run_for(10s);
    BOOST_TEST(ran.empty());
    world.resume("a");
    world.run_for(0s);
    BOOST_TEST((ran == std::vector<int>{3, 1, 2}));
}

BOOST_AUTO_TEST_CASE(a_machine_that_slept_finds_its_timers_overdue_within_a_second) {
    World world;
    Node& node = world.add_node("a");
    const Instant before = node.now();
    std::optional<Instant> rang;
    call_after(node.scheduler(), 1s, [&] { rang = node.now(); });
    world.suspend("a", 5s);
    world.run_for(10s);
    BOOST_TEST_REQUIRE(rang.has_value());
    BOOST_TEST((*rang >= before + 5s));
    BOOST_TEST((*rang <= before + 6s));
}

BOOST_AUTO_TEST_CASE(a_crashed_process_says_nothing_more_and_another_begins_anew) {
    Pair pair;
    pair.world.crash("a");
    BOOST_TEST(!pair.world.node("a").is_running());
    BOOST_TEST(pair.world.run_until([&] { return leads(pair.world, "b"); }, 10s));
    BOOST_TEST(!said(pair.world, "a", TraceEvent::Kind::unelected));
    pair.world.restart("a");
    BOOST_TEST(pair.world.run_until(
        [&] { return pair.world.server().entries("jobs").size() == 2u; }, 10s));
}

BOOST_AUTO_TEST_CASE(a_leader_that_is_cut_off_falls_before_another_rises) {
    for (const Direction direction :
         {Direction::both, Direction::to_store, Direction::from_store}) {
        Pair pair;
        pair.world.partition("a", direction);
        BOOST_TEST(pair.world.run_until([&] { return leads(pair.world, "b"); }, 15s));
        BOOST_TEST(said(pair.world, "a", TraceEvent::Kind::unelected));
        pair.world.heal("a");
        pair.world.run_for(60s);
    }
}

BOOST_AUTO_TEST_CASE(a_store_that_is_down_ends_leaderships_and_forgets_nothing) {
    Pair pair;
    pair.world.server().stop();
    pair.world.run_for(20s);
    BOOST_TEST(pair.world.leader("jobs").empty());
    BOOST_TEST(pair.world.server().entries("jobs").size() == 2u);
    pair.world.server().start();
    BOOST_TEST(pair.world.run_until([&] { return !pair.world.leader("jobs").empty(); }, 30s));
}

BOOST_AUTO_TEST_CASE(what_reaches_a_store_that_is_paused_is_handled_when_it_goes_on) {
    World world;
    Node& node = world.add_node("a");
    const auto store = node.store();
    world.server().pause();
    store->grant_lease(10s, [](auto) {});
    std::optional<errc> answer;
    store->list({.prefix = "jobs"}, [&](const result<Listing>& listing) {
        answer = listing ? errc{} : errc::timed_out;
    });
    world.run_for(5s);
    BOOST_TEST((answer == errc::timed_out));
    world.server().resume();
    bool held = false;
    store->grant_lease(10s, [&](const result<Lease>& lease) {
        // The one that had waited came first.
        held = lease && to_integer(lease->id) == 2;
    });
    world.run_for(1s);
    BOOST_TEST(held);
}

BOOST_AUTO_TEST_CASE(an_invariant_of_yours_is_held_against_every_step) {
    Pair pair;
    pair.world.always("b_never_leads", [&] { return !leads(pair.world, "b"); });
    pair.world.crash("a");
    try {
        pair.world.run_for(60s);
        BOOST_TEST(false, "nothing was thrown");
    } catch (const Violation& violation) {
        BOOST_TEST(violation.property() == "b_never_leads");
        BOOST_TEST(std::string(violation.what()).find("seed 1") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(what_has_to_come_and_does_not_is_a_violation) {
    World world;
    world.eventually(
        "pigs_fly", [] { return false; }, 10s);
    world.run_for(9s);
    BOOST_CHECK_THROW(world.run_for(2s), Violation);
    World other;
    int looked = 0;
    other.eventually(
        "soon", [&] { return ++looked > 1; }, 10s);
    other.run_for(60s);
    BOOST_TEST(looked >= 2);
}

BOOST_AUTO_TEST_CASE(names_that_are_taken_or_unknown_are_refused) {
    World world;
    world.add_node("a");
    BOOST_CHECK_THROW(world.add_node("a"), std::invalid_argument);
    BOOST_CHECK_THROW(world.add_node("store"), std::invalid_argument);
    BOOST_CHECK_THROW(world.add_node(""), std::invalid_argument);
    BOOST_CHECK_THROW(world.pause("b"), std::invalid_argument);
    BOOST_CHECK_THROW(parse_faults("crashes,locusts"), std::invalid_argument);
    BOOST_TEST(parse_faults("crashes").crashes == ChaosOptions{}.crashes);
    BOOST_TEST(parse_faults("crashes").pauses == 0u);
    BOOST_TEST((parse_faults("all") == all_chaos()));
    BOOST_TEST((parse_faults("none") == no_chaos()));
}

// A service that knows nothing but an executor keeps the node's time.
BOOST_AUTO_TEST_CASE(an_executor_brings_its_scheduler_and_runs_coroutines) {
    World world;
    Node& node = world.add_node("a");
    Election election(node.executor(), node.store(),
                      {.election = "jobs", .candidate = "a", .ttl = 5s});
    node.follow(election);
    std::vector<std::string> steps;
    boost::asio::co_spawn(
        node.executor(),
        [&]() -> boost::asio::awaitable<void> {
            election.start();
            const Leadership leadership =
                co_await election.async_wait_elected(boost::asio::use_awaitable);
            steps.push_back("elected");
            const Instant before = node.now();
            co_await async_sleep(node.scheduler(), 60s, boost::asio::use_awaitable);
            if (node.now() == before + 60s && leadership.valid()) steps.push_back("still leads");
            co_await election.async_stop(boost::asio::use_awaitable);
            steps.push_back("stopped");
        },
        boost::asio::detached);
    world.run_for(120s);
    BOOST_TEST(steps.size() == 3u);
    BOOST_TEST(!election.is_running());
    BOOST_TEST(world.server().entries("jobs").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::sim
