// Answers in good HTTP whose JSON is none, or none of etcd's, or holds what nothing can be done
// with.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/etcd/hostile.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

const std::string not_etcd = "which is not etcd's: ";

std::string nested(const std::string& open, const std::string& close, std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i)
        text += open;
    for (std::size_t i = 0; i < depth; ++i)
        text += close;
    return text;
}

Hostile bad(const std::string& name, const std::string& body, const std::string& words = {}) {
    return {name, {http(body)}, errc::bad_answer, not_etcd + words};
}

// The good answer with one part of it replaced.
std::string listing_but(const std::string& part, const std::string& replacement) {
    std::string body = good_listing();
    const auto at = body.find(part);
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, part);
    return body.replace(at, part.size(), replacement);
}

// Wrong wherever it stands, for both APIs.
std::vector<Hostile> what_is_no_json() {
    const std::string good = good_listing();
    return {
        bad("no_json", "well"),
        bad("cut_json", good.substr(0, good.size() - 1)),
        bad("two_texts", good + good),
        bad("deep_arrays", nested("[", "]", 100'000), "too deep"),
        bad("deep_objects", nested("{\"header\":", "}", 100'000), "too deep"),
        bad("just_deep_enough_to_be_refused", nested("[", "]", 33), "too deep"),
        bad("array", "[" + good + "]", "an object is expected"),
        bad("text", "\"header\"", "an object is expected"),
        bad("null", "null", "an object is expected"),
        bad("nothing_in_it", "{}", "a part is missing"),
        bad("not_utf8", "{\"x\":\"\xff\xfe\"," + good.substr(1)),
        bad("half_a_character", "{\"x\":\"\xe2\x82\"," + good.substr(1)),
        bad("surrogate_in_utf8", "{\"x\":\"\xed\xa0\x80\"," + good.substr(1)),
        bad("half_a_surrogate", R"({"x":"\ud800",)" + good.substr(1)),
        bad("null_character", std::string("{\0}", 3)),
        bad("utf16", std::string("{\0\"\0x\0", 6)),
        bad("byte_order_mark", "\xef\xbb\xbf" + good),
        bad("comment", "/* */" + good),
        bad("single_quotes", "{'header':{}}"),
        bad("control_characters_are_not_printed", "{\"\x1b[2J\x07\":1}"),
    };
}

std::vector<Hostile> what_v3_does_not_say() {
    const auto numbered = [](const std::string& number) {
        return listing_but(R"("revision":"7")", "\"revision\":" + number);
    };
    const std::string create = R"("create_revision":"4")";
    return {
        bad("revision_of_text", numbered("\"seven\""), "a number is expected"),
        bad("revision_of_nothing", numbered("\"\""), "a number is expected"),
        bad("revision_with_a_blank", numbered("\" 7\""), "a number is expected"),
        bad("revision_with_a_point", numbered("7.5"), "a number is expected"),
        bad("revision_beyond_64_bits", numbered("\"99999999999999999999\""),
            "a number is expected"),
        bad("revision_beyond_63_bits", numbered("18446744073709551615"), "a number is expected"),
        bad("revision_beyond_all_bounds", numbered("1e999"), "a number is expected"),
        bad("last_revision_of_all", numbered("\"9223372036854775807\""), "a number that counts up"),
        bad("negative_revision", numbered("-1"), "a number that counts up"),
        bad("revision_of_null", numbered("null"), "a number is expected"),
        bad("revision_of_an_object", numbered("{}"), "a number is expected"),
        bad("negative_creation", listing_but(create, R"("create_revision":"-4")"),
            "a number that counts up"),
        bad("header_of_another_type", listing_but(R"({"revision":"7"})", "7"),
            "an object is expected"),
        bad("success_in_words", listing_but(R"("succeeded":true)", R"("succeeded":"true")"),
            "true or false is expected"),
        bad("responses_of_another_type", R"({"header":{},"succeeded":true,"responses":{}})",
            "an array is expected"),
        bad("response_of_another_type", R"({"header":{},"succeeded":true,"responses":[7]})",
            "an object is expected"),
        bad("key_of_a_number", listing_but(R"("c29tZS83")", "7"), "a text is expected"),
        bad("key_that_is_no_base64", listing_but("c29tZS83", "c29t*S83"), "base64 is expected"),
        bad("key_of_cut_base64", listing_but("c29tZS83", "c29tZS8"), "base64 is expected"),
        bad("value_of_base64_for_urls", listing_but("aGVyZQ==", "_-__"), "base64 is expected"),
        bad("value_with_loose_bits", listing_but("aGVyZQ==", "aGVyZR=="), "base64 is expected"),
        {"too_few_responses",
         {http(R"({"header":{},"succeeded":true})")},
         errc::bad_answer,
         "left out parts"},
        {"too_many_responses",
         {http(R"({"header":{},"succeeded":true,"responses":[{},{}]})")},
         errc::bad_answer,
         "left out parts"},
        {"condition_that_was_not_asked_for",
         {http(listing_but(R"("succeeded":true,)", ""))},
         errc::bad_answer,
         "left out parts"},
    };
}

std::vector<Hostile> what_v2_does_not_say() {
    const std::string index = R"("modifiedIndex":4)";
    return {
        bad("index_of_text", listing_but(index, R"("modifiedIndex":"four")"),
            "a number is expected"),
        bad("no_index", listing_but("," + index, ""), "a key has no index"),
        bad("negative_index", listing_but(index, R"("modifiedIndex":-4)"),
            "a number that counts up"),
        bad("last_index_of_all", listing_but(index, R"("modifiedIndex":9223372036854775807)"),
            "a number that counts up"),
        bad("index_beyond_63_bits", listing_but(index, R"("modifiedIndex":18446744073709551615)"),
            "a number is expected"),
        bad("nodes_of_another_type", listing_but(R"("nodes":[)", R"("nodes":7,"x":[)"),
            "an array is expected"),
        bad("key_of_a_number", listing_but(R"("/some/00000000000000000004")", "4"),
            "a text is expected"),
        bad("the_root", R"({"action":"get","node":{"dir":true}})", "a key has no index"),
        bad("directory_of_a_number", listing_but(R"("dir":true)", R"("dir":1)"),
            "true or false is expected"),
        bad("error_without_a_number", R"({"errorCode":"x","message":"y"})", "a number is expected"),
    };
}

}  // namespace

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(hostile_json)

BOOST_DATA_TEST_CASE(what_is_no_json_is_quoted, data::make(what_is_no_json()), hostile) {
    list_from(hostile);
}

BOOST_AUTO_TEST_CASE(what_etcd_does_not_say_is_quoted) {
    for (const Hostile& hostile : is_over_v2() ? what_v2_does_not_say() : what_v3_does_not_say()) {
        BOOST_TEST_CONTEXT(hostile) {
            list_from(hostile);
        }
    }
}

// A page of a hundred thousand small things is no attack on anybody's memory, and a good listing
// may be that large.
BOOST_AUTO_TEST_CASE(large_listing_is_read) {
    const std::string body = "{\"x\":[" + [] {
        std::string many;
        for (int i = 0; i < 100'000; ++i)
            many += "{},";
        return many;
    }() + "{}]," + good_listing().substr(1);
    list_from({"a_hundred_thousand_objects", {http(body)}});
}

// The question was for a key; a directory, of which only the root has no index, must not come out
// as an exception.
BOOST_AUTO_TEST_CASE(root_in_place_of_a_key_removes_nothing) {
    const BadServer server(Script{.unary = {http(R"({"action":"get","node":{"dir":true}})")}});
    Client client({server.address()}, 10s);
    const auto removed = client.ask<void>([](KeyStore& store, auto reply) {
        store.remove(Entry{"some/00000000000000000004", "here", {}, Revision{4}}, reply);
    });
    BOOST_TEST_REQUIRE(removed.has_error());
    BOOST_TEST(removed.error().code == errc::bad_answer);
}

// Each answers a grant and the questions for the version and the members alike.
BOOST_AUTO_TEST_CASE(margin_is_wide_unless_the_version_is_known_to_be_good,
                     *boost::unit_test::precondition(runs_over_v3)) {
    const auto margin_by = [](const std::string& more) {
        const BadServer server(
            Script{.unary = {http(R"({"header":{},"ID":"7","TTL":"60")" + more + '}')}});
        return Client({server.address()}, 10s).grant(60s).margin;
    };
    const std::string old = R"(,"etcdserver":"3.4.23")";
    BOOST_CHECK(margin_by("") == 2s);
    BOOST_CHECK(margin_by(R"(,"etcdserver":"mine")") == 2s);
    BOOST_CHECK(margin_by(R"(,"etcdserver":7)") == 2s);
    BOOST_CHECK(margin_by(old) == 2s);
    BOOST_CHECK(margin_by(old + R"(,"members":[{},{},{}])") == 2s);
    BOOST_CHECK(margin_by(old + R"(,"members":[{}])") == Duration::zero());
    BOOST_CHECK(margin_by(R"(,"etcdserver":"3.6.4")") == Duration::zero());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
