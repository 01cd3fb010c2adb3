// The contract of the events: their order, and what a handler may do.
#include <boost/asio/any_completion_handler.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "tests/core/fixture.hpp"

namespace tenure::testing {

BOOST_AUTO_TEST_SUITE(events)

BOOST_AUTO_TEST_CASE(everyone_hears_who_leads_the_leader_too) {
    World world;
    Candidate a(world, "a"), b(world, "b");
    line_up(world, {&a, &b});
    BOOST_TEST(a.count("leader a") == 1);
    BOOST_TEST(b.count("leader a") == 1);
    a.election->stop();
    world.run_for(1s);
    BOOST_TEST(b.count("leader b") == 1);
    BOOST_TEST(b.election->current_leader()->candidate == "b");
}

// The pause may come at any step of whatever is going on: here the leader hears of its own new
// value, which would be said as "leader".
BOOST_DATA_TEST_CASE(a_paused_leader_says_unelected_before_anything_else,
                     boost::unit_test::data::xrange(0, 40), tasks) {
    World world;
    Candidate a(world, "a", {.ttl = 10s}), b(world, "b");
    line_up(world, {&a, &b});
    a.election->proclaim("a2");
    int left = tasks;
    world.run_until([&] { return left-- <= 0; }, 0s);
    a.events.clear();
    // Both sleep; the store's timers are as late as theirs, and all comes at once afterwards.
    world.scheduler->jump(25s);
    world.run_for(20s);
    BOOST_TEST(a.events.front() == "unelected lease_elapsed");
}

// The reason is asked for in vain, and meanwhile the successor is seen.
BOOST_AUTO_TEST_CASE(a_deposed_leader_hears_of_its_successor_after_its_own_end) {
    World world;
    Candidate a(world, "a", {.ttl = 10s}), b(world, "b");
    line_up(world, {&a, &b});
    a.line->set_fate([](sim::Call call, std::uint64_t) {
        return call == sim::Call::renew_lease ? sim::Fate::lose_request : sim::Fate::pass;
    });
    a.events.clear();
    world.delete_entry(world.entries().at(0));
    world.run_for(500ms);
    BOOST_TEST(b.leads());
    BOOST_TEST(a.election->current_leader()->candidate == "b");
    BOOST_TEST(a.events.empty());
    world.run_for(1s);
    BOOST_TEST_REQUIRE(a.events.size() >= 2);
    BOOST_TEST(a.events[0] == "unelected entry_removed");
    BOOST_TEST(a.events[1] == "leader b");
    BOOST_TEST(a.count("leader") == 1);
}

BOOST_AUTO_TEST_CASE(an_empty_line_is_heard_of_after_the_own_end) {
    World world;
    Candidate a(world, "a", {.ttl = 10s, .rejoin = false});
    line_up(world, {&a});
    a.line->set_fate([](sim::Call call, std::uint64_t) {
        return call == sim::Call::renew_lease ? sim::Fate::lose_request : sim::Fate::pass;
    });
    a.events.clear();
    world.delete_entry(world.entries().at(0));
    world.run_for(500ms);
    BOOST_TEST(a.events.empty());
    world.run_for(1s);
    BOOST_TEST(a.events.front() == "unelected entry_removed");
}

BOOST_DATA_TEST_CASE(who_has_stopped_does_not_hear_of_itself, boost::unit_test::data::xrange(0, 30),
                     tasks) {
    World world;
    Candidate a(world, "a", {.ttl = 10s});
    line_up(world, {&a});
    // Its entry stands until the work lets go.
    auto hold = a.election->leadership().hold();
    a.election->proclaim("a2");
    int left = tasks;
    world.run_until([&] { return left-- <= 0; }, 0s);
    a.election->stop();
    world.run_for(1s);
    BOOST_TEST(a.count("unelected stopped") == 1);
    BOOST_TEST(a.events.back() == "unelected stopped");
    hold.reset();
    world.run_for(1s);
    BOOST_TEST(world.entries().empty());
}

BOOST_AUTO_TEST_CASE(a_leadership_that_is_over_before_it_is_told_is_not_told) {
    World world;
    Candidate a(world, "a", {.ttl = 10s});
    a.start();
    // The entry is made, and the answer on its way, when the machine falls asleep.
    BOOST_TEST(world.run_until([&] { return a.leads(); }, 5s));
    BOOST_TEST(a.turns().empty());
    const auto token = a.election->leadership().token();
    world.scheduler->jump(60s);
    BOOST_TEST(world.run_until([&] { return a.count("elected") == 1; }, 30s));
    BOOST_TEST(a.turns() == Strings{"elected " + std::to_string(a.election->leadership().token())});
    BOOST_TEST(a.election->leadership().token() > token);
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_starves_no_other) {
    World world;
    Candidate a(world, "a");
    int after = 0;
    a.election->on_elected([](const Leadership&) { throw std::runtime_error("mine"); });
    a.election->on_elected([&](const Leadership&) { ++after; });
    a.election->on_unelected([](LossReason) { throw 42; });
    a.election->on_unelected([&](LossReason) { ++after; });
    a.election->on_error([](error_code, std::string_view) { throw std::runtime_error("again"); });
    a.start();
    BOOST_TEST(world.run_until([&] { return a.count("error") == 1; }, 5s));
    BOOST_TEST(a.events.back().find("'elected'") != std::string::npos);
    a.election->stop();
    BOOST_TEST(world.run_until([&] { return !a.election->is_running(); }, 5s));
    BOOST_TEST(after == 2);
    BOOST_TEST(world.entries().empty());
}

BOOST_AUTO_TEST_CASE(a_handler_may_stop_the_election) {
    World world;
    Candidate a(world, "a");
    a.election->on_elected([&](const Leadership& leadership) {
        a.election->stop();
        BOOST_TEST(!leadership.valid());
    });
    a.start();
    BOOST_TEST(world.run_until([&] { return a.count("unelected stopped") == 1; }, 5s));
    world.run_for(1s);
    BOOST_TEST(!a.election->is_running());
}

BOOST_AUTO_TEST_CASE(a_handler_may_resign_and_proclaim) {
    World world;
    Candidate a(world, "a"), b(world, "b");
    int rounds = 0;
    for (Candidate* candidate : {&a, &b}) {
        candidate->election->on_elected([&, candidate](const Leadership&) {
            candidate->election->proclaim("round " + std::to_string(++rounds));
            candidate->election->resign();
        });
    }
    a.start();
    b.start();
    BOOST_TEST(world.run_until([&] { return rounds >= 20; }, 60s));
    BOOST_TEST(a.count("elected") >= 5);
    BOOST_TEST(b.count("elected") >= 5);
}

BOOST_AUTO_TEST_CASE(a_handler_may_destroy_the_election) {
    World world;
    Candidate a(world, "a");
    int later = 0;
    a.election->on_elected([&](const Leadership&) { a.election.reset(); });
    a.election->on_elected([&](const Leadership&) { ++later; });
    a.start();
    BOOST_TEST(world.run_until([&] { return !a.election.has_value(); }, 5s));
    BOOST_TEST(later == 0);
    world.run_for(30s);
    BOOST_TEST(world.entries().empty());
    BOOST_TEST(world.scheduler->pending() == 0);
}

BOOST_AUTO_TEST_CASE(nobody_is_told_of_twice) {
    World world;
    Candidate a(world, "a"), b(world, "b");
    line_up(world, {&a, &b});
    world.run_for(300s);
    BOOST_TEST(a.turns().size() == 1);
    BOOST_TEST(a.count("leader") == 2);
    BOOST_TEST(a.events.size() == 3);
    BOOST_TEST(b.events == Strings{"leader a"});
}

BOOST_AUTO_TEST_CASE(without_following_nobody_is_told_and_nothing_is_read) {
    World world;
    Candidate a(world, "a", {.follow_leader = false});
    Candidate b(world, "b", {.follow_leader = false});
    line_up(world, {&a, &b});
    BOOST_TEST(a.count("leader") + b.count("leader") == 0);
    BOOST_TEST(a.election->current_leader()->candidate == "a");
    BOOST_TEST(!b.election->current_leader().has_value());
}

BOOST_AUTO_TEST_CASE(who_waits_for_the_election_is_told_of_it_or_of_the_stop) {
    World world;
    Candidate a(world, "a"), b(world, "b");
    std::vector<std::string> told;
    const auto waiter = [&](const std::string& who) {
        return [&, who](error_code code, Leadership leadership) {
            told.push_back(who + (code                 ? " " + code.message()
                                  : leadership.valid() ? " leads"
                                                       : "?"));
        };
    };
    a.election->async_wait_elected(waiter("a"));
    b.election->async_wait_elected(waiter("b"));
    line_up(world, {&a, &b});
    BOOST_TEST(told == Strings{"a leads"});
    a.election->async_wait_elected(waiter("a again"));
    world.run_for(1ms);
    BOOST_TEST(told.back() == "a again leads");
    bool stopped = false;
    b.election->async_stop([&] { stopped = true; });
    BOOST_TEST(world.run_until([&] { return stopped; }, 5s));
    BOOST_TEST(told.back() == "b stopped before it was done");
    BOOST_TEST(world.entries().size() == 1);
    BOOST_TEST(!b.election->is_running());
    stopped = false;
    b.election->async_stop([&] { stopped = true; });
    BOOST_TEST(world.run_until([&] { return stopped; }, 5s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
