// Hostile ends of a request whose answer goes on, which carries a watch where no WebSocket does:
// first what HTTP makes of it, then what becomes of the watch.
#include <boost/asio/io_context.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "backends/etcd/http_stream.hpp"
#include "tests/etcd/hostile.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using etcd::detail::HttpAnswer;
using std::chrono::steady_clock;

const std::string created = R"({"result":{"header":{"revision":"4"},"created":true}})";
const std::string updated =
    R"({"result":{"header":{"revision":"5"},"events":[{"kv":{"key":"c29tZS83","value":"bmV3",)"
    R"("create_revision":"4","mod_revision":"5","lease":"7"}}]}})";
const std::string both = created + '\n' + updated + '\n';

const std::string chunked =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string unbounded = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";

std::string chunk(const std::string& text, const std::string& extension = {}) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx", text.size());
    return size + extension + "\r\n" + text + "\r\n";
}

std::string in_chunks_of(std::size_t size, const std::string& extension = {}) {
    std::string bytes = chunked;
    for (std::size_t at = 0; at < both.size(); at += size)
        bytes += chunk(both.substr(at, size), extension);
    return bytes;
}

/// What came over one stream, up to its end.
struct Heard {
    std::vector<std::string> lines{};
    std::optional<HttpAnswer> refusal{};
    std::optional<Error> error{};
    int ends = 0;
};

// Long enough for what has an end of its own, on a busy machine, too.
constexpr auto plenty = 60s;

/// Until it has ended, or so many lines have come.
Heard hear(const BadServer& server, std::chrono::milliseconds time, std::size_t enough) {
    boost::asio::io_context io;
    Heard heard;
    const auto stream = etcd::detail::open_http_stream(
        io.get_executor(), {{"127.0.0.1", server.port()}},
        {.method = etcd::detail::Method::post, .target = "/v3/watch", .body = "{}"},
        steady_clock::now() + time,
        {.line = [&](std::string_view line) { heard.lines.emplace_back(line); },
         .refused =
             [&](HttpAnswer answer) {
                 ++heard.ends;
                 heard.refusal = std::move(answer);
             },
         .broken =
             [&](Error error) {
                 ++heard.ends;
                 heard.error = std::move(error);
             }});
    const auto bound = steady_clock::now() + time + hostile_slack;
    while (heard.ends == 0 && heard.lines.size() < enough && steady_clock::now() < bound)
        io.run_one_for(100ms);
    stream->close();
    // What is still to be told, though it was closed, or has ended.
    io.run_for(hostile_slack);
    BOOST_TEST(io.stopped(), "a stream that is closed keeps its context busy");
    BOOST_TEST(heard.ends <= 1);
    return heard;
}

const Hostile what_comes_through[] = {
    {"a_chunk_each", {chunked + chunk(created + '\n') + chunk(updated + '\n')}},
    {"both_in_a_chunk", {chunked + chunk(both)}},
    {"byte_by_byte", {in_chunks_of(1)}},
    {"chunk_extensions", {in_chunks_of(10, ";name=value;other=\"quoted \\\" text\"")}},
    {"carriage_returns", {chunked + chunk(created + "\r\n" + updated + "\r\n")}},
    {"blank_lines", {chunked + chunk("\n\r\n\n" + created + "\n\n\n" + updated + '\n')}},
    {"ended_behind_them", {in_chunks_of(20) + "0\r\n\r\n"}},
    {"cut_behind_them", {in_chunks_of(20), Then::close}},
    {"trailers", {in_chunks_of(20) + "0\r\nX-Checksum: 12\r\n\r\n"}},
    {"no_json_behind_them", {in_chunks_of(20) + "well\r\n"}},
    {"continue_first", {"HTTP/1.1 100 Continue\r\n\r\n" + in_chunks_of(20)}},
    {"early_hints_first",
     {"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" +
      in_chunks_of(20)}},
    {"http_1_0", {"HTTP/1.0 200 OK\r\n\r\n" + both}},
    {"http_1_0_and_closed", {"HTTP/1.0 200 OK\r\n\r\n" + both, Then::close}},
    {"until_the_end", {unbounded + both}},
    {"length_of_all", {http(both)}},
    {"length_of_a_terabyte", {"HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n" + both}},
    {"chunk_of_64_bits", {chunked + "ffffffffffffffff\r\n" + both}},
    // What is in it tells, not what it is called.
    {"another_content_type", {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + both}},
    {"closing_is_announced", {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + both}},
};

