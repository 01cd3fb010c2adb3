// What a memory store keeps, without clocks, threads or watchers: entries in their order,
// the leases they hang on, and the history of changes.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tenure/key_store.hpp>
#include <unordered_map>
#include <vector>

namespace tenure::memory {

/// The prefix as it stands before a key: with a slash at its end.
std::string closed(std::string prefix);
/// Every closed prefix that holds the key, the shortest first.
std::vector<std::string> prefixes_of(const std::string& key);

/// Not thread-safe: its owner locks.
class Tables {
public:
    Revision revision() const { return revision_; }

    LeaseId add_lease();
    bool has_lease(LeaseId id) const { return leases_.contains(id); }
    /// All that hangs on leases below the prefix, or below any if it is empty, in order.
    std::vector<Entry> entries(const std::string& prefix) const;
    /// Removes the lease and, in one revision, all its entries.
    void drop_lease(LeaseId id);

    result<Entry> create(const NewEntry& entry);
    result<Revision> update(const Entry& entry, std::string value);
    void remove(const Entry& entry);
    result<Listing> list(const ListQuery& query) const;
    result<Standing> standing(const std::string& prefix, const Entry& own) const;
    result<Revision> guarded_put(const GuardedPut& put);

    /// What has changed since the last call, in order.
    std::vector<Change> take_changes();
    /// What `target` has missed since `target.after`; nothing when that is forgotten.
    std::optional<std::vector<Change>> changes_after(const WatchTarget& target) const;
    void compact(Revision revision);

private:
    using Line = std::map<Revision, const Entry*>;

    const Entry* find(const Entry& entry) const;
    const Line& line_of(const std::string& prefix) const;
    Entry& insert(Entry entry);
    void erase(std::string key);
    void advance() { revision_ = Revision{to_integer(revision_) + 1}; }
    void note(Change::Kind kind, const Entry& entry);

    Revision revision_{};
    Revision compacted_{};
    std::int64_t last_lease_ = 0;
    /// The keys that hang on each lease.
    std::map<LeaseId, std::set<std::string>> leases_;
    std::map<std::string, Entry> entries_;
    /// By closed prefix, what stands below it in the order of creation.
    std::unordered_map<std::string, Line> lines_;
    std::deque<Change> history_;
    std::vector<Change> fresh_;
};

}  // namespace tenure::memory
