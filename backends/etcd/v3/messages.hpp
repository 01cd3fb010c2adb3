// What goes to etcd and what comes back, as plain structs: the JSON stays in the codec.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tenure/error.hpp>
#include <variant>
#include <vector>

#include "backends/etcd/origin.hpp"

namespace tenure::etcd::detail::v3 {

struct KeyValue {
    std::string key;
    std::string value;
    std::int64_t create_revision = 0;
    std::int64_t mod_revision = 0;
    std::int64_t lease = 0;
};

struct Range {
    enum class Sort { none, oldest_first, newest_first, last_changed_first };
    std::string key;
    /// Empty for the one key.
    std::string range_end{};
    /// 0 for now.
    std::int64_t revision = 0;
    std::int64_t limit = 0;
    std::int64_t max_create_revision = 0;
    Sort sort = Sort::none;
    bool count_only = false;
    bool keys_only = false;
};

struct Put {
    std::string key;
    std::string value;
    std::int64_t lease = 0;
};

struct Delete {
    std::string key;
};

using Operation = std::variant<Range, Put, Delete>;

/// Holds when the key was created at that revision; 0 for a key that is not there.
struct CreatedAt {
    std::string key;
    std::int64_t create_revision = 0;
};

/// One atomic step. Each operation sees the ones before it.
struct Transaction {
    std::optional<CreatedAt> condition{};
    std::vector<Operation> then{};
    std::vector<Operation> otherwise{};
};

/// What one operation of a transaction brought; for a put or delete, nothing.
struct RangeAnswer {
    std::vector<KeyValue> entries;
    std::int64_t count = 0;
};

struct TransactionAnswer {
    bool succeeded = false;
    std::int64_t revision = 0;
    std::vector<RangeAnswer> operations;
};

struct LeaseAnswer {
    Origin origin{};
    std::int64_t id = 0;
    /// 0 when the lease is gone.
    std::int64_t ttl_seconds = 0;
};

struct WatchRequest {
    std::int64_t id = 0;
    std::string key;
    std::string range_end{};
    /// 0 for what comes from now on.
    std::int64_t start_revision = 0;
};

struct Event {
    bool removed = false;
    KeyValue entry;
    /// What was there before.
    std::optional<KeyValue> previous{};
};

struct WatchAnswer {
    std::int64_t id = 0;
    Origin origin{};
    std::int64_t revision = 0;
    bool created = false;
    bool canceled = false;
    std::int64_t compact_revision = 0;
    std::string cancel_reason{};
    /// Why it was not even asked for: nobody was let in. In words that begin with the endpoint.
    std::optional<Error> not_let_in{};
    std::vector<Event> events{};
    /// Not etcd's: our own line's.
    bool is_own_word = false;
};

std::string encode(const Transaction& transaction);
std::string encode(const WatchRequest& request);
std::string encode_watch_cancel(std::int64_t id);
std::string encode_lease_grant(std::int64_t ttl_seconds);
/// For renewing and revoking alike.
std::string encode_lease_id(std::int64_t id);
std::string encode_sign_in(const std::string& user, const std::string& password);

/// What does not look like etcd's is `errc::bad_answer`, with a quotation.
result<TransactionAnswer> decode_transaction(std::string_view body);
result<LeaseAnswer> decode_lease(std::string_view body);
/// The token of a sign-in.
result<std::string> decode_token(std::string_view body);
/// What a server says of its own version.
result<std::string> decode_version(std::string_view body);
/// How many members a list of them has.
result<std::size_t> decode_member_count(std::string_view body);
/// Any JSON object will do.
result<void> decode_nothing(std::string_view body);
/// One message of a stream; its own errors come as errors.
result<WatchAnswer> decode_watch_message(std::string_view message);
result<LeaseAnswer> decode_renewal_message(std::string_view message);

/// What an answer with another status than 200 means.
Error error_of_answer(unsigned status, std::string_view body);
/// What etcd means by a gRPC code and its words.
Error error_of_code(std::int64_t code, std::string_view message);

}  // namespace tenure::etcd::detail::v3
