// One session, one name, one candidacy at a time.
#include <boost/test/unit_test.hpp>
#include <optional>

#include "tests/core/fixture.hpp"

namespace tenure::testing {
namespace {

struct Shared {
    World world;
    Session session{world.scheduler, world.store, {.ttl = 9s, .seed = 1}};

    CandidacyOptions options() const { return {.election = "jobs", .candidate = "a"}; }
    bool leads(const std::optional<Election>& election) {
        return world.run_until([&] { return election->is_leader(); }, 5s);
    }
    /// Of a leader that was destroyed while its work goes on.
    Leadership::Hold work_of_a_destroyed_leader() {
        std::optional<Election> first(std::in_place, session, options());
        first->start();
        BOOST_TEST_REQUIRE(leads(first));
        token = first->leadership().token();
        return first->leadership().hold();
    }
    std::int64_t token = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(places)

BOOST_AUTO_TEST_CASE(two_candidates_of_one_name_on_one_session_are_refused) {
    Shared shared;
    std::optional<Election> first(std::in_place, shared.session, shared.options());
    BOOST_CHECK_EXCEPTION(Election(shared.session, shared.options()), std::invalid_argument,
                          [](const std::invalid_argument& error) {
                              return std::string(error.what()) ==
                                     "election 'jobs': this session has a candidate in it already";
                          });
    Election other(shared.session, {.election = "mail", .candidate = "a"});
    first.reset();
    const Election again(shared.session, shared.options());
}

// Led by the entry of the first, the second would have its token, and nothing could tell the two
// apart.
BOOST_AUTO_TEST_CASE(who_comes_after_a_destroyed_leader_waits_for_its_work) {
    Shared shared;
    auto hold = shared.work_of_a_destroyed_leader();
    std::optional<Election> second(std::in_place, shared.session, shared.options());
    second->start();
    BOOST_TEST(second->is_running());
    for (int step = 0; step < 20; ++step) {
        shared.world.run_for(100ms);
        BOOST_TEST(!second->is_leader());
        BOOST_TEST(shared.world.entries().size() == 1u);
    }
    hold.reset();
    BOOST_TEST(shared.leads(second));
    BOOST_TEST(second->leadership().token() > shared.token);
}

BOOST_AUTO_TEST_CASE(who_stops_while_it_waits_never_enters) {
    Shared shared;
    auto hold = shared.work_of_a_destroyed_leader();
    std::optional<Election> second(std::in_place, shared.session, shared.options());
    second->start();
    shared.world.run_for(1s);
    bool stopped = false;
    second->async_stop([&] { stopped = true; });
    shared.world.run_for(1s);
    BOOST_TEST(stopped);
    BOOST_TEST(!second->is_running());
    hold.reset();
    shared.world.run_for(10s);
    BOOST_TEST(shared.world.entries().empty());
    second->start();
    BOOST_TEST(shared.leads(second));
}

BOOST_AUTO_TEST_CASE(who_waited_does_not_set_a_session_going_again) {
    Shared shared;
    auto hold = shared.work_of_a_destroyed_leader();
    Election second(shared.session, shared.options());
    second.start();
    shared.world.run_for(1s);
    bool stopped = false;
    shared.session.async_stop([&] { stopped = true; });
    hold.reset();
    shared.world.run_for(30s);
    BOOST_TEST(stopped);
    BOOST_TEST(!shared.session.is_running());
    BOOST_TEST(!second.is_leader());
    BOOST_TEST(shared.world.entries().empty());
}

BOOST_AUTO_TEST_CASE(several_that_were_destroyed_in_turn_leave_the_place_to_the_last) {
    Shared shared;
    std::optional<Election> election(std::in_place, shared.session, shared.options());
    election->start();
    BOOST_TEST_REQUIRE(shared.leads(election));
    auto hold = election->leadership().hold();
    for (int round = 0; round < 3; ++round) {
        election.emplace(shared.session, shared.options());
        election->start();
        shared.world.run_for(100ms);
        BOOST_TEST(!election->is_leader());
    }
    hold.reset();
    BOOST_TEST(shared.leads(election));
    BOOST_TEST(shared.world.entries().size() == 1u);
}

// Found by a seed: the place was left again, for the candidacy was idle until then.
BOOST_AUTO_TEST_CASE(a_start_that_finds_an_earlier_stop_overdue_has_the_place) {
    World world;
    auto line = sim::make_faulty_store(world.scheduler, world.store, 1s);
    Session session(world.scheduler, line, {.ttl = 9s, .seed = 1});
    const CandidacyOptions options{.election = "jobs", .candidate = "a"};
    std::optional<Election> first(std::in_place, session, options);
    first->start();
    BOOST_TEST_REQUIRE(world.run_until([&] { return first->is_leader(); }, 5s));
    line->cut();
    first->stop();
    world.run_for(10ms);
    first->start();
    world.scheduler->jump(60s);
    line->mend();
    BOOST_TEST_REQUIRE(world.run_until([&] { return first->is_leader(); }, 30s));
    const auto hold = first->leadership().hold();
    first.reset();
    Election second(session, options);
    second.start();
    world.run_for(1s);
    BOOST_TEST(!second.is_leader());
    BOOST_TEST(world.entries().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
