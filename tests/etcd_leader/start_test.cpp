// What the unit tests of the npm module etcd-leader check of its start, by the same names.
#include <boost/test/unit_test.hpp>
#include <type_traits>

#include "tests/etcd_leader/stand.hpp"

namespace tenure::testing {

using sim::Call;

BOOST_AUTO_TEST_SUITE(etcd_leader)
BOOST_AUTO_TEST_SUITE(on_start)

// Theirs returns itself, to be made and started in one line, and heard of only then. Ours returns
// nothing, and who connects after the start misses nothing either.
BOOST_AUTO_TEST_CASE(should_return_self) {
    static_assert(std::is_void_v<decltype(std::declval<Election&>().start())>);
    World world;
    Election election(world.scheduler, world.store, foo());
    election.start();
    int elected = 0;
    election.on_elected([&](const Leadership& leadership) {
        ++elected;
        BOOST_TEST((leadership == election.leadership()));
    });
    world.run_for(1s);
    BOOST_TEST(elected == 1);
}

BOOST_AUTO_TEST_CASE(should_indicate_is_running) {
    World world;
    Candidate bar(world, "bar", foo());
    BOOST_TEST(!bar.election->is_running());
    bar.start();
    BOOST_TEST(bar.election->is_running());
    world.run_for(100s);
    BOOST_TEST(bar.election->is_running());
}

BOOST_AUTO_TEST_CASE(should_ignore_multiple_calls) {
    World world;
    Candidate bar(world, "bar", foo());
    const Calls calls(bar);
    bar.start();
    bar.start();
    world.run_for(1s);
    bar.start();
    world.run_for(1s);
    BOOST_TEST(calls.count(Call::grant_lease) == 1u);
    BOOST_TEST(calls.count(Call::enter) == 1u);
    BOOST_TEST(world.entries("/foo").size() == 1u);
    BOOST_TEST(bar.count("elected") == 1u);
}

BOOST_AUTO_TEST_CASE(should_not_create_membership_key_until_next_tick) {
    World world;
    Candidate bar(world, "bar", foo({.ttl = 123s}));
    bar.start();
    BOOST_TEST(bar.line->calls() == 0u);
    world.run_for(0s);
    const auto entries = world.entries("/foo");
    BOOST_TEST_REQUIRE(entries.size() == 1u);
    BOOST_TEST(entries[0].key.starts_with("/foo/"));
    BOOST_TEST(entries[0].value == "bar");
    BOOST_TEST((bar.election->leadership().remaining() == 123s - 12300ms));
}

// Theirs asks nothing at all. Ours may have asked for a lease, and gives that back.
BOOST_AUTO_TEST_CASE(should_not_start_if_immediately_stopped) {
    World world;
    Candidate bar(world, "bar", foo());
    const Calls calls(bar);
    bar.start();
    bar.election->stop();
    world.run_for(1s);
    BOOST_TEST(calls.count(Call::enter) == 0u);
    BOOST_TEST(calls.count(Call::grant_lease) == calls.count(Call::revoke_lease));
    BOOST_TEST(world.entries("/foo").empty());
    BOOST_TEST(!bar.election->is_running());
    BOOST_TEST(bar.events.empty());
    BOOST_TEST(world.scheduler->pending() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
