// What goes to the keys API, and what its answers are taken for.
#include <boost/test/unit_test.hpp>

#include "backends/etcd/v2/layout.hpp"
#include "backends/etcd/v2/messages.hpp"
#include "backends/etcd/v2/polled.hpp"

namespace tenure::test {
namespace {

using namespace etcd::detail;
using namespace etcd::detail::v2;
using namespace std::chrono_literals;

result<Answer> answer(unsigned status, const std::string& body, std::int64_t index = 0) {
    return decode(HttpAnswer{status, body, index});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(v2_codec)

BOOST_AUTO_TEST_CASE(a_condition_of_zero_can_not_be_made) {
    BOOST_CHECK_THROW(ModifiedIndex(0), std::invalid_argument);
    BOOST_CHECK_THROW(ModifiedIndex(-1), std::invalid_argument);
    BOOST_TEST(ModifiedIndex(7).value() == 7);
    // Nor read: an answer without it is none of etcd's.
    for (const char* node :
         {R"({"key":"/a","value":"b"})", R"({"key":"/a","dir":true})", R"({"dir":true})",
          R"({"key":"/a","modifiedIndex":-1,"createdIndex":4})",
          R"({"key":"/a","modifiedIndex":9223372036854775807,"createdIndex":4})",
          R"({"key":"/a","modifiedIndex":18446744073709551615,"createdIndex":4})"}) {
        const auto read = answer(200, R"({"action":"get","node":)" + std::string(node) + '}');
        BOOST_TEST_REQUIRE(read.has_error(), node);
        BOOST_TEST(read.error().code == errc::bad_answer);
    }
}

BOOST_AUTO_TEST_CASE(requests_are_spelled_as_etcd_wants_them) {
    const HttpQuestion create = ask_to_create("/a b/ü", "1+1=2 & 50%", 5s);
    BOOST_TEST((create.method == Method::post));
    BOOST_TEST(create.target == "/v2/keys/a%20b/%C3%BC");
    BOOST_TEST(create.body == "value=1%2B1%3D2%20%26%2050%25&ttl=5");
    BOOST_TEST(create.content_type == "application/x-www-form-urlencoded");
    BOOST_TEST(ask_to_read("/a").target == "/v2/keys/a?quorum=true&sorted=true");
    const HttpQuestion refresh = ask_to_refresh("/a", ModifiedIndex(9), 5s);
    BOOST_TEST((refresh.method == Method::put));
    BOOST_TEST(refresh.target == "/v2/keys/a?prevIndex=9");
    BOOST_TEST(refresh.body == "refresh=true&ttl=5");
    const HttpQuestion change = ask_to_change("/a", "b", ModifiedIndex(9), 5s);
    BOOST_TEST(change.target + ' ' + change.body == "/v2/keys/a?prevIndex=9 value=b&ttl=5");
    const HttpQuestion remove = ask_to_remove("/a", ModifiedIndex(9));
    BOOST_TEST((remove.method == Method::del));
    BOOST_TEST(remove.target == "/v2/keys/a?prevIndex=9");
    BOOST_TEST(ask_to_wait("/a", false, 12).target == "/v2/keys/a?wait=true&waitIndex=12");
    BOOST_TEST(ask_to_wait("/a", true, 12).target ==
               "/v2/keys/a?recursive=true&wait=true&waitIndex=12");
}

BOOST_AUTO_TEST_CASE(a_time_to_live_of_nothing_is_not_asked_for) {
    BOOST_CHECK_THROW(ask_to_create("/a", "b", 0s), std::invalid_argument);
    BOOST_CHECK_THROW(ask_to_refresh("/a", ModifiedIndex(1), -1s), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_directory_is_read) {
    const auto read = answer(200,
                             R"({"action":"get","node":{"key":"/e","dir":true,"nodes":[
        {"key":"/e/00000000000000000004","value":"a","expiration":"2026-01-01T00:00:00Z","ttl":9,
         "modifiedIndex":6,"createdIndex":4},
        {"key":"/e/sub","dir":true,"modifiedIndex":5,"createdIndex":5}],
        "modifiedIndex":4,"createdIndex":4}})",
                             17);
    BOOST_TEST_REQUIRE(read.has_value());
    BOOST_TEST(read->index == 17);
    BOOST_TEST(read->node.is_directory);
    BOOST_TEST_REQUIRE(read->children.size() == 2U);
    BOOST_TEST(read->children[0].value == "a");
    BOOST_TEST(read->children[0].created == 4);
    BOOST_TEST(read->children[0].modified == 6);
    BOOST_TEST(read->children[0].ttl == 9);
    BOOST_TEST(read->children[1].is_directory);
}

BOOST_AUTO_TEST_CASE(no_such_key_and_a_failed_condition_are_answers) {
    const auto absent =
        answer(404, R"({"errorCode":100,"message":"Key not found","cause":"/a","index":8})");
    BOOST_TEST((absent->outcome == Answer::Outcome::absent));
    BOOST_TEST(absent->index == 8);
    const auto changed =
        answer(412, R"({"errorCode":101,"message":"Compare failed","cause":"[1 != 9]","index":8})");
    BOOST_TEST((changed->outcome == Answer::Outcome::changed));
}

