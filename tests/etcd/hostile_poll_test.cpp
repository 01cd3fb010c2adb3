// Hostile answers to the polls of the v2 keys API, while its other requests are answered well.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/etcd/hostile.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

std::string event(const std::string& more) {
    return R"({"action":"set","node":{"key":"/some/00000000000000000004",)" + more + "}}";
}

const Hostile bad_polls[] = {
    {"no_json", {http("well")}, errc::bad_answer, "answered 'well'"},
    {"nothing", {http("")}, errc::bad_answer, "ends each poll at once"},
    {"no_index", {http(event(R"("value":"x")"))}, errc::bad_answer, "has no index"},
    {"event_that_was_known",
     {http(event(R"("value":"x","createdIndex":4,"modifiedIndex":4)"))},
     errc::bad_answer,
     "answers a poll with what was known"},
    {"last_index_of_all",
     {http(event(R"("value":"x","createdIndex":4,"modifiedIndex":9223372036854775807)"))},
     errc::bad_answer,
     "counts up"},
    {"header_with_the_last_index_of_all",
     {http("", "X-Etcd-Index: 9223372036854775807\r\n")},
     errc::bad_answer,
     "ends each poll at once"},
    {"answer_to_a_request",
     {http(R"({"errorCode":100,"message":"Key not found","cause":"/some","index":5})", "",
           "HTTP/1.1 404 Not Found")},
     errc::bad_answer,
     "as if it had been a request"},
    {"history_is_gone",
     {http(R"({"errorCode":401,"message":"The event in requested index is outdated","index":5})",
           "", "HTTP/1.1 400 Bad Request")},
     errc::compacted,
     "outdated"},
    {"cut_in_the_body", {http(event("")).substr(0, 120), Then::close}, errc::unreachable, "broke"},
    {"no_http", {"SSH-2.0-OpenSSH_9.2p1\r\n"}, errc::bad_answer, "not HTTP"},
    {"redirect", {http("", "Location: /x\r\n", "HTTP/1.1 307 Moved")}, errc::bad_answer, ""},
    {"endless",
     {"HTTP/1.1 200 OK\r\n\r\n", Then::repeat, std::string(65536, ' ')},
     errc::bad_answer,
     "without an end"},
};

}  // namespace

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(hostile_polls, *boost::unit_test::precondition(runs_over_v2))

BOOST_DATA_TEST_CASE(bad_poll_fails_a_watch, data::make(bad_polls), hostile) {
    check_watch(hostile, {.unary = {http(good_listing())}, .stream = hostile.speech});
}

// etcd sends the head of a poll at once, and the rest when something happens: it may come slowly.
BOOST_AUTO_TEST_CASE(slow_poll_is_waited_for) {
    const std::string change =
        http(event(R"("value":"new","createdIndex":4,"modifiedIndex":9)"), "", "");
    const BadServer server(
        Script{.unary = {http(good_listing())}, .stream = {"HTTP/1.1 200 OK", Then::drip, change}});
    Client client({server.address()}, 300ms);
    const auto watching =
        client.watch(WatchTarget::Scope::key, "some/00000000000000000004", Revision{4});
    BOOST_REQUIRE(watching.heard.wait(1, 30s));
    BOOST_TEST(describe(watching.heard.all()).starts_with("updated 'new'"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
