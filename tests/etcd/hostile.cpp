#include "tests/etcd/hostile.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

namespace tenure::test {

using namespace std::chrono_literals;

std::string good_listing() {
    if (is_over_v2()) {
        return R"({"action":"get","node":{"key":"/some","dir":true,"nodes":[)"
               R"({"key":"/some/00000000000000000004","value":"here","ttl":9,)"
               R"("modifiedIndex":4,"createdIndex":4}],"modifiedIndex":3,"createdIndex":3}})";
    }
    return R"({"header":{"revision":"7"},"succeeded":true,"responses":[{"response_range":)"
           R"({"count":"1","kvs":[{"key":"c29tZS83","value":"aGVyZQ==","create_revision":"4",)"
           R"("mod_revision":"4","lease":"7"}]}}]})";
}

std::string http(const std::string& body, const std::string& more_head,
                 const std::string& status_line) {
    return status_line +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n" + more_head + "\r\n" + body;
}

std::chrono::milliseconds time_for(const Hostile& hostile) {
    return hostile.error == errc::timed_out ? 300ms : 10s;
}

void check_error(const Hostile& hostile, const Error& error, const BadServer& server) {
    BOOST_TEST_INFO_SCOPE(error);
    BOOST_REQUIRE(hostile.error.has_value());
    BOOST_TEST(error.code == *hostile.error);
    BOOST_TEST(error.detail.starts_with(server.address() + ' '));
    BOOST_TEST(error.detail.find(hostile.words) != std::string::npos,
               "it does not say: " << hostile.words);
    BOOST_TEST(error.detail.size() < 400U);
    BOOST_TEST(std::ranges::none_of(error.detail, [](char c) { return c >= '\0' && c < ' '; }));
}

etcd::StoreOptions options_for(const BadServer& server, std::chrono::milliseconds time,
                               etcd::StreamKind streams) {
    etcd::StoreOptions options = etcd::parse_url(server.store_url());
    options.request_timeout = time;
    // On a busy machine an answer may take longer than a check: that would give the watch new time.
    options.watch_check = 60s;
    options.streams = streams;
    return options;
}

void list_from(const Hostile& hostile) {
    const BadServer server(Script{.unary = hostile.speech});
    Client client({server.address()}, time_for(hostile));
    const Inbox<Listing> listed;
    client.store().list({.prefix = "some"}, listed.reply());
    BOOST_REQUIRE(listed.wait(1, time_for(hostile) + hostile_slack));
    client.end();
    BOOST_TEST(listed.all().size() == 1U);
    const auto listing = listed.all().front();
    if (listing.has_error()) return check_error(hostile, listing.error(), server);
    BOOST_TEST(!hostile.error.has_value(), "it is taken for a good answer");
    BOOST_REQUIRE(listing->entries.size() == 1U);
    BOOST_TEST(listing->entries.front().value == "here");
}

void check_watch(const Hostile& hostile, const Script& script, etcd::StreamKind streams) {
    const BadServer server(script);
    constexpr int most_tries = 5;
    for (int tries = 1; tries <= most_tries; ++tries) {
        Client client(options_for(server, 300ms, streams));
        const auto watching = client.watch(WatchTarget::Scope::key, "some/7", Revision{4});
        BOOST_REQUIRE(watching.heard.wait(1, 300ms + hostile_slack));
        client.end();
        BOOST_TEST(watching.heard.all().size() == 1U);
        const auto heard = watching.heard.all().front();
        BOOST_REQUIRE_MESSAGE(heard.has_error(), "it is taken for a change");
        const bool is_in_midst =
            heard.error().code == errc::timed_out && hostile.error != errc::timed_out;
        if (is_in_midst && tries < most_tries) continue;
        return check_error(hostile, heard.error(), server);
    }
}

boost::test_tools::assertion_result runs_over_v2(boost::unit_test::test_unit_id) {
    return is_over_v2();
}

boost::test_tools::assertion_result runs_over_v3(boost::unit_test::test_unit_id) {
    return !is_over_v2();
}

}  // namespace tenure::test
