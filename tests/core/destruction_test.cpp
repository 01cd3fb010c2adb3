// Everything may be destroyed in every phase, in any order, with requests in flight: nothing of
// it runs afterwards, and no entry or lease stays behind.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/core/fixture.hpp"

namespace tenure::testing {
namespace {

/// Runs so many tasks and no more: each number is another phase.
void run_tasks(World& world, int tasks) {
    int left = tasks;
    world.run_until([&] { return left-- <= 0; }, 4s);
}

/// What is left must end by itself, within the lease.
void expect_silence(World& world) {
    world.run_for(30s);
    BOOST_TEST(world.entries("jobs").empty());
    BOOST_TEST(world.scheduler->pending() == 0);
}

}  // namespace

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(destruction)

BOOST_DATA_TEST_CASE(of_an_election_after_any_number_of_steps, data::xrange(0, 60), tasks) {
    World world;
    {
        Candidate a(world, "a");
        a.election->async_wait_elected([](error_code, Leadership) {});
        a.start();
        run_tasks(world, tasks);
    }
    expect_silence(world);
}

BOOST_DATA_TEST_CASE(of_an_election_after_any_number_of_steps_of_its_stop, data::xrange(0, 40),
                     tasks) {
    World world;
    bool stopped = false;
    {
        Candidate a(world, "a");
        line_up(world, {&a});
        a.election->async_stop([&] { stopped = true; });
        run_tasks(world, tasks);
    }
    expect_silence(world);
    BOOST_TEST(stopped);
}

// The start is on its way when the stop says that it is done.
BOOST_AUTO_TEST_CASE(of_an_election_that_was_started_again_in_the_same_breath) {
    World world;
    {
        Candidate a(world, "a");
        line_up(world, {&a});
        a.election->async_stop([&] {
            a.election->start();
            a.election->async_stop([&] { a.election.reset(); });
        });
        bool done = false;
        a.election->async_stop([&] { done = true; });
        BOOST_TEST(world.run_until([&] { return done; }, 30s));
        BOOST_TEST(world.run_until([&] { return !a.election.has_value(); }, 30s));
    }
    {
        Candidate b(world, "b");
        line_up(world, {&b});
        b.election->async_stop([&] {
            b.election->start();
            b.election.reset();
        });
        BOOST_TEST(world.run_until([&] { return !b.election.has_value(); }, 30s));
    }
    expect_silence(world);
}

BOOST_DATA_TEST_CASE(of_a_leader_that_is_cut_off, data::xrange(0, 60), tasks) {
    World world;
    {
        Candidate a(world, "a", {.ttl = 3s}), b(world, "b", {.ttl = 3s});
        line_up(world, {&a, &b});
        a.line->cut();
        run_tasks(world, tasks);
    }
    expect_silence(world);
}

BOOST_DATA_TEST_CASE(of_session_elections_and_store_in_any_order,
                     data::xrange(0, 50) * data::xrange(0, 6), tasks, order) {
    World world;
    auto line = sim::make_faulty_store(world.scheduler, world.store, 1s);
    auto session =
        std::make_unique<Session>(world.scheduler, line, SessionOptions{.ttl = 5s, .seed = 1});
    auto x = std::make_unique<Election>(*session,
                                        CandidacyOptions{.election = "jobs", .candidate = "x"});
    auto observer = std::make_unique<Observer>(world.scheduler, line,
                                               ObserverOptions{.election = "jobs", .seed = 1});
    x->start();
    observer->start();
    run_tasks(world, tasks);
    const int steps[6][4] = {{0, 1, 2, 3}, {1, 0, 3, 2}, {2, 0, 1, 3},
                             {3, 2, 1, 0}, {1, 2, 0, 3}, {2, 3, 1, 0}};
    for (const int what : steps[order]) {
        if (what == 0) session.reset();
        if (what == 1) x.reset();
        if (what == 2) observer.reset();
        if (what == 3) line.reset();
        run_tasks(world, 1);
    }
    expect_silence(world);
}

BOOST_DATA_TEST_CASE(of_everything_with_the_scheduler_never_run_again, data::xrange(0, 60), tasks) {
    World world;
    Leadership kept;
    {
        Candidate a(world, "a"), b(world, "b");
        a.start();
        b.start();
        run_tasks(world, tasks);
        kept = a.election->leadership();
    }
    // Only the checks of the sanitizers remain: the world drops what waits.
    BOOST_TEST(!kept.valid());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