std::vector<Hostile> what_is_cut() {
    const std::string half = created.substr(0, 20);
    const std::string ended = "ended the stream";
    return {
        {"closed_at_once", {"", Then::close}, errc::unreachable, "without an answer"},
        {"cut_in_the_status_line", {chunked.substr(0, 5), Then::close}, errc::unreachable, "broke"},
        {"cut_in_the_head", {chunked.substr(0, 30), Then::close}, errc::unreachable, "broke"},
        {"cut_after_the_head", {chunked, Then::close}, errc::unreachable, "broke off"},
        {"cut_after_continue",
         {"HTTP/1.1 100 Continue\r\n\r\n", Then::close},
         errc::unreachable,
         "without an answer"},
        {"cut_in_a_chunk", {chunked + "50\r\n" + half, Then::close}, errc::unreachable, "broke"},
        {"cut_in_a_line", {chunked + chunk(half), Then::close}, errc::unreachable, "broke off"},
        {"cut_before_the_end_of_a_line",
         {chunked + chunk(created), Then::close},
         errc::unreachable,
         "broke off"},
        {"ended_at_once", {chunked + "0\r\n\r\n"}, errc::unreachable, ended},
        {"ended_in_a_line", {chunked + chunk(half) + "0\r\n\r\n"}, errc::unreachable, ended},
        {"closed_in_a_line", {unbounded + half, Then::close}, errc::unreachable, ended},
        {"empty_body", {http("")}, errc::unreachable, ended},
        {"cut_body", {http(both).substr(0, 100), Then::close}, errc::unreachable, "broke off"},
        {"http_1_0_without_a_body",
         {"HTTP/1.0 200 OK\r\n\r\n", Then::close},
         errc::unreachable,
         ended},
    };
}

std::vector<Hostile> what_is_wrong() {
    const std::string not_http = "not HTTP";
    const auto wrong = [&](const std::string& name, const std::string& bytes) {
        return Hostile{name, {bytes}, errc::bad_answer, not_http};
    };
    const auto endless = [&](const std::string& name, const std::string& first,
                             const std::string& more) {
        return Hostile{name, {first, Then::repeat, more}, errc::bad_answer, not_http};
    };
    const std::string many(1000, 'x');
    return {
        wrong("no_http", "SSH-2.0-OpenSSH_9.2p1\r\n"),
        wrong("json_without_a_head", both),
        wrong("another_version", "HTTP/3.0 200 OK\r\n\r\n"),
        wrong("length_and_chunks", http(both, "Transfer-Encoding: chunked\r\n")),
        wrong("two_lengths", http(both, "Content-Length: 5\r\n")),
        wrong("chunk_without_a_size", chunked + "hello\r\n"),
        wrong("chunk_longer_than_it_says", chunked + "2\r\n{}}}\r\n"),
        wrong("continue_and_no_http", "HTTP/1.1 100 Continue\r\n\r\nwell\r\n\r\n"),
        endless("endless_status_line", "HTTP/1.1 200 ", many),
        endless("endless_head", "HTTP/1.1 200 OK\r\n", "A-Header: with a value\r\n"),
        endless("endless_header", "HTTP/1.1 200 OK\r\nA: ", many),
        endless("endless_extension", chunked + "1;", many),
        endless("endless_trailers", chunked + "0\r\n", "A-Header: with a value\r\n"),
        {"endless_line",
         {unbounded, Then::repeat, std::string(65536, ' ')},
         errc::bad_answer,
         "sends a message without an end"},
        {"endless_line_in_chunks",
         {chunked, Then::repeat, chunk(std::string(65536, ' '))},
         errc::bad_answer,
         "sends a message without an end"},
    };
}

