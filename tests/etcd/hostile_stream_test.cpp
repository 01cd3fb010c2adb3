// Hostile ends of the two WebSockets, that of renewals and that of watches.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/etcd/hostile.hpp"
#include "tests/support/web_socket_frames.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using Scope = WatchTarget::Scope;
constexpr auto web_socket = etcd::StreamKind::web_socket;

const std::string renewal = R"({"result":{"header":{"revision":"7"},"ID":"7","TTL":"60"}})";
// The first watch of a store has the number 1.
const std::string created =
    R"({"result":{"header":{"revision":"4"},"watch_id":"1","created":true}})";
const std::string updated =
    R"({"result":{"header":{"revision":"5"},"watch_id":"1","events":[{"kv":{"key":"c29tZS83",)"
    R"("value":"bmV3","create_revision":"4","mod_revision":"5","lease":"7"}}]}})";

const std::string not_web_socket = "does not speak WebSocket";

/// How a message may come: right, and what comes in its place.
struct Framing {
    std::string name;
    std::string (*around)(const std::string& message);
};

const Framing good_framings[] = {
    {"in_one_frame", [](const std::string& text) { return frame(Opcode::text, text); }},
    {"binary", [](const std::string& text) { return frame(Opcode::binary, text); }},
    {"in_three_fragments",
     [](const std::string& text) {
         return frame(Opcode::text, text.substr(0, 5), false) +
                frame(Opcode::continuation, text.substr(5, 9), false) +
                frame(Opcode::continuation, text.substr(14));
     }},
    {"byte_by_byte",
     [](const std::string& text) {
         std::string frames = frame(Opcode::text, "", false);
         for (const char c : text)
             frames += frame(Opcode::continuation, std::string(1, c), false);
         return frames + frame(Opcode::continuation, "");
     }},
    {"pings_and_pongs_between_fragments",
     [](const std::string& text) {
         return frame(Opcode::text, text.substr(0, 5), false) + frame(Opcode::ping, "are you?") +
                frame(Opcode::pong, "unasked") +
                frame(Opcode::continuation, text.substr(5, 9), false) +
                frame(Opcode::ping, std::string(125, 'x')) +
                frame(Opcode::continuation, text.substr(14));
     }},
    {"hundred_pings_first",
     [](const std::string& text) {
         std::string frames;
         for (int i = 0; i < 100; ++i)
             frames += frame(Opcode::ping, std::to_string(i));
         return frames + frame(Opcode::text, text);
     }},
    {"filled_up_with_blanks",
     [](const std::string& text) { return frame(Opcode::text, text + std::string(100'000, ' ')); }},
    {"close_behind_it",
     [](const std::string& text) {
         return frame(Opcode::text, text) + frame(Opcode::close, "\x03\xe8");
     }},
};

std::ostream& operator<<(std::ostream& out, const Framing& framing) {
    return out << framing.name;
}

std::string with_first_byte(char byte, std::string bytes) {
    bytes.front() = byte;
    return bytes;
}

Hostile stream(const std::string& name, const std::string& bytes, errc error,
               const std::string& words) {
    return {name, {bytes, Then::fall_silent}, error, words};
}

std::vector<Hostile> bad_frames() {
    const std::string closed = "closed the stream";
    // None waits for the other end to go: it may never do so.
    const auto wrong = [](const std::string& name, const std::string& bytes) {
        return stream(name, bytes, errc::bad_answer, not_web_socket);
    };
    const std::string any = frame(Opcode::text, "{}");
    return {
        stream("close", frame(Opcode::close, ""), errc::unreachable, closed),
        stream("close_with_a_reason", frame(Opcode::close, "\x03\xe9going away"), errc::unreachable,
               closed),
        {"cut_in_a_frame",
         {frame(Opcode::text, renewal).substr(0, 20), Then::close},
         errc::unreachable,
         ""},
        {"cut_between_fragments",
         {frame(Opcode::text, "{\"res", false), Then::close},
         errc::unreachable,
         ""},
        wrong("close_of_one_byte", frame(Opcode::close, "x")),
        wrong("close_with_a_code_of_nobody", frame(Opcode::close, "\x03\xee")),
        wrong("close_in_no_utf8", frame(Opcode::close, "\x03\xe9\xff\xfe")),
        wrong("masked", std::string("\x81\x82\1\2\3\4zy", 8)),
        wrong("reserved_bits", with_first_byte('\xc1', any)),
        wrong("opcode_of_nobody", with_first_byte('\x83', any)),
        wrong("control_opcode_of_nobody", with_first_byte('\x8b', any)),
        wrong("continuation_of_nothing", frame(Opcode::continuation, "{}")),
        wrong("message_in_a_message", frame(Opcode::text, "{", false) + frame(Opcode::text, "}")),
        wrong("ping_in_fragments", frame(Opcode::ping, "x", false)),
        wrong("ping_too_long", frame(Opcode::ping, std::string(126, 'x'))),
        wrong("length_longer_than_needed", std::string("\x81\x7e\0\2{}", 6)),
        stream("length_with_its_highest_bit", std::string("\x81\x7f\x80\0\0\0\0\0\0\0{}", 12),
               errc::bad_answer, "without an end"),
        wrong("text_in_no_utf8", frame(Opcode::text, "\xff\xfe")),
        stream("frame_of_a_terabyte", std::string("\x81\x7f\0\0\1\0\0\0\0\0{}", 12),
               errc::bad_answer, "without an end"),
        stream("http_again", "HTTP/1.1 200 OK\r\n\r\n", errc::bad_answer, not_web_socket),
    };
}

std::vector<Hostile> slow_frames() {
    const auto slow = [](const std::string& name, const std::string& first, Then then,
                         const std::string& more) {
        return Hostile{name, {first, then, more}, errc::timed_out, "in time"};
    };
    return {
        slow("silence", "", Then::fall_silent, ""),
        slow("silence_in_a_frame", frame(Opcode::text, renewal).substr(0, 20), Then::fall_silent,
             ""),
        slow("pings_for_ever", "", Then::repeat, frame(Opcode::ping, "")),
        slow("drip_of_pings", "", Then::drip, frame(Opcode::ping, "x")),
        slow("drip_of_fragments", frame(Opcode::text, "", false), Then::drip,
             frame(Opcode::continuation, " ", false)),
        slow("drip_of_a_frame", std::string("\x81\x7f\0\0\0\0\0\xff\xff\xff", 10), Then::drip, " "),
    };
}

std::vector<Hostile> bad_messages() {
    const auto message = [](const std::string& name, const std::string& text,
                            const std::string& words, errc error = errc::bad_answer) {
        return stream(name, frame(Opcode::text, text), error, words);
    };
    return {
        message("no_json", "well", "answered 'well'"),
        message("empty", "", "answered ''"),
        message("array", "[]", "an object is expected"),
        message("no_result", "{}", "a part is missing"),
        message("two_messages_in_one", renewal + renewal, "which is not etcd's"),
        message("deep", std::string(100'000, '['), "too deep"),
        message("error_of_text", R"({"error":"no leader"})", "an object is expected"),
        message("error_of_numbers", R"({"error":{"message":7}})", "a text is expected"),
        message("no_leader",
                R"({"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader"}})",
                "answered 'etcdserver: no leader'", errc::unreachable),
    };
}

std::vector<Hostile> bad_renewals() {
    const auto message = [](const std::string& name, const std::string& lease,
                            const std::string& words) {
        return stream(name, frame(Opcode::text, R"({"result":)" + lease + '}'), errc::bad_answer,
                      words);
    };
    return {
        message("no_id", R"({"TTL":"60"})", "a lease has no ID"),
        message("id_of_null", R"({"ID":null,"TTL":"60"})", "a number is expected"),
        message("id_beyond_63_bits", R"({"ID":18446744073709551615})", "a number is expected"),
        message("another_lease", R"({"ID":"8","TTL":"60"})", "not asked for"),
        message("ttl_for_ever", R"({"ID":"7","TTL":"9223372036854775807"})", "too long"),
        message("ttl_with_a_point", R"({"ID":"7","TTL":1.5})", "a number is expected"),
        message("ttl_in_words", R"({"ID":"7","TTL":true})", "a number is expected"),
    };
}

std::vector<Hostile> bad_watch_messages() {
    const auto event = [](const std::string& name, const std::string& one,
                          const std::string& words) {
        return stream(name,
                      frame(Opcode::text,
                            R"({"result":{"header":{},"watch_id":"1","events":[)" + one + "]}}"),
                      errc::bad_answer, words);
    };
    return {
        event("event_of_a_number", "7", "an object is expected"),
        event("event_without_a_key", R"({"type":"DELETE"})", "a part is missing"),
        event("key_that_is_no_base64", R"({"kv":{"key":"!"}})", "base64 is expected"),
        event("last_revision_of_all", R"({"kv":{"mod_revision":"9223372036854775807"}})",
              "counts up"),
        event("revision_before_all", R"({"kv":{"mod_revision":"-1"}})", "counts up"),
        stream("creation_in_words",
               frame(Opcode::text, R"({"result":{"header":{},"watch_id":"1","created":"yes"}})"),
               errc::bad_answer, "true or false is expected"),
    };
}

struct Upgrade {
    std::string name;
    std::string answer;
    errc error;
    std::string words;
    friend std::ostream& operator<<(std::ostream& out, const Upgrade& upgrade) {
        return out << upgrade.name;
    }
};

const std::string switching =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

const Upgrade bad_upgrades[] = {
    {"not_found", http("Not Found\n", "", "HTTP/1.1 404 Not Found"), errc::bad_answer,
     "does not open a WebSocket: it answered HTTP 404"},
    {"answered_as_a_request", http("{}"), errc::bad_answer, "answered HTTP 200"},
    {"redirect", http("", "Location: /v3beta/watch\r\n", "HTTP/1.1 301 Moved"), errc::bad_answer,
     "answered HTTP 301"},
    {"unavailable", http("<html>", "", "HTTP/1.1 503 Unavailable"), errc::unreachable,
     "answered HTTP 503"},
    {"no_key", switching + "\r\n", errc::bad_answer, not_web_socket},
    {"wrong_key", switching + "Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZSBpcw==\r\n\r\n",
     errc::bad_answer, not_web_socket},
    {"key_of_no_base64", switching + "Sec-WebSocket-Accept: \xff\xfe\r\n\r\n", errc::bad_answer,
     not_web_socket},
    {"another_protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
     errc::bad_answer, not_web_socket},
    {"no_http", "SSH-2.0-OpenSSH_9.2p1\r\n", errc::bad_answer, not_web_socket},
    {"endless_refusal", "HTTP/1.1 500 No\r\nContent-Length: 1099511627776\r\n\r\nx",
     errc::bad_answer, ""},
    {"silence", "HTTP/1.1 101 Switching", errc::timed_out, "did not answer in time"},
};

// One renewal, and what came of it.
result<Lease> renew_at(const BadServer& server, std::chrono::milliseconds time) {
    Client client(options_for(server, time, web_socket));
    const Inbox<Lease> renewed;
    client.store().renew_lease(LeaseId{7}, renewed.reply());
    BOOST_REQUIRE(renewed.wait(1, time + hostile_slack));
    client.end();
    BOOST_TEST(renewed.all().size() == 1U);
    return renewed.all().front();
}

void check_renewal(const Hostile& hostile, const Script& script) {
    const BadServer server(script);
    const auto renewed = renew_at(server, time_for(hostile));
    BOOST_REQUIRE_MESSAGE(renewed.has_error(), "it is taken for a renewal");
    check_error(hostile, renewed.error(), server);
}

}  // namespace

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(hostile_streams, *boost::unit_test::precondition(runs_over_v3))

BOOST_DATA_TEST_CASE(renewal_is_understood_in_whatever_frames, data::make(good_framings), framing) {
    const BadServer server(Script{.stream = {framing.around(renewal), Then::fall_silent}});
    const auto renewed = renew_at(server, 10s);
    BOOST_REQUIRE_MESSAGE(renewed.has_value(), renewed.error());
    BOOST_TEST((renewed->granted_ttl == 60s));
}

BOOST_DATA_TEST_CASE(change_is_understood_in_whatever_frames, data::make(good_framings), framing) {
    const BadServer server(Script{
        .stream = {frame(Opcode::text, created) + framing.around(updated), Then::fall_silent}});
    Client client(options_for(server, 10s, web_socket));
    const auto watching = client.watch(Scope::key, "some/7", Revision{4});
    BOOST_REQUIRE(watching.heard.wait(1, 10s + hostile_slack));
    BOOST_TEST(describe(watching.heard.all()) == "updated 'new'");
}

BOOST_DATA_TEST_CASE(bad_frame_fails_a_renewal, data::make(bad_frames()), hostile) {
    check_renewal(hostile, {.stream = hostile.speech});
}

BOOST_AUTO_TEST_CASE(endless_message_is_not_read_to_its_end) {
    const std::string more = frame(Opcode::continuation, std::string(65536, ' '), false);
    check_renewal({"endless_fragments", {}, errc::bad_answer, "without an end"},
                  {.stream = {frame(Opcode::text, "", false), Then::repeat, more}});
}

BOOST_DATA_TEST_CASE(bad_frame_fails_a_watch, data::make(bad_frames()), hostile) {
    check_watch(hostile, {.stream = hostile.speech}, web_socket);
}

BOOST_DATA_TEST_CASE(slow_frame_fails_a_renewal_in_time, data::make(slow_frames()), hostile) {
    check_renewal(hostile, {.stream = hostile.speech});
}

BOOST_DATA_TEST_CASE(slow_frame_fails_a_watch_in_time, data::make(slow_frames()), hostile) {
    check_watch(hostile, {.stream = hostile.speech}, web_socket);
}

BOOST_DATA_TEST_CASE(bad_message_fails_a_renewal, data::make(bad_messages()), hostile) {
    check_renewal(hostile, {.stream = hostile.speech});
}

BOOST_DATA_TEST_CASE(bad_message_fails_a_watch, data::make(bad_messages()), hostile) {
    check_watch(hostile, {.stream = hostile.speech}, web_socket);
}

BOOST_DATA_TEST_CASE(bad_renewal_is_none, data::make(bad_renewals()), hostile) {
    check_renewal(hostile, {.stream = hostile.speech});
}

BOOST_DATA_TEST_CASE(bad_change_is_none, data::make(bad_watch_messages()), hostile) {
    check_watch(hostile, {.stream = hostile.speech}, web_socket);
}

BOOST_DATA_TEST_CASE(bad_upgrade_fails_both, data::make(bad_upgrades), upgrade) {
    const Hostile hostile{upgrade.name, {}, upgrade.error, upgrade.words};
    check_renewal(hostile, {.upgrade = upgrade.answer});
    check_watch(hostile, {.upgrade = upgrade.answer}, web_socket);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
