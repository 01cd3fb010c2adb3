// One session that carries many elections.
#include <boost/test/unit_test.hpp>

#include "tests/core/fixture.hpp"

namespace tenure::testing {

BOOST_AUTO_TEST_SUITE(session)

BOOST_AUTO_TEST_CASE(many_elections_cost_the_renewals_of_one) {
    const auto renewals_with = [](std::size_t elections) {
        World world;
        auto line = sim::make_faulty_store(world.scheduler, world.store, 1s);
        Session session(world.scheduler, line, {.ttl = 9s, .seed = 1});
        std::vector<std::unique_ptr<Election>> all;
        for (std::size_t i = 0; i < elections; ++i) {
            all.push_back(std::make_unique<Election>(
                session, CandidacyOptions{.election = "e" + std::to_string(i), .candidate = "a"}));
            all.back()->start();
        }
        world.run_for(1s);
        for (const auto& election : all)
            BOOST_TEST_REQUIRE(election->is_leader());
        const auto before = line->calls();
        world.run_for(90s);
        return line->calls() - before;
    };
    const auto one = renewals_with(1);
    BOOST_TEST(one == 30);
    BOOST_TEST(renewals_with(200) == one);
}

BOOST_AUTO_TEST_CASE(losing_the_lease_ends_every_leadership_on_it) {
    World world;
    Session session(world.scheduler, world.store, {.ttl = 9s, .seed = 1});
    Election x(session, {.election = "x", .candidate = "a"});
    Election y(session, {.election = "y", .candidate = "a"});
    std::vector<std::string> events;
    session.on_lost(
        [&](LossReason why) { events.push_back("lost " + std::string(to_string(why))); });
    session.on_granted([&](const Lease&) { events.push_back("granted"); });
    for (Election* election : {&x, &y}) {
        election->on_unelected(
            [&](LossReason why) { events.push_back("unelected " + std::string(to_string(why))); });
        election->start();
    }
    BOOST_TEST(world.run_until([&] { return x.is_leader() && y.is_leader(); }, 5s));
    const Leadership first = x.leadership();
    world.revoke(session.lease()->id);
    BOOST_TEST(world.run_until([&] { return !x.is_leader() && !y.is_leader(); }, 1s));
    BOOST_TEST(world.run_until([&] { return x.is_leader() && y.is_leader(); }, 5s));
    BOOST_TEST(std::ranges::count(events, "unelected session_lost") == 2);
    BOOST_TEST(std::ranges::count(events, "lost session_lost") == 1);
    BOOST_TEST(std::ranges::count(events, "granted") == 2);
    BOOST_TEST(x.leadership().token() > first.token());
    BOOST_TEST(!first.valid());
}

BOOST_AUTO_TEST_CASE(stopping_the_session_ends_leaderships_before_the_lease_goes) {
    World world;
    Session session(world.scheduler, world.store, {.ttl = 9s, .seed = 1});
    Election x(session, {.election = "x", .candidate = "a"});
    std::vector<std::string> events;
    x.on_unelected([&](LossReason why) { events.push_back(std::string(to_string(why))); });
    x.start();
    BOOST_TEST(world.run_until([&] { return x.is_leader(); }, 5s));
    auto hold = x.leadership().hold();
    bool stopped = false;
    session.async_stop([&] { stopped = true; });
    world.run_for(2s);
    BOOST_TEST(events == Strings{"stopped"});
    BOOST_TEST(!stopped);
    BOOST_TEST(world.entries("x").size() == 1);
    hold.reset();
    BOOST_TEST(world.run_until([&] { return stopped; }, 1s));
    BOOST_TEST(world.entries("x").empty());
    BOOST_TEST(!session.is_running());
    // The election stands again once the session does.
    session.start();
    BOOST_TEST(world.run_until([&] { return x.is_leader(); }, 5s));
}

BOOST_AUTO_TEST_CASE(an_election_may_outlive_its_session) {
    World world;
    auto session = std::make_optional<Session>(world.scheduler, world.store,
                                               SessionOptions{.ttl = 9s, .seed = 1});
    Election x(*session, {.election = "x", .candidate = "a"});
    std::vector<std::string> events;
    x.on_unelected([&](LossReason why) { events.push_back(std::string(to_string(why))); });
    x.start();
    BOOST_TEST(world.run_until([&] { return x.is_leader(); }, 5s));
    session.reset();
    world.run_for(30s);
    BOOST_TEST(events == Strings{"stopped"});
    BOOST_TEST(!x.is_running());
    BOOST_TEST(world.entries("x").empty());
    BOOST_TEST(world.scheduler->pending() == 0);
}

BOOST_AUTO_TEST_CASE(one_election_leaves_and_the_session_lives_on) {
    World world;
    Session session(world.scheduler, world.store, {.ttl = 9s, .seed = 1});
    auto x =
        std::make_optional<Election>(session, CandidacyOptions{.election = "x", .candidate = "a"});
    Election y(session, {.election = "y", .candidate = "a"});
    x->start();
    y.start();
    BOOST_TEST(world.run_until([&] { return x->is_leader() && y.is_leader(); }, 5s));
    x.reset();
    world.run_for(1s);
    BOOST_TEST(world.entries("x").empty());
    BOOST_TEST(y.is_leader());
}

// The machine sleeps while the stop is under way and the start waits for its turn: the start is
// then handled before the timers that are overdue.
BOOST_AUTO_TEST_CASE(a_start_that_finds_the_stop_overdue_starts_everything) {
    World world;
    auto line = sim::make_faulty_store(world.scheduler, world.store, 1s);
    Session session(world.scheduler, line, {.ttl = 9s, .seed = 1});
    Election shared(session, {.election = "shared", .candidate = "a"});
    Election own(world.scheduler, line,
                 {.election = "own", .candidate = "a", .ttl = 9s, .seed = 1});
    Leadership::Hold hold;
    own.on_elected([&](const Leadership& leadership) { hold = leadership.hold(); });
    for (Election* election : {&shared, &own})
        election->start();
    BOOST_TEST(world.run_until([&] { return shared.is_leader() && own.is_leader(); }, 5s));
    line->cut();
    for (Election* election : {&shared, &own})
        election->stop();
    world.run_for(10ms);
    for (Election* election : {&shared, &own})
        election->start();
    world.scheduler->jump(60s);
    line->mend();
    for (Election* election : {&shared, &own}) {
        BOOST_TEST(world.run_until([&] { return election->is_leader(); }, 30s), election->name());
        world.run_for(1s);
        const Leader us{"a", election->leadership().token()};
        BOOST_TEST((election->current_leader() == us), election->name());
    }
    std::vector<std::string> heard;
    for (Election* election : {&shared, &own}) {
        election->on_leader([&, election](const auto&) { heard.push_back(election->name()); });
        world.delete_entry(election->leadership().entry());
        world.run_for(10s);
    }
    // The follower runs again as well, and hears of the next leadership.
    BOOST_TEST(std::ranges::count(heard, "shared") >= 1);
    BOOST_TEST(std::ranges::count(heard, "own") >= 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
