// Answers of the keys API out of JSON.
#include "backends/etcd/json_reading.hpp"
#include "backends/etcd/v2/messages.hpp"

namespace tenure::etcd::detail::v2 {
namespace {

namespace json = boost::json;

// etcd's own numbers for what may go wrong.
enum Code : std::int64_t {
    key_not_found = 100,
    compare_failed = 101,
    insufficient_credentials = 110,
    first_invalid_field = 200,
    raft_internal = 300,
    watcher_cleared = 400,
    index_cleared = 401,
};

Node node_of(const json::object& object) {
    Node node{.key = text_in(object, "key"),
              .value = text_in(object, "value"),
              .is_directory = flag_in(object, "dir"),
              .created = counter_in(object, "createdIndex"),
              .modified = counter_in(object, "modifiedIndex"),
              .ttl = number_in(object, "ttl")};
    // Directories have them, too; only the root has none, and nobody asks for that.
    const bool is_whole = node.created > 0 && node.modified > 0;
    if (!is_whole) throw Malformed("a key has no index");
    return node;
}

Answer answer_of(const json::object& object) {
    Answer answer;
    answer.action = text_in(object, "action");
    const json::object& node = object_in(object, "node");
    answer.node = node_of(node);
    for_each_in(node, "nodes",
                [&](const json::object& child) { answer.children.push_back(node_of(child)); });
    if (const json::value* const previous = object.if_contains("prevNode")) {
        answer.previous = node_of(object_of(*previous));
    }
    return answer;
}

errc code_of(std::int64_t number) {
    if (number == index_cleared) return errc::compacted;
    if (number == insufficient_credentials) return errc::denied;
    // What is not certain not to have taken effect must not be `refused`.
    const bool is_about_the_request = number > compare_failed && number < raft_internal;
    return is_about_the_request ? errc::refused : errc::unreachable;
}

result<Answer> error_of(const json::object& object) {
    const std::int64_t number = number_in(object, "errorCode");
    Answer answer{.index = counter_in(object, "index")};
    if (number == key_not_found || number == compare_failed) {
        answer.outcome =
            number == key_not_found ? Answer::Outcome::absent : Answer::Outcome::changed;
        return answer;
    }
    std::string words = "answered " + quote(text_in(object, "message"));
    if (const std::string cause = text_in(object, "cause"); !cause.empty()) {
        words += " (" + quote(cause) + ')';
    }
    return Error(code_of(number), words + ", etcd's error " + std::to_string(number));
}

// A server whose v2 API is off knows no such path, and says so in the words of its HTTP library.
bool is_unknown_path(const HttpAnswer& answer) {
    return answer.status == 404 && !answer.body.starts_with('{');
}

}  // namespace

result<Answer> decode(const HttpAnswer& answer) {
    if (is_unknown_path(answer)) {
        return Error(errc::refused,
                     "does not serve the v2 keys API (it answered 404 to /v2/keys): start etcd 3.4 "
                     "or 3.5 with --enable-v2=true, or leave out api=v2; etcd 3.6 and later have "
                     "no v2 API");
    }
    auto decoded = detail::decode<Answer>(answer.body, [](const json::object& object) {
        if (object.contains("errorCode")) return error_of(object);
        return result<Answer>(answer_of(object));
    });
    if (!decoded) {
        // Not etcd's own words: a proxy's, or those of a server that is shutting down.
        if (decoded.error().code == errc::bad_answer && answer.status >= 500) {
            return Error(errc::unreachable, "answered HTTP " + std::to_string(answer.status) +
                                                ": " + quote(answer.body));
        }
        return decoded;
    }
    if (answer.etcd_index > 0) decoded->index = answer.etcd_index;
    return decoded;
}

}  // namespace tenure::etcd::detail::v2