std::vector<Hostile> what_takes_too_long() {
    const auto slow = [](const std::string& name, const std::string& first, Then then,
                         const std::string& more = {}) {
        return Hostile{name, {first, then, more}, errc::timed_out, "did not answer in time"};
    };
    const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
    return {
        slow("silence", "", Then::fall_silent),
        slow("silence_after_the_head", chunked, Then::fall_silent),
        slow("silence_in_a_line", chunked + chunk(created), Then::fall_silent),
        slow("silence_after_continue", interim, Then::fall_silent),
        slow("silence_in_a_refusal", "HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n{",
             Then::fall_silent),
        slow("drip_of_a_head", "HTTP/1.1 200 OK\r\n", Then::drip, "A: b\r\n"),
        slow("drip_of_a_line", unbounded, Then::drip, " "),
        slow("drip_of_blank_lines", unbounded, Then::drip, "\n"),
        slow("drip_of_chunks", chunked, Then::drip, chunk(" ", ";ext")),
        slow("drip_of_an_extension", chunked + "1;", Then::drip, "x"),
        slow("drip_of_continues", "", Then::drip, interim),
        slow("drip_of_a_refusal", "HTTP/1.1 500 No\r\n\r\n", Then::drip, " "),
        slow("continues_for_ever", "", Then::repeat, interim),
        slow("blank_lines_for_ever", unbounded, Then::repeat, std::string(1000, '\n')),
    };
}

/// Each with the status that is told, and how its body begins.
struct Refusal {
    std::string name;
    Speech speech;
    unsigned status;
    std::string body{};
    friend std::ostream& operator<<(std::ostream& out, const Refusal& refusal) {
        return out << refusal.name;
    }
};

Refusal refusal(const std::string& status, const std::string& head, const std::string& body) {
    return {status,
            {http(body, head, "HTTP/1.1 " + status)},
            static_cast<unsigned>(std::stoul(status)),
            body};
}