BOOST_AUTO_TEST_CASE(errors_are_of_the_kind_that_the_core_asks_about) {
    const auto code = [](unsigned status, int number) {
        return answer(status, R"({"message":"words","cause":"why","index":1,"errorCode":)" +
                                  std::to_string(number) + '}')
            .error();
    };
    BOOST_TEST(code(400, 401).code == errc::compacted);
    BOOST_CHECK(code(400, 400).code == condition::unavailable);
    BOOST_CHECK(code(403, 102).code == condition::refused);
    BOOST_CHECK(code(401, 110).code == condition::refused);
    BOOST_CHECK(code(400, 202).code == condition::refused);
    BOOST_CHECK(code(500, 300).code == condition::unavailable);
    BOOST_CHECK(code(503, 301).code == condition::unavailable);
    BOOST_TEST(code(403, 102).message() == "answered 'words' ('why'), etcd's error 102");
    BOOST_CHECK(answer(502, "<html>").error().code == condition::unavailable);
    BOOST_TEST(answer(200, "<html>").error().code == errc::bad_answer);
    BOOST_TEST(answer(200, "{}").error().code == errc::bad_answer);
}

BOOST_AUTO_TEST_CASE(an_api_that_is_switched_off_is_told_from_a_key_that_is_not_there) {
    const Error off = answer(404, "404 page not found\n").error();
    BOOST_CHECK(off.code == condition::refused);
    BOOST_TEST(off.message().find("--enable-v2=true") != std::string::npos);
    BOOST_TEST(off.message().find("3.6") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_that_etcd_would_take_for_others_are_refused) {
    BOOST_TEST(directory_of("a/b").value() == "/a/b");
    BOOST_TEST(directory_of("/a/b").value() == "/a/b");
    BOOST_TEST(directory_of("..a/.b").value() == "/..a/.b");
    for (const char* name : {"a/../b", "..", "a/.", "./a", "a//b", "a/", ""}) {
        const auto directory = directory_of(name);
        BOOST_TEST_CONTEXT(name) {
            BOOST_TEST_REQUIRE(directory.has_error());
            BOOST_TEST(directory.error().code == errc::refused);
        }
    }
}

BOOST_AUTO_TEST_CASE(only_in_order_keys_are_entries) {
    BOOST_TEST(number_of("/a", "/a/00000000000000000012") == 12);
    BOOST_TEST(number_of("/a", "/a/b/00000000000000000012") == 0);
    BOOST_TEST(number_of("/a", "/b/00000000000000000012") == 0);
    BOOST_TEST(number_of("/a", "/a/0000000000000000001x") == 0);
    BOOST_TEST(number_of("/a", "/a/12") == 0);
    BOOST_TEST(number_of("/a", "/a/99999999999999999999") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(v2_news)

namespace {

const std::string entry = "/e/00000000000000000004";

News news(const Polled& polled, const std::string& body) {
    return news_of(polled, answer(200, body).value());
}

std::string event(const std::string& action, const std::string& key, const std::string& value,
                  const std::string& previous = {}) {
    std::string text = R"({"action":")" + action + R"(","node":{"key":")" + key + '"';
    if (!value.empty()) text += R"(,"value":")" + value + '"';
    text += R"(,"modifiedIndex":9,"createdIndex":4})";
    if (!previous.empty()) {
        text += R"(,"prevNode":{"key":")" + key + R"(","value":")" + previous +
                R"(","modifiedIndex":4,"createdIndex":4})";
    }
    return text + '}';
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_renewal_by_setting_the_same_value_is_no_news) {
    const Polled key{.path = entry};
    BOOST_TEST(!news(key, event("compareAndSwap", entry, "a", "a")).change.has_value());
    const auto changed = news(key, event("compareAndSwap", entry, "b", "a"));
    BOOST_TEST_REQUIRE(changed.change.has_value());
    BOOST_TEST((changed.change->kind == Change::Kind::updated));
    BOOST_TEST(changed.change->entry.value == "b");
    BOOST_TEST(changed.change->entry.created == Revision{4});
    BOOST_TEST(changed.change->revision == Revision{9});
}

BOOST_AUTO_TEST_CASE(expiry_is_told_from_deletion) {
    const Polled key{.path = entry};
    for (const char* action : {"expire", "delete", "compareAndDelete"}) {
        const auto removed = news(key, event(action, entry, "", "a"));
        BOOST_TEST_REQUIRE(removed.change.has_value());
        BOOST_TEST((removed.change->kind == Change::Kind::removed));
        BOOST_TEST(removed.change->entry.value == "a");
        BOOST_TEST(removed.was_deleted == (std::string(action) != "expire"));
    }
}

BOOST_AUTO_TEST_CASE(a_directory_that_goes_takes_the_key_along) {
    const std::string gone =
        R"({"action":"delete","node":{"key":"/e","dir":true,"modifiedIndex":9,"createdIndex":4}})";
    const auto key = news({.path = entry}, gone);
    BOOST_TEST_REQUIRE(key.change.has_value());
    BOOST_TEST((key.change->kind == Change::Kind::removed));
    BOOST_TEST(key.change->entry.key == entry);
    const auto directory = news({.path = "/e", .is_directory = true}, gone);
    BOOST_TEST(directory.lost_track);
    BOOST_TEST(!news({.path = "/ee", .is_directory = true}, gone).lost_track);
}

BOOST_AUTO_TEST_CASE(a_directory_tells_of_its_entries_only) {
    const Polled directory{.path = "/e", .is_directory = true};
    const auto created =
        news(directory, R"({"action":"create","node":{"key":")" + entry +
                            R"(","value":"a","modifiedIndex":4,"createdIndex":4}})");
    BOOST_TEST_REQUIRE(created.change.has_value());
    BOOST_TEST((created.change->kind == Change::Kind::created));
    BOOST_TEST(!news(directory, event("create", "/e/sub/00000000000000000004", "a")).change);
    BOOST_TEST(!news(directory, event("set", "/e/config", "a")).change);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
