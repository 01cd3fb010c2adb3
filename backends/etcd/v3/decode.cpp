// Answers out of JSON. etcd leaves zero values out, and writes 64-bit numbers as strings;
// newer or older gateways may write them as numbers, so both are taken.
#include "backends/etcd/base64.hpp"
#include "backends/etcd/endpoints.hpp"
#include "backends/etcd/json_reading.hpp"
#include "backends/etcd/v3/messages.hpp"

namespace tenure::etcd::detail::v3 {
namespace {

namespace json = boost::json;

std::string bytes_in(const json::object& object, std::string_view name) {
    auto bytes = from_base64(text_in(object, name));
    if (!bytes) throw Malformed("base64 is expected");
    return std::move(*bytes);
}

Origin origin_of(const json::object& answer) {
    if (!answer.contains("header")) return {};
    const json::object& header = object_in(answer, "header");
    return {.cluster = text_in(header, "cluster_id"), .term = number_in(header, "raft_term")};
}

std::int64_t revision_in(const json::object& answer) {
    return counter_in(object_in(answer, "header"), "revision");
}

KeyValue key_value_of(const json::object& object) {
    return {.key = bytes_in(object, "key"),
            .value = bytes_in(object, "value"),
            .create_revision = counter_in(object, "create_revision"),
            .mod_revision = counter_in(object, "mod_revision"),
            .lease = number_in(object, "lease")};
}

RangeAnswer operation_of(const json::object& object) {
    RangeAnswer answer;
    const json::value* const range = object.if_contains("response_range");
    if (range == nullptr) return answer;
    answer.count = number_in(object_of(*range), "count");
    for_each_in(object_of(*range), "kvs",
                [&](const json::object& entry) { answer.entries.push_back(key_value_of(entry)); });
    return answer;
}

Event event_of(const json::object& object) {
    Event event;
    event.removed = text_in(object, "type") == "DELETE";
    event.entry = key_value_of(object_in(object, "kv"));
    if (const json::value* const previous = object.if_contains("prev_kv")) {
        event.previous = key_value_of(object_of(*previous));
    }
    return event;
}

// A message of a stream is `{"result":…}` or `{"error":…}`.
template <class T, class Read>
result<T> decode_message(std::string_view text, Read read) {
    return decode<T>(text, [&](const json::object& message) -> result<T> {
        if (const json::value* const error = message.if_contains("error")) {
            const json::object& words = object_of(*error);
            const bool is_old = words.contains("grpc_code");
            return error_of_code(number_in(words, is_old ? "grpc_code" : "code"),
                                 text_in(words, "message"));
        }
        return read(object_in(message, "result"));
    });
}

// The longest that etcd grants; not much more would fit into a Duration.
constexpr std::int64_t longest_ttl_seconds = 9'000'000'000;

LeaseAnswer lease_of(const json::object& object) {
    LeaseAnswer lease{.origin = origin_of(object),
                      .id = number_in(object, "ID"),
                      .ttl_seconds = number_in(object, "TTL")};
    if (lease.id == 0) throw Malformed("a lease has no ID");
    if (lease.ttl_seconds > longest_ttl_seconds) throw Malformed("a TTL is too long");
    return lease;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

errc code_of(std::int64_t code, std::string_view message) {
    // gRPC's numbers. What is not certain not to have taken effect must not be `refused`.
    switch (code) {
        case 4: return errc::timed_out;
        case 5: return contains(message, "lease not found") ? errc::lease_gone : errc::refused;
        case 8: return contains(message, "too many requests") ? errc::unreachable : errc::refused;
        case 11:
            if (contains(message, "compacted")) return errc::compacted;
            // A member that lags behind what was read elsewhere.
            return contains(message, "future revision") ? errc::unreachable : errc::refused;
        case 3:
            return contains(message, "user name is empty") ||
                           contains(message, "authentication failed")
                       ? errc::denied
                       : errc::refused;
        case 7:
        case 16: return errc::denied;
        case 6:
        case 9:
        case 12: return errc::refused;
        default:
            return contains(message, "deadline exceeded") || contains(message, "timed out")
                       ? errc::timed_out
                       : errc::unreachable;
    }
}

}  // namespace

result<TransactionAnswer> decode_transaction(std::string_view body) {
    return decode<TransactionAnswer>(body, [](const json::object& object) {
        TransactionAnswer answer;
        answer.succeeded = flag_in(object, "succeeded");
        answer.revision = revision_in(object);
        for_each_in(object, "responses", [&](const json::object& operation) {
            answer.operations.push_back(operation_of(operation));
        });
        return answer;
    });
}

result<LeaseAnswer> decode_lease(std::string_view body) {
    return decode<LeaseAnswer>(body, lease_of);
}

result<std::string> decode_token(std::string_view body) {
    // No quotation in an error: it would be of a secret.
    auto token = decode<std::string>(
        body, [](const json::object& object) { return text_in(object, "token"); });
    const bool is_printable = token && !token->empty() && std::ranges::all_of(*token, [](char c) {
                                  return c > ' ' && c <= '~';
                              });
    if (is_printable) return token;
    return Error(errc::bad_answer, "let us in and gave no token");
}

result<std::string> decode_version(std::string_view body) {
    return decode<std::string>(
        body, [](const json::object& object) { return text_in(object, "etcdserver"); });
}

result<std::size_t> decode_member_count(std::string_view body) {
    return decode<std::size_t>(body, [](const json::object& object) {
        std::size_t count = 0;
        for_each_in(object, "members", [&](const json::object&) { ++count; });
        if (count == 0) throw Malformed("a cluster has no members");
        return count;
    });
}

result<void> decode_nothing(std::string_view body) {
    const auto header = decode<std::int64_t>(body, revision_in);
    if (!header) return header.error();
    return {};
}

result<WatchAnswer> decode_watch_message(std::string_view message) {
    return decode_message<WatchAnswer>(message, [](const json::object& object) {
        WatchAnswer answer;
        answer.id = number_in(object, "watch_id");
        answer.origin = origin_of(object);
        answer.revision = revision_in(object);
        answer.created = flag_in(object, "created");
        answer.canceled = flag_in(object, "canceled");
        answer.compact_revision = counter_in(object, "compact_revision");
        answer.cancel_reason = text_in(object, "cancel_reason");
        for_each_in(object, "events",
                    [&](const json::object& event) { answer.events.push_back(event_of(event)); });
        return answer;
    });
}

result<LeaseAnswer> decode_renewal_message(std::string_view message) {
    return decode_message<LeaseAnswer>(message, lease_of);
}

Error error_of_code(std::int64_t code, std::string_view message) {
    return {code_of(code, message), "answered " + quote(message)};
}

Error error_of_answer(unsigned status, std::string_view body) {
    struct Refusal {
        std::int64_t code;
        std::string words;
    };
    const auto refusal = decode<Refusal>(body, [](const json::object& object) {
        if (!object.contains("code")) throw Malformed("no code");
        const bool is_new = object.contains("message");
        return Refusal{number_in(object, "code"), text_in(object, is_new ? "message" : "error")};
    });
    if (refusal) return error_of_code(refusal->code, refusal->words);
    // The gateway will not have it that somebody takes the certificate for the user.
    if (status == 400 && contains(body, "CommonName of client")) {
        return {
            errc::denied,
            "answered HTTP 400: while it asks for passwords it takes no client certificate that "
            "has a CommonName; use one without"};
    }
    return {status >= 500 ? errc::unreachable : errc::bad_answer,
            "answered HTTP " + std::to_string(status) + " " + quote(body)};
}

}  // namespace tenure::etcd::detail::v3