const Refusal what_is_refused[] = {
    refusal("302 Found", "Location: http://127.0.0.1:1/\r\n", ""),
    refusal("308 Permanent Redirect", "Location: /v3beta/watch\r\n", "<html>"),
    refusal("401 Unauthorized", "", R"({"error":"invalid auth token","code":16})"),
    refusal("404 Not Found", "", "Not Found\n"),
    refusal("503 Unavailable", "", "<html>"),
    refusal("999 Odd", "", created + '\n'),
    {"no_content", {"HTTP/1.1 204 No Content\r\n\r\n"}, 204},
    {"switching_protocols", {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"}, 101},
    {"not_found_after_continue",
     {"HTTP/1.1 100 Continue\r\n\r\n" + http("lost", "", "HTTP/1.1 404 Not Found")},
     404,
     "lost"},
    {"endless_refusal",
     {"HTTP/1.1 500 No\r\n\r\n", Then::repeat, std::string(1000, 'x')},
     500,
     "xxx"},
};

void check_end(const Hostile& hostile, const Heard& heard) {
    BOOST_TEST(heard.lines.empty());
    BOOST_REQUIRE_MESSAGE(heard.error.has_value(), "it does not break");
    BOOST_TEST_INFO_SCOPE(*heard.error);
    BOOST_TEST(heard.error->code == *hostile.error);
    BOOST_TEST(heard.error->detail.find(hostile.words) != std::string::npos,
               "it does not say: " << hostile.words);
}

std::vector<Hostile> what_is_told_to_a_watch() {
    const auto line = [](const std::string& name, const std::string& text, errc error,
                         const std::string& words) {
        return Hostile{name, {chunked + chunk(text + '\n'), Then::fall_silent}, error, words};
    };
    const auto error = [line](const std::string& name, const std::string& number,
                              const std::string& message, errc code, const std::string& words) {
        return line(name,
                    R"({"error":{"grpc_code":)" + number + R"(,"message":")" + message + R"("}})",
                    code, words);
    };
    const auto canceled = [line](const std::string& name, const std::string& more, errc code,
                                 const std::string& words) {
        return line(name, R"({"result":{"header":{},"created":true,"canceled":true,)" + more + "}}",
                    code, words);
    };
    const std::string no_permission = "etcdserver: permission denied";
    return {
        line("no_json", "well", errc::bad_answer, "answered 'well'"),
        line("array", "[]", errc::bad_answer, "an object is expected"),
        line("two_messages_in_a_line", created + updated, errc::bad_answer, "not etcd's"),
        line("deep", std::string(100'000, '['), errc::bad_answer, "too deep"),
        line("no_result", "{}", errc::bad_answer, "a part is missing"),
        line("error_of_text", R"({"error":"no leader"})", errc::bad_answer, "is expected"),
        line("event_of_a_number", R"({"result":{"header":{},"events":[7]}})", errc::bad_answer,
             "an object is expected"),
        line("last_revision_of_all",
             R"({"result":{"header":{"revision":"9223372036854775807"},"created":true}})",
             errc::bad_answer, "counts up"),
        error("no_leader", "14", "etcdserver: no leader", errc::unreachable,
              "answered 'etcdserver: no leader'"),
        error("denied", "7", no_permission, errc::denied, "wants a user"),
        error("unknown_token", "16", "etcdserver: invalid auth token", errc::denied,
              "wants a user"),
        canceled("canceled", R"("cancel_reason":"for fun")", errc::unreachable,
                 "ended the watch: 'for fun'"),
        canceled("canceled_as_denied", R"("watch_id":"-1","cancel_reason":")" + no_permission + '"',
                 errc::denied, "wants a user"),
        canceled("compacted", R"("compact_revision":"9")", errc::compacted, "up to revision 9"),
        {"redirect",
         {http("", "Location: /v3beta/watch\r\n", "HTTP/1.1 307 Moved")},
         errc::bad_answer,
         "answered HTTP 307"},
        {"not_found", {http("Not Found\n", "", "HTTP/1.1 404 No")}, errc::bad_answer, "HTTP 404"},
        {"bad_gateway", {http("<html>", "", "HTTP/1.1 502 No")}, errc::unreachable, "HTTP 502"},
    };
}

// Each ends a stream on which a watch was open.
const Hostile what_ends_an_open_watch[] = {
    {"cut", {chunked + chunk(created + '\n'), Then::close}},
    {"end", {chunked + chunk(created + '\n') + "0\r\n\r\n"}},
    {"no_leader",
     {chunked + chunk(created + "\n"
                                R"({"error":{"grpc_code":14,"message":"no leader"}})"
                                "\n")}},
    {"no_json", {chunked + chunk(created + "\nwell\n")}},
    {"no_chunk", {chunked + chunk(created + '\n') + "well\r\n"}},
    {"endless_extension",
     {chunked + chunk(created + '\n') + "1;", Then::repeat, std::string(1000, 'x')}},
};

}  // namespace

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(hostile_request_streams, *boost::unit_test::precondition(runs_over_v3))

BOOST_DATA_TEST_CASE(what_http_allows_comes_through, data::make(what_comes_through), hostile) {
    const BadServer server(Script{.stream = hostile.speech});
    const Heard heard = hear(server, plenty, 2);
    BOOST_TEST(heard.lines == (std::vector{created, updated}), boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(cut_stream_is_unreachable, data::make(what_is_cut()), hostile) {
    const BadServer server(Script{.stream = hostile.speech});
    check_end(hostile, hear(server, plenty, 1));
}

BOOST_DATA_TEST_CASE(what_is_no_stream_is_not_read_to_its_end, data::make(what_is_wrong()),
                     hostile) {
    const BadServer server(Script{.stream = hostile.speech});
    check_end(hostile, hear(server, plenty, 1));
}

BOOST_DATA_TEST_CASE(first_line_comes_in_time_or_not, data::make(what_takes_too_long()), hostile) {
    const BadServer server(Script{.stream = hostile.speech});
    check_end(hostile, hear(server, 100ms, 1));
}

BOOST_DATA_TEST_CASE(refusal_is_told, data::make(what_is_refused), expected) {
    const BadServer server(Script{.stream = expected.speech});
    const Heard heard = hear(server, plenty, 1);
    BOOST_TEST(heard.lines.empty());
    BOOST_TEST_REQUIRE(heard.refusal.has_value());
    BOOST_TEST(heard.refusal->status == expected.status);
    BOOST_TEST(heard.refusal->body.starts_with(expected.body));
    BOOST_TEST(heard.refusal->body.size() <= 64U * 1024U);
}

// A watch is silent for most of its life.
BOOST_AUTO_TEST_CASE(slow_line_behind_the_first_is_waited_for) {
    const std::string slow = updated + std::string(100, ' ');
    const BadServer server(Script{.stream = {unbounded + created + '\n', Then::drip, slow + '\n'}});
    // Shorter than so many bytes take.
    const Heard heard = hear(server, 1s, 2);
    BOOST_TEST(heard.lines == (std::vector{created, slow}), boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(what_is_wrong_fails_a_watch, data::make(what_is_told_to_a_watch()), hostile) {
    check_watch(hostile, {.stream = hostile.speech}, etcd::StreamKind::request);
}

BOOST_DATA_TEST_CASE(broken_stream_is_opened_anew_after_a_pause,
                     data::make(what_ends_an_open_watch), hostile) {
    const BadServer server(Script{.unary = {http(good_listing())}, .stream = hostile.speech});
    const auto begin = steady_clock::now();
    Client client(options_for(server, 10s, etcd::StreamKind::request));
    const auto watching = client.watch(WatchTarget::Scope::key, "some/7", Revision{4});
    BOOST_TEST(
        comes_true([&] { return !client.list("some").entries.empty() && server.accepted() > 8; }));
    // 10, 20, 40, 80 and 160 milliseconds, whatever was heard before it broke.
    BOOST_TEST((steady_clock::now() - begin >= 300ms));
    BOOST_TEST(describe(watching.heard.all()).empty());
}

// A token that runs out breaks what has begun as anything else does; that is no denial.
BOOST_AUTO_TEST_CASE(token_that_is_refused_in_the_midst_only_ends_the_stream) {
    const std::string refused = R"({"error":{"grpc_code":16,"message":"invalid auth token"}})";
    const BadServer server(Script{.unary = {http(R"({"token":"pass",)" + good_listing().substr(1))},
                                  .stream = {chunked + chunk(created + '\n' + refused + '\n')}});
    etcd::StoreOptions options = options_for(server, 10s, etcd::StreamKind::request);
    options.credentials = {.user = "ann", .password = "sesame"};
    Client client(options);
    const auto watching = client.watch(WatchTarget::Scope::key, "some/7", Revision{4});
    BOOST_TEST(
        comes_true([&] { return !client.list("some").entries.empty() && server.accepted() > 8; }));
    BOOST_TEST(describe(watching.heard.all()).empty());
}

// What declines a WebSocket may take a request.
BOOST_AUTO_TEST_CASE(where_no_web_socket_is_taken_requests_are) {
    for (const std::string status : {"200 OK", "301 Moved", "404 Not Found", "501 No"}) {
        BOOST_TEST_CONTEXT(status) {
            const BadServer server(Script{.upgrade = http("", "", "HTTP/1.1 " + status),
                                          .stream = {in_chunks_of(20), Then::fall_silent}});
            Client client(options_for(server, 10s, etcd::StreamKind::automatic));
            const auto watching = client.watch(WatchTarget::Scope::key, "some/7", Revision{4});
            BOOST_REQUIRE(watching.heard.wait(1, 10s + hostile_slack));
            BOOST_TEST(describe(watching.heard.all()) == "updated 'new'");
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
