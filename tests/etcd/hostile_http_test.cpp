// Answers that HTTP forbids, or allows and nobody expects: cut, endless, slow, redirected, in
// pieces. The same for both APIs, for they share their connections.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/etcd/hostile.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";

// The good answer in two chunks, with whatever may stand behind a chunk's size.
std::string in_chunks(const std::string& extension, const std::string& trailer = {}) {
    const std::string body = good_listing();
    char size[20];
    std::snprintf(size, sizeof size, "%zx", body.size() - 10);
    return chunked + "\r\nA" + extension + "\r\n" + body.substr(0, 10) + "\r\n" + size + extension +
           "\r\n" + body.substr(10) + "\r\n0" + extension + "\r\n" + trailer + "\r\n";
}

std::vector<Hostile> what_has_to_work() {
    const std::string body = good_listing();
    const std::string good = http(body);
    return {
        {"a_plain_answer", {good}},
        {"continue_first", {"HTTP/1.1 100 Continue\r\n\r\n" + good}},
        {"early_hints_first",
         {"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" +
          good}},
        {"chunks", {in_chunks("")}},
        {"chunk_extensions", {in_chunks(";name=value;other=\"quoted \\\" text\"")}},
        {"trailers", {in_chunks("", "X-Checksum: 12\r\nX-Other: y\r\n")}},
        {"http_1_0", {http(body, "", "HTTP/1.0 200 OK"), Then::close}},
        {"http_1_0_until_the_end", {"HTTP/1.0 200 OK\r\n\r\n" + body, Then::close}},
        {"until_the_end", {"HTTP/1.1 200 OK\r\n\r\n" + body, Then::close}},
        {"closed_as_announced", {http(body, "Connection: close\r\n"), Then::close}},
        {"kept_though_closing_was_announced", {http(body, "Connection: close\r\n")}},
        // What is in it tells, not what it is called.
        {"another_content_type",
         {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body}},
        {"no_reason", {http(body, "", "HTTP/1.1 200 ")}},
        {"blanks_around_it", {http("\r\n\t " + body + " \r\n")}},
        {"thousand_headers_that_are_short",
         {http(body,
               [] {
                   std::string lines;
                   for (int i = 0; i < 1000; ++i)
                       lines += "A: b\r\n";
                   return lines;
               }())}},
    };
}

std::vector<Hostile> what_is_cut() {
    const std::string good = http(good_listing());
    const std::size_t head = good.find("\r\n\r\n") + 4;
    const auto cut = [&](std::size_t at) { return Speech{good.substr(0, at), Then::close}; };
    return {
        {"closed_at_once", cut(0), errc::unreachable, "without an answer"},
        {"cut_in_the_status_line", cut(5), errc::unreachable, "broke off"},
        {"cut_in_the_head", cut(30), errc::unreachable, "broke off"},
        {"cut_after_the_head", cut(head), errc::unreachable, "broke off"},
        {"cut_in_the_body", cut(head + 20), errc::unreachable, "broke off"},
        {"cut_before_the_last_byte", cut(good.size() - 1), errc::unreachable, "broke off"},
        {"cut_in_a_chunk",
         {chunked + "\r\n20\r\n{\"header\"", Then::close},
         errc::unreachable,
         "broke off"},
        {"cut_between_chunks",
         {chunked + "\r\n2\r\n{}\r\n", Then::close},
         errc::unreachable,
         "broke off"},
        {"cut_after_continue",
         {"HTTP/1.1 100 Continue\r\n\r\n", Then::close},
         errc::unreachable,
         "without an answer"},
        {"until_the_end_and_cut",
         {"HTTP/1.1 200 OK\r\n\r\n" + good_listing().substr(0, 60), Then::close},
         errc::bad_answer,
         "answered '{"},
    };
}

