// What goes to etcd's v2 keys API and what comes back, as plain structs: JSON, forms and URLs stay
// in the codec.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tenure/error.hpp>
#include <vector>

#include "backends/etcd/http_connection.hpp"

namespace tenure::etcd::detail::v2 {

/// Read when there is nothing else to read. If it were there, listings would leave it out.
inline constexpr std::string_view no_such_key = "/_tenure";

/// The index at which a key was changed last, as a condition of the next change. Never 0: etcd
/// takes `prevIndex=0` for no condition at all, and creates the key.
class ModifiedIndex {
public:
    /// Throws std::invalid_argument when it is not positive.
    explicit ModifiedIndex(std::int64_t index);
    std::int64_t value() const noexcept { return index_; }

private:
    std::int64_t index_;
};

struct Node {
    /// Begins with a slash.
    std::string key;
    std::string value;
    bool is_directory = false;
    std::int64_t created = 0;
    std::int64_t modified = 0;
    /// Whole seconds left, rounded up; 0 when it stays for ever.
    std::int64_t ttl = 0;
};

/// An answer that tells how things are, be they as was hoped or not.
struct Answer {
    enum class Outcome {
        done,
        /// There is no such key.
        absent,
        /// The key was changed since: nothing was done.
        changed,
    };
    Outcome outcome = Outcome::done;
    std::string action{};
    Node node{};
    std::optional<Node> previous{};
    /// Of a directory.
    std::vector<Node> children{};
    /// How far etcd was when it answered; for a poll, when it began to wait.
    std::int64_t index = 0;
};

// Paths are keys as etcd has them, not encoded: `/a/b`.

/// An in-order key in a directory, which is made if need be.
HttpQuestion ask_to_create(std::string_view directory, std::string_view value,
                           std::chrono::seconds ttl);
/// A linearizable read, of a directory with what is in it, in order.
HttpQuestion ask_to_read(std::string_view path);
/// Restarts the key's time, and wakes no watcher.
HttpQuestion ask_to_refresh(std::string_view path, ModifiedIndex unless_changed_since,
                            std::chrono::seconds ttl);
HttpQuestion ask_to_change(std::string_view path, std::string_view value,
                           ModifiedIndex unless_changed_since, std::chrono::seconds ttl);
HttpQuestion ask_to_remove(std::string_view path, ModifiedIndex unless_changed_since);
/// Waits for the first change at this index or later.
HttpQuestion ask_to_wait(std::string_view path, bool recursive, std::int64_t from_index);

/// Everything but an `Answer` is an error: `errc::compacted` when the history that a poll asked
/// for is gone, and a clear word when the server has no v2 API.
result<Answer> decode(const HttpAnswer& answer);

}  // namespace tenure::etcd::detail::v2
