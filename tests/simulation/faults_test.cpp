// The faults that a test inflicts by itself: lines, the store's watches, programs; and what is
// refused.
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <optional>
#include <sstream>
#include <tenure/simulation.hpp>

namespace tenure::sim {
namespace {

using namespace std::chrono_literals;

/// What came of one request, or that nothing did.
template <class T>
struct Answer {
    std::optional<result<T>> got;
    Reply<T> reply() {
        return [this](result<T> outcome) { got = std::move(outcome); };
    }
    bool timed_out() const { return got && !*got && got->error().code == errc::timed_out; }
};

std::shared_ptr<Election> candidate(Node& node) {
    auto election = std::make_shared<Election>(
        node.scheduler(), node.store(),
        ElectionOptions{.election = "jobs", .candidate = node.name(), .ttl = 5s});
    node.follow(*election);
    election->start();
    return election;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_AUTO_TEST_CASE(a_request_is_lost_before_its_effect_and_a_reply_after) {
    for (const Direction lossy : {Direction::to_store, Direction::from_store}) {
        World world;
        const auto store = world.add_node("a").store();
        world.set_link("a", {.loss_per_mille = 1000}, lossy);
        Answer<Lease> lost;
        store->grant_lease(10s, lost.reply());
        world.run_for(5s);
        BOOST_TEST(lost.timed_out());
        world.set_link("a", {}, lossy);
        Answer<Lease> next;
        store->grant_lease(10s, next.reply());
        world.run_for(5s);
        BOOST_TEST_REQUIRE((next.got && *next.got));
        const std::int64_t expected = lossy == Direction::to_store ? 1 : 2;
        BOOST_TEST(to_integer((*next.got)->id) == expected);
    }
}

BOOST_AUTO_TEST_CASE(each_way_takes_its_own_time) {
    World world({.seed = 1, .link = {.latency = 10ms, .jitter = 0ms}});
    Node& node = world.add_node("a");
    world.set_link("a", {.latency = 300ms, .jitter = 0ms}, Direction::from_store);
    Answer<Lease> answer;
    const Instant before = node.now();
    node.store()->grant_lease(10s, answer.reply());
    BOOST_TEST(world.run_until([&] { return answer.got.has_value(); }, 5s));
    BOOST_TEST((node.now() - before == 310ms));
}

BOOST_AUTO_TEST_CASE(a_line_is_what_it_was_set_to_also_after_it_is_healed) {
    World world({.seed = 1, .link = {.jitter = 0ms}});
    Node& node = world.add_node("a");
    world.set_link("a", {.latency = 200ms, .jitter = 0ms});
    world.partition("a");
    world.heal();
    Answer<Lease> answer;
    const Instant before = node.now();
    node.store()->grant_lease(10s, answer.reply());
    BOOST_TEST(world.run_until([&] { return answer.got.has_value(); }, 5s));
    BOOST_TEST((node.now() - before == 400ms));
}

// So bad a line is no calm in which liveness could be asked for.
BOOST_AUTO_TEST_CASE(a_line_that_loses_everything_is_a_fault) {
    World world({.seed = 1, .patience = 15s});
    world.add_node("a", candidate);
    world.set_link("a", {.loss_per_mille = 1000});
    world.run_for(120s);
    world.set_link("a", {});
    BOOST_TEST(world.run_until([&] { return world.leader("jobs") == "a"; }, 15s));
}

BOOST_AUTO_TEST_CASE(a_watch_that_stalls_is_given_up_while_requests_are_answered) {
    World world;
    const auto store = world.add_node("a").store();
    Answer<Change> change;
    const auto watch =
        store->watch({WatchTarget::Scope::prefix, "jobs", Revision{}}, change.reply());
    world.run_for(1s);
    world.server().stall_watches();
    BOOST_TEST(world.server().is_up());
    Answer<Lease> lease;
    store->grant_lease(10s, lease.reply());
    world.run_for(1s);
    BOOST_TEST((lease.got && *lease.got));
    BOOST_TEST(!change.got.has_value());
    world.run_for(LinkOptions{}.silence);
    BOOST_TEST((change.got && !*change.got));
    world.server().resume_watches();
}

BOOST_AUTO_TEST_CASE(a_process_that_is_started_anew_is_still_cut_off) {
    World world;
    world.add_node("a", candidate);
    world.add_node("b", candidate);
    BOOST_TEST(world.run_until([&] { return !world.leader("jobs").empty(); }, 5s));
    const std::string first = world.leader("jobs");
    world.partition(first);
    world.crash(first);
    world.restart(first);
    world.run_for(30s);
    BOOST_TEST(world.leader("jobs") != first);
    BOOST_TEST(world.server().entries("jobs").size() == 1u);
    world.heal(first);
    BOOST_TEST(world.run_until([&] { return world.server().entries("jobs").size() == 2u; }, 15s));
}

BOOST_AUTO_TEST_CASE(who_asks_a_dead_process_hears_nothing) {
    World world;
    Node& node = world.add_node("a");
    world.crash("a");
    bool ran = false;
    node.scheduler()->post([&] { ran = true; });
    call_after(node.scheduler(), 1s, [&] { ran = true; });
    boost::asio::post(node.executor(), [&] { ran = true; });
    Answer<Lease> answer;
    node.store()->grant_lease(10s, answer.reply());
    world.run_for(10s);
    BOOST_TEST(!ran);
    BOOST_TEST(!answer.got.has_value());
}

BOOST_AUTO_TEST_CASE(a_program_that_throws_leaves_its_node_down) {
    World world;
    bool works = false;
    const auto program = [&](Node&) -> std::shared_ptr<void> {
        if (!works) throw std::runtime_error("no disk");
        return nullptr;
    };
    BOOST_CHECK_THROW(world.add_node("a", program), std::runtime_error);
    BOOST_TEST(!world.node("a").is_running());
    BOOST_CHECK_THROW(world.restart("a"), std::runtime_error);
    works = true;
    world.restart("a");
    BOOST_TEST(world.node("a").is_running());
}

BOOST_AUTO_TEST_CASE(when_the_chaos_is_over_it_touches_nothing_any_more) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        World world({.seed = seed});
        for (const std::string name : {"a", "b"})
            world.add_node(name, candidate);
        ChaosOptions faults = all_chaos();
        faults.lasting = 10s;
        world.chaos(faults);
        world.run_for(10s);
        world.partition("a");
        world.pause("b");
        world.server().stop();
        world.run_for(30s);
        BOOST_TEST(!world.node("b").is_running());
        BOOST_TEST(!world.server().is_up());
        world.server().start();
        world.resume("b");
        world.run_for(10s);
        for (const Entry& entry : world.server().entries("jobs"))
            BOOST_TEST(entry.value != "a");
    }
}

BOOST_AUTO_TEST_CASE(whoever_is_not_stopped_for_good_runs_when_the_chaos_is_over) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        World world({.seed = seed});
        for (const std::string name : {"a", "b", "c"})
            world.add_node(name, candidate);
        ChaosOptions faults;
        // Who waits finds out that its own entry was deleted when its turn comes.
        faults.deletions = 0;
        world.chaos(faults);
        world.run_for(90s);
        BOOST_TEST_INFO(seed);
        BOOST_TEST(!world.leader("jobs").empty());
        BOOST_TEST(world.server().entries("jobs").size() == 3u);
    }
}

