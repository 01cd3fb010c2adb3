// What the unit tests of the npm module etcd-leader check of its arguments, by the same names.
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <type_traits>

#include "tests/etcd_leader/stand.hpp"

namespace tenure::testing {
namespace {

std::string complaint(const ElectionOptions& options) {
    const World world;
    try {
        const Election election(world.scheduler, world.store, options);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

/// What is left of the lease as soon as it leads; no time has passed then.
Duration remaining_of(const ElectionOptions& options) {
    World world;
    Candidate bar(world, "bar", options);
    bar.start();
    BOOST_TEST_REQUIRE(world.run_until([&] { return bar.leads(); }, 0s));
    return bar.election->leadership().remaining();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(etcd_leader)

BOOST_AUTO_TEST_CASE(should_fail_if_no_etcd_client_provided) {
    const World world;
    BOOST_CHECK_EXCEPTION(Election(world.scheduler, nullptr, foo()), std::invalid_argument,
                          [](const std::invalid_argument& error) {
                              return std::string(error.what()).find("store: null") !=
                                     std::string::npos;
                          });
}

// Theirs is told of a missing key at run time; here that is one that was left empty.
BOOST_AUTO_TEST_CASE(should_fail_on_invalid_leader_key) {
    BOOST_TEST(complaint({.candidate = "bar"}) == "the election's name must not be empty");
    BOOST_TEST(complaint({.election = "/", .candidate = "bar"}) != "");
    BOOST_TEST(complaint({.election = "/foo", .candidate = "bar"}) == "");
}

BOOST_AUTO_TEST_CASE(should_fail_on_empty_leader_key) {
    BOOST_TEST(complaint({.election = " ", .candidate = "bar"}) ==
               "the election's name must not be blank");
}

BOOST_AUTO_TEST_CASE(should_fail_on_invalid_node_name) {
    BOOST_TEST(complaint({.election = "/foo"}) == "the candidate's name must not be empty");
}

BOOST_AUTO_TEST_CASE(should_fail_on_empty_node_name) {
    BOOST_TEST(complaint({.election = "/foo", .candidate = " "}) ==
               "the candidate's name must not be blank");
}

BOOST_AUTO_TEST_CASE(should_default_ttl) {
    BOOST_TEST((foo().ttl == 10s));
    BOOST_TEST((remaining_of(foo()) == 10s - 1s));
}

// Theirs makes a number of the text "123", and 10 of what is none. Here a TTL has a unit, and
// what has none does not compile.
BOOST_AUTO_TEST_CASE(should_coerce_ttl) {
    static_assert(!std::is_convertible_v<const char*, decltype(ElectionOptions::ttl)>);
    static_assert(!std::is_convertible_v<int, decltype(ElectionOptions::ttl)>);
    BOOST_TEST((remaining_of(foo({.ttl = 123s})) == 123s - 12300ms));
    BOOST_TEST((remaining_of(foo({.ttl = 2min})) == 120s - 12s));
    BOOST_TEST(complaint(foo({.ttl = 0s})) == "ttl must be positive, and is 0ms");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
