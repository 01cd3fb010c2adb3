// Who wants to hear of which keys.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <tenure/key_store.hpp>
#include <unordered_map>
#include <vector>

#include "backends/memory/outbox.hpp"

namespace tenure::memory {

/// One open watch; the deliveries under way share it.
struct Watcher {
    std::uint64_t number = 0;
    WatchTarget target;
    std::shared_ptr<Outbox> outbox;
    Reply<Change> reply;
    /// Cleared when the watch is dropped: nothing is delivered any more.
    std::atomic<bool> is_open{true};
};

/// Not thread-safe: its owner locks. Finds those whom a change concerns without asking all.
class Watchers {
public:
    void add(std::shared_ptr<Watcher> watcher);
    void remove(const Watcher& watcher);
    /// Gives them back, for they must not die under the owner's lock: a reply may own anything.
    [[nodiscard]] std::vector<std::shared_ptr<Watcher>> remove_all_of(const Outbox& outbox);
    /// Pushes the change to each that it concerns, in the order in which they were added.
    std::vector<std::shared_ptr<Outbox>> push(const Change& change) const;

private:
    using ByNumber = std::map<std::uint64_t, std::shared_ptr<Watcher>>;

    std::unordered_map<std::string, ByNumber>& of_scope(WatchTarget::Scope scope) {
        return scope == WatchTarget::Scope::key ? of_keys_ : of_prefixes_;
    }

    ByNumber all_;
    std::unordered_map<std::string, ByNumber> of_keys_;
    std::unordered_map<std::string, ByNumber> of_prefixes_;
};

/// Puts one delivery on the watcher's way.
void push_to(const std::shared_ptr<Watcher>& watcher, result<Change> change);

}  // namespace tenure::memory