BOOST_AUTO_TEST_CASE(a_promise_may_bring_another) {
    World world;
    int kept = 0;
    world.eventually(
        "first",
        [&] {
            for (int i = 0; i < 50; ++i)
                world.eventually(
                    "second", [&] { return ++kept > 0; }, 10s);
            return world.now() > 1s;
        },
        10s);
    world.at(2s, [] {});
    world.run_for(20s);
    BOOST_TEST(kept >= 50);
}

BOOST_AUTO_TEST_CASE(what_is_yours_is_never_tolerated) {
    World world;
    world.tolerate_violations();
    world.always("mine", [&] { return world.now() < 1s; });
    world.at(1s, [] {});
    BOOST_CHECK_THROW(world.run_for(5s), Violation);
}

BOOST_AUTO_TEST_CASE(a_violation_says_what_replays_it) {
    World world({.seed = 77});
    ChaosOptions faults = no_chaos();
    faults.pauses = 9;
    world.chaos(faults);
    world.always("never", [] { return false; });
    try {
        world.run_for(1s);
        BOOST_TEST(false, "nothing was thrown");
    } catch (const Violation& violation) {
        const std::string words = violation.what();
        BOOST_TEST(words.find("seed 77, and chaos of lasting=40000ms") != std::string::npos, words);
        BOOST_TEST(words.find(" pauses=9 ") != std::string::npos, words);
    }
}

