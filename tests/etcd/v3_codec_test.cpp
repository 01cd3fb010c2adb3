// What goes over the wire, without a wire.
#include <boost/test/unit_test.hpp>

#include "backends/etcd/base64.hpp"
#include "backends/etcd/endpoints.hpp"
#include "backends/etcd/v3/layout.hpp"
#include "backends/etcd/v3/messages.hpp"

namespace tenure::etcd::detail::v3 {

BOOST_AUTO_TEST_SUITE(codec)

BOOST_AUTO_TEST_CASE(base64_goes_there_and_back) {
    BOOST_TEST(to_base64("") == "");
    BOOST_TEST(to_base64("f") == "Zg==");
    BOOST_TEST(to_base64("fo") == "Zm8=");
    BOOST_TEST(to_base64("foo") == "Zm9v");
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) {
        bytes += static_cast<char>(byte);
        BOOST_TEST((from_base64(to_base64(bytes)) == bytes));
    }
    BOOST_TEST((from_base64(to_base64(std::string(3, '\0'))) == std::string(3, '\0')));
}

BOOST_AUTO_TEST_CASE(what_is_not_base64_is_refused) {
    for (const char* text : {"Zg=", "Z", "Zg==Zg", "Z!==", "====", "\n\n\n\n", " Zg=", "    ",
                             "    Zm9v", "Zm9v----", "Zm9v\n\n\n\n", "Zh==", "Zm9=", "_-_-"})
        BOOST_TEST(!from_base64(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(keys_are_laid_out_as_other_clients_do) {
    BOOST_TEST(key_of("billing/leader", LeaseId{0x60dca207801fbd06}) ==
               "billing/leader/60dca207801fbd06");
    BOOST_TEST(key_of("a", LeaseId{0xab}) == "a/ab");
    BOOST_TEST(first_key_of("a") == "a/");
    BOOST_TEST(end_of_keys_of("a") == "a0");
    BOOST_TEST(is_entry_of("a", "a/1f"));
    BOOST_TEST(!is_entry_of("a", "a/b/1f"));
    BOOST_TEST(!is_entry_of("a", "ab/1f"));
}

BOOST_AUTO_TEST_CASE(entering_is_one_transaction) {
    Transaction transaction;
    transaction.condition = CreatedAt{.key = "k"};
    transaction.then = {
        Put{"k", "v", 7},
        Range{.key = "k", .range_end = "l", .limit = 1, .sort = Range::Sort::oldest_first}};
    transaction.otherwise = {Range{.key = "k"}};
    BOOST_TEST(encode(transaction) ==
               R"({"compare":[{"target":"CREATE","result":"EQUAL","key":"aw==",)"
               R"("create_revision":"0"}],"success":[{"request_put":{"key":"aw==",)"
               R"("value":"dg==","lease":"7"}},{"request_range":{"key":"aw==",)"
               R"("range_end":"bA==","limit":"1","sort_target":"CREATE",)"
               R"("sort_order":"ASCEND"}}],"failure":[{"request_range":{"key":"aw=="}}]})");
}

BOOST_AUTO_TEST_CASE(watch_from_now_names_no_revision) {
    BOOST_TEST(encode(WatchRequest{.id = 3, .key = "k"}) ==
               R"({"create_request":{"prev_kv":true,"key":"aw==","watch_id":"3"}})");
    BOOST_TEST(encode_watch_cancel(3) == R"({"cancel_request":{"watch_id":"3"}})");
}

BOOST_AUTO_TEST_CASE(numbers_come_as_text_or_numbers_with_spaces_or_without) {
    for (
        const char* body :
        {R"({"header":{"revision":"12"},"succeeded":true,"responses":[{"response_range":{"count":"1","kvs":[{"key":"aw==","create_revision":"9007199254740993","mod_revision":"12","lease":"5"}]}}]})",
         R"({ "header": { "revision": 12 }, "succeeded": true, "responses": [ { "response_range": { "count": 1, "kvs": [ { "key": "aw==", "create_revision": 9007199254740993, "mod_revision": 12, "lease": 5 } ] } } ] })"}) {
        const auto answer = decode_transaction(body);
        BOOST_REQUIRE(answer.has_value());
        BOOST_TEST(answer->revision == 12);
        BOOST_TEST(answer->succeeded);
        BOOST_REQUIRE(answer->operations.size() == 1U);
        const auto& entry = answer->operations.front().entries.front();
        BOOST_TEST(entry.key == "k");
        BOOST_TEST(entry.value == "");
        BOOST_TEST(entry.create_revision == 9007199254740993);
        BOOST_TEST(entry.lease == 5);
    }
}

BOOST_AUTO_TEST_CASE(zero_values_are_left_out) {
    const auto answer = decode_transaction(R"({"header":{},"responses":[{"response_range":{}}]})");
    BOOST_REQUIRE(answer.has_value());
    BOOST_TEST(!answer->succeeded);
    BOOST_TEST(answer->operations.front().entries.empty());
    const auto gone = decode_renewal_message(R"({"result":{"header":{},"ID":"7"}})");
    BOOST_REQUIRE(gone.has_value());
    BOOST_TEST(gone->ttl_seconds == 0);
}

BOOST_AUTO_TEST_CASE(foreign_answers_are_bad_and_quoted) {
    for (const char* body :
         {"",
          "It works",
          "<html>",
          "[]",
          "{}",
          "null",
          R"({"header":1})",
          R"({"header":[]})",
          R"({"header":{"revision":true}})",
          R"({"header":{"revision":"x"}})",
          R"({"header":{},"succeeded":"yes"})",
          R"({"header":{},"responses":{}})",
          R"({"header":{},"responses":[1]})",
          R"({"header":{})",
          R"({"header":{"revision":-1}})",
          R"({"header":{"revision":"9223372036854775807"}})",
          R"({"header":{"revision":18446744073709551615}})",
          R"({"header":{"revision":1e3}})",
          R"({"header":{"revision":1e999}})",
          R"({"header":{"revision":"99999999999999999999"}})",
          "{\"header\":{},\"x\":\"\xff\"}",
          R"({"header":{},"responses":[{"response_range":{"kvs":[{"key":"!"}]}}]})"}) {
        const auto answer = decode_transaction(body);
        BOOST_REQUIRE_MESSAGE(answer.has_error(), body);
        BOOST_TEST((answer.error().code == errc::bad_answer));
        BOOST_TEST(answer.error().detail.find(quote(body)) != std::string::npos);
    }
}

// In nanoseconds, as leases are counted, it would be beyond all numbers.
BOOST_AUTO_TEST_CASE(time_that_no_clock_can_count_is_a_bad_answer) {
    BOOST_TEST(decode_lease(R"({"ID":"7","TTL":"9000000000"})")->ttl_seconds == 9'000'000'000);
    for (const char* ttl : {"9000000001", "9223372036854775807"}) {
        const std::string lease = R"({"ID":"7","TTL":")" + std::string(ttl) + "\"}";
        BOOST_TEST(decode_lease(lease).error().code == errc::bad_answer);
        BOOST_TEST(decode_renewal_message("{\"result\":" + lease + '}').error().code ==
                   errc::bad_answer);
    }
}

BOOST_AUTO_TEST_CASE(watch_messages_are_understood) {
    const auto created = decode_watch_message(
        R"({"result":{"header":{"revision":"5"},"watch_id":"2","created":true}})");
    BOOST_TEST((created->created && created->id == 2 && created->revision == 5));
    const auto events = decode_watch_message(
        R"({"result":{"header":{"revision":"6"},"watch_id":"2","events":[{"kv":{"key":"aw==",)"
        R"("create_revision":"6","mod_revision":"6"}},{"type":"DELETE","kv":{"key":"aw==",)"
        R"("mod_revision":"7"},"prev_kv":{"key":"aw==","value":"dg==","create_revision":"6"}}]}})");
    BOOST_REQUIRE(events->events.size() == 2U);
    BOOST_TEST(!events->events[0].removed);
    BOOST_TEST(events->events[1].removed);
    BOOST_TEST(events->events[1].previous->value == "v");
    const auto compacted = decode_watch_message(
        R"({"result":{"header":{},"watch_id":"2","canceled":true,"compact_revision":"9"}})");
    BOOST_TEST((compacted->canceled && compacted->compact_revision == 9));
    const auto failed = decode_watch_message(
        R"({"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader"}})");
    BOOST_TEST((failed.error().code == errc::unreachable));
    BOOST_TEST(failed.error().detail == "answered 'etcdserver: no leader'");
}

BOOST_AUTO_TEST_CASE(codes_of_etcd_fall_into_the_right_condition) {
    const auto code = [](std::int64_t number, const char* words) {
        return error_of_code(number, words).code;
    };
    BOOST_TEST((code(5, "etcdserver: requested lease not found") == errc::lease_gone));
    BOOST_TEST((code(5, "etcdserver: role name not found") == condition::refused));
    BOOST_TEST((code(3, "etcdserver: key is not provided") == condition::refused));
    BOOST_TEST((code(7, "etcdserver: permission denied") == condition::refused));
    BOOST_TEST((code(16, "etcdserver: invalid auth token") == condition::refused));
    BOOST_TEST((code(8, "etcdserver: mvcc: database space exceeded") == condition::refused));
    BOOST_TEST((code(8, "etcdserver: too many requests") == condition::unavailable));
    BOOST_TEST(
        (code(11, "etcdserver: mvcc: required revision has been compacted") == errc::compacted));
    BOOST_TEST((code(11, "etcdserver: too large lease TTL") == condition::refused));
    BOOST_TEST((code(11, "etcdserver: mvcc: required revision is a future revision") ==
                condition::unavailable));
    BOOST_TEST((code(14, "etcdserver: no leader") == condition::unavailable));
    BOOST_TEST((code(14, "etcdserver: request timed out") == errc::timed_out));
    BOOST_TEST((code(2, "context deadline exceeded") == errc::timed_out));
    BOOST_TEST((code(13, "anything") == condition::unavailable));
    BOOST_TEST((code(99, "anything") == condition::unavailable));
}

BOOST_AUTO_TEST_CASE(both_forms_of_errors_are_understood) {
    const char* const old_form =
        R"({"error":"etcdserver: requested lease not found","message":"etcdserver: requested lease not found","code":5})";
    const char* const new_form = R"({"code":5, "message":"etcdserver: requested lease not found"})";
    for (const char* body : {old_form, new_form}) {
        const Error error = error_of_answer(404, body);
        BOOST_TEST((error.code == errc::lease_gone));
        BOOST_TEST(error.detail == "answered 'etcdserver: requested lease not found'");
    }
    BOOST_TEST((error_of_answer(404, "Not Found\n").code == errc::bad_answer));
    BOOST_TEST((error_of_answer(502, "<html>").code == errc::unreachable));
    BOOST_TEST(error_of_answer(404, "<html>\x01").detail == "answered HTTP 404 '<html>?'");
}

// A denial is final, so it takes the status, too: others may say the same words of something else.
BOOST_AUTO_TEST_CASE(certificate_with_a_name_is_denied_by_the_gateway_alone) {
    const char* const words = "CommonName of client sending a request against gateway";
    BOOST_TEST((error_of_answer(400, words).code == errc::denied));
    BOOST_TEST((error_of_answer(404, words).code == errc::bad_answer));
    BOOST_TEST((error_of_answer(502, words).code == errc::unreachable));
}

BOOST_AUTO_TEST_CASE(quotations_are_short_and_printable) {
    BOOST_TEST(quote("a\nb\x1b[31m") == "'a b?[31m'");
    BOOST_TEST(quote(std::string(1000, 'x')).size() < 140U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::etcd::detail::v3