std::vector<Hostile> what_takes_too_long() {
    const std::string good = http(good_listing());
    const std::size_t head = good.find("\r\n\r\n") + 4;
    const std::string late = "did not answer in time";
    return {
        {"silence", {"", Then::fall_silent}, errc::timed_out, late},
        {"silence_after_the_head",
         {good.substr(0, head), Then::fall_silent},
         errc::timed_out,
         late},
        {"silence_in_the_body",
         {good.substr(0, head + 9), Then::fall_silent},
         errc::timed_out,
         late},
        {"silence_after_continue",
         {"HTTP/1.1 100 Continue\r\n\r\n", Then::fall_silent},
         errc::timed_out,
         late},
        {"slow_drip_of_a_head",
         {"HTTP/1.1 200 OK\r\n", Then::drip, "A: b\r\n"},
         errc::timed_out,
         late},
        {"slow_drip_of_a_body",
         {"HTTP/1.1 200 OK\r\n\r\n", Then::drip, " "},
         errc::timed_out,
         late},
        {"slow_drip_of_chunks",
         {chunked + "\r\n", Then::drip, "1;ext\r\n \r\n"},
         errc::timed_out,
         late},
        // What may come behind no chunks at all comes one by one.
        {"slow_drip_of_a_trailer",
         {chunked + "\r\n0\r\n", Then::drip, "A: b\r\n"},
         errc::timed_out,
         late},
        {"slow_drip_of_an_endless_extension",
         {chunked + "\r\n1;", Then::drip, "x"},
         errc::timed_out,
         late},
        {"slow_drip_of_continues",
         {"", Then::drip, "HTTP/1.1 100 Continue\r\n\r\n"},
         errc::timed_out,
         late},
    };
}