BOOST_AUTO_TEST_CASE(a_scenario_names_the_command_that_plays_it) {
    const auto command = [](const ChaosOptions& faults) {
        return command_of({.seed = 5, .nodes = 3, .lasting = 20s, .faults = faults});
    };
    const std::string begin = "tenure simulate --seed 5 --nodes 3 --for 20000ms";
    BOOST_TEST(command(all_chaos()) == begin);
    BOOST_TEST(command(parse_faults("crashes,pauses")) == begin + " --faults pauses,crashes");
    ChaosOptions drifting = all_chaos();
    drifting.drift = 400'000;
    BOOST_TEST(command(drifting) == begin + " --drift 400000");
    drifting = parse_faults("crashes");
    drifting.drift = 7;
    BOOST_TEST(command(drifting) == begin + " --faults crashes,drift --drift 7");
    ChaosOptions odd = all_chaos();
    odd.gap = 7ms;
    BOOST_TEST(command(odd).starts_with(begin + ", with lasting="));
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_refused) {
    World world;
    world.add_node("a");
    using Refused = std::invalid_argument;
    BOOST_CHECK_THROW(world.set_link("a", {.latency = -1ms}), Refused);
    BOOST_CHECK_THROW(world.set_link("a", {.jitter = Duration::max()}), Refused);
    BOOST_CHECK_THROW(world.set_link("a", {.loss_per_mille = 1001}), Refused);
    BOOST_CHECK_THROW(world.set_link("a", {.time_out = 0s}), Refused);
    BOOST_CHECK_THROW(World({.link = {.latency = -1ms}}), Refused);
    BOOST_CHECK_THROW(world.set_clock_rate("a", -1'000'000), Refused);
    BOOST_CHECK_THROW(world.set_clock_rate("a", std::numeric_limits<std::int64_t>::max()), Refused);
    BOOST_CHECK_THROW(world.server().set_clock_rate(-2'000'000), Refused);
    BOOST_CHECK_THROW(world.suspend("a", -1s), Refused);
    BOOST_CHECK_THROW(world.run_for(-1s), Refused);
    BOOST_CHECK_THROW(world.at(1s, {}), Refused);
    BOOST_CHECK_THROW(world.always("x", {}), Refused);
    BOOST_CHECK_THROW(world.eventually("x", {}, 1s), Refused);
    BOOST_CHECK_THROW(static_cast<void>(world.leader("jobs")), Refused);
    world.at(1s, [&] { world.run_for(1s); });
    BOOST_CHECK_THROW(world.run_for(2s), std::logic_error);
}

BOOST_AUTO_TEST_CASE(the_end_of_time_is_far_and_not_past) {
    World world;
    bool ran = false;
    call_after(world.add_node("a").scheduler(), Duration::max(), [&] { ran = true; });
    world.eventually(
        "some_day", [] { return false; }, Duration::max());
    world.run_for(1h);
    BOOST_TEST(!ran);
    BOOST_TEST(world.run_until([&] { return world.now() == 1h; }, Duration::max()));
    const Timeline timeline = make_timeline(world.trace(), Duration::max());
    BOOST_TEST(!to_terminal(timeline, {}).empty());
    BOOST_TEST(!to_svg(timeline, "long").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::sim
