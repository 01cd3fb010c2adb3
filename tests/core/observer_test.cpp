// Following an election without standing.
#include <boost/test/unit_test.hpp>

#include "tests/core/fixture.hpp"

namespace tenure::testing {
namespace {

struct Watcher {
    explicit Watcher(World& world)
        : line(sim::make_faulty_store(world.scheduler, world.store, 1s)),
          observer(std::in_place, world.scheduler, line,
                   ObserverOptions{.election = "jobs", .request_timeout = 2s, .seed = 1}) {
        observer->on_leader([this](const std::optional<Leader>& who) {
            heard.push_back(who ? who->candidate : "-");
        });
        observer->on_error([this](error_code, std::string_view) { ++errors; });
        observer->start();
    }
    std::shared_ptr<sim::FaultyStore> line;
    std::optional<Observer> observer;
    Strings heard;
    int errors = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(observer)

BOOST_AUTO_TEST_CASE(it_says_nobody_when_there_never_was_a_leader) {
    World world;
    Watcher watcher(world);
    world.run_for(1s);
    BOOST_TEST(watcher.heard == Strings{"-"});
}

BOOST_AUTO_TEST_CASE(it_follows_from_leader_to_leader_to_nobody) {
    World world;
    Watcher watcher(world);
    Candidate a(world, "a"), b(world, "b");
    line_up(world, {&a, &b});
    a.election->stop();
    world.run_for(1s);
    b.election->proclaim("b2");
    world.run_for(1s);
    BOOST_TEST(watcher.observer->current_leader()->candidate == "b2");
    BOOST_TEST((watcher.observer->current_leader()->token == b.election->leadership().token()));
    b.election->stop();
    world.run_for(1s);
    BOOST_TEST(watcher.heard == (Strings{"-", "a", "b", "b2", "-"}));
}

BOOST_AUTO_TEST_CASE(each_change_costs_one_read_and_one_watch) {
    World world;
    Candidate a(world, "a"), b(world, "b");
    line_up(world, {&a, &b});
    Watcher watcher(world);
    world.run_for(60s);
    BOOST_TEST(watcher.line->calls() == 2);
    a.election->resign();
    world.run_for(60s);
    BOOST_TEST(watcher.line->calls() == 4);
}

BOOST_AUTO_TEST_CASE(an_outage_is_said_and_survived) {
    World world;
    Watcher watcher(world);
    Candidate a(world, "a"), b(world, "b");
    line_up(world, {&a, &b});
    watcher.line->cut();
    a.election->stop();
    world.run_for(30s);
    BOOST_TEST(watcher.errors > 0);
    BOOST_TEST(watcher.heard.back() == "a");
    watcher.line->mend();
    BOOST_TEST(world.run_until([&] { return watcher.heard.back() == "b"; }, 10s));
}

BOOST_AUTO_TEST_CASE(lost_history_is_read_again) {
    World world;
    Candidate a(world, "a"), b(world, "b");
    line_up(world, {&a, &b});
    Watcher watcher(world);
    world.run_for(1s);
    watcher.line->cut();
    world.run_for(3s);
    b.election->proclaim("b2");
    world.run_for(1s);
    world.store->compact(world.store->revision());
    watcher.line->mend();
    a.election->stop();
    BOOST_TEST(world.run_until([&] { return watcher.heard.back() == "b2"; }, 10s));
}

BOOST_AUTO_TEST_CASE(it_stops_and_starts_again) {
    World world;
    Watcher watcher(world);
    world.run_for(1s);
    watcher.observer->stop();
    world.run_for(1s);
    const auto calls = watcher.line->calls();
    Candidate a(world, "a");
    line_up(world, {&a});
    world.run_for(10s);
    BOOST_TEST(watcher.line->calls() == calls);
    watcher.observer->start();
    world.run_for(1s);
    BOOST_TEST(watcher.heard == (Strings{"-", "a"}));
    watcher.observer.reset();
    a.election.reset();
    world.run_for(30s);
    BOOST_TEST(world.scheduler->pending() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