std::vector<Hostile> what_is_too_much() {
    return {
        {"endless_body",
         {"HTTP/1.1 200 OK\r\n\r\n", Then::repeat, std::string(65536, ' ')},
         errc::bad_answer,
         "without an end"},
        {"endless_chunks",
         {chunked + "\r\n", Then::repeat, "8000\r\n" + std::string(0x8000, ' ') + "\r\n"},
         errc::bad_answer,
         "without an end"},
        {"endless_head",
         {"HTTP/1.1 200 OK\r\n", Then::repeat, "A-Header: with a value\r\n"},
         errc::bad_answer,
         "not HTTP"},
        {"endless_header",
         {"HTTP/1.1 200 OK\r\nA: ", Then::repeat, std::string(1000, 'x')},
         errc::bad_answer,
         "not HTTP"},
        {"endless_status_line",
         {"HTTP/1.1 200 ", Then::repeat, std::string(1000, 'x')},
         errc::bad_answer,
         "not HTTP"},
        {"endless_extension",
         {chunked + "\r\n1;", Then::repeat, std::string(1000, 'x')},
         errc::bad_answer,
         "not HTTP"},
        {"endless_trailers",
         {chunked + "\r\n0\r\n", Then::repeat, "A-Header: with a value\r\n"},
         errc::bad_answer,
         "not HTTP"},
        {"endless_continues",
         {"", Then::repeat, "HTTP/1.1 100 Continue\r\n\r\n"},
         errc::timed_out,
         "did not answer in time"},
        {"length_of_a_terabyte",
         {"HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n{"},
         errc::bad_answer,
         "without an end"},
        {"length_beyond_64_bits",
         {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{"},
         errc::bad_answer,
         "not HTTP"},
        {"no_chunks_and_an_end_in_drips",
         {chunked + "\r\n0\r\n", Then::drip, "\r\n"},
         errc::bad_answer,
         ""},
        {"chunk_of_64_bits", {chunked + "\r\nffffffffffffffff\r\n{"}, errc::bad_answer, ""},
    };
}

std::vector<Hostile> what_is_no_http() {
    const std::string not_http = "not HTTP";
    const std::string body = good_listing();
    return {
        {"negative_length",
         {http(body, "", "HTTP/1.1 200 OK\r\nContent-Length: -1")},
         errc::bad_answer,
         not_http},
        {"two_lengths", {http(body, "Content-Length: 5\r\n")}, errc::bad_answer, not_http},
        {"length_and_chunks",
         {http(body, "Transfer-Encoding: chunked\r\n")},
         errc::bad_answer,
         not_http},
        {"chunk_without_a_size", {chunked + "\r\nhello\r\n"}, errc::bad_answer, not_http},
        {"chunk_longer_than_it_says", {chunked + "\r\n2\r\n{}}}\r\n"}, errc::bad_answer, not_http},
        {"header_without_a_name", {http(body, ": value\r\n")}, errc::bad_answer, not_http},
        {"null_in_a_header", {http(body, std::string("A: \0\r\n", 6))}, errc::bad_answer, not_http},
        {"status_that_is_no_number", {"HTTP/1.1 OK 200\r\n\r\n"}, errc::bad_answer, not_http},
        {"another_version", {"HTTP/3.0 200 OK\r\n\r\n"}, errc::bad_answer, not_http},
        {"http_2",
         {std::string("\0\0\x12\4\0\0\0\0\0\0\3\0\0\0d\0\4\0\x10\0\0", 21)},
         errc::bad_answer,
         not_http},
        {"alert_of_tls",
         {std::string("\x15\3\1\0\2\2\x0a", 7), Then::close},
         errc::unreachable,
         "broke off"},
        {"json_without_a_head", {body + "\r\n"}, errc::bad_answer, not_http},
    };
}

std::vector<Hostile> what_is_another_answer() {
    const auto with_status = [](const std::string& status, const std::string& head = {}) {
        return Speech{http("", head, "HTTP/1.1 " + status)};
    };
    const std::string page = "<html>Bad Gateway</html>";
    return {
        {"redirect", with_status("302 Found", "Location: http://127.0.0.1:1/\r\n"),
         errc::bad_answer, is_over_v2() ? "answered ''" : "HTTP 302"},
        {"permanent_redirect", with_status("308 Permanent", "Location: /v3/other\r\n"),
         errc::bad_answer, is_over_v2() ? "answered ''" : "HTTP 308"},
        {"no_content", {"HTTP/1.1 204 No Content\r\n\r\n"}, errc::bad_answer, "answered"},
        {"empty_body", with_status("200 OK"), errc::bad_answer, "answered ''"},
        {"not_modified", {"HTTP/1.1 304 Not Modified\r\n\r\n"}, errc::bad_answer, "answered"},
        {"switching_protocols",
         {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"},
         errc::bad_answer,
         "answered"},
        {"bad_gateway",
         {http(page, "", "HTTP/1.1 502 Bad Gateway")},
         errc::unreachable,
         "answered HTTP 502"},
        {"odd_status",
         {http(good_listing().substr(0, 30), "", "HTTP/1.1 999 Odd")},
         errc::unreachable,
         "answered HTTP 999"},
        {"compressed",
         {http("\x1f\x8b\x08\x01\xff", "Content-Encoding: gzip\r\n")},
         errc::bad_answer,
         "answered '"},
    };
}

}  // namespace

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(hostile_http)

BOOST_DATA_TEST_CASE(what_http_allows_works, data::make(what_has_to_work()), hostile) {
    list_from(hostile);
}

BOOST_DATA_TEST_CASE(cut_answer_is_unreachable, data::make(what_is_cut()), hostile) {
    list_from(hostile);
}

BOOST_DATA_TEST_CASE(slow_answer_ends_in_time, data::make(what_takes_too_long()), hostile) {
    list_from(hostile);
}

BOOST_DATA_TEST_CASE(endless_answer_is_not_read_to_its_end, data::make(what_is_too_much()),
                     hostile) {
    list_from(hostile);
}

BOOST_DATA_TEST_CASE(what_is_no_http_is_told, data::make(what_is_no_http()), hostile) {
    list_from(hostile);
}

BOOST_DATA_TEST_CASE(another_answer_is_told, data::make(what_is_another_answer()), hostile) {
    list_from(hostile);
}

// Bytes behind an answer were not asked for. Taken for the next answer, they would tell how things
// were before its question.
BOOST_AUTO_TEST_CASE(what_comes_behind_an_answer_answers_no_later_question) {
    const std::string stale = http("stale");
    const BadServer server(Script{.unary = {http(good_listing()) + stale}});
    Client client({server.address()}, 10s);
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(client.list("some").entries.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
