// The narrow door between the election and whatever keeps its entries. Eight calls are
// needed; `standing` and `enter` may be overridden by a store that can do them faster.
// docs/writing-a-store.md shows a store of one page, and <tenure/conformance.hpp> tests
// each numbered rule below under its number.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tenure/error.hpp>
#include <tenure/types.hpp>
#include <vector>

namespace tenure {

/// Called with the outcome of a request: rule 1 says how often and on which thread.
template <class T>
using Reply = std::function<void(result<T>)>;

struct Lease {
    LeaseId id{};
    /// What the store granted; it may be more than was asked.
    Duration granted_ttl{};
    /// How much sooner than that its holder has to stop, where the store knows that it may confirm
    /// a renewal that does not count; of the answer to a grant only. A session takes this or its
    /// own margin off, whichever is more.
    Duration margin{};
    friend bool operator==(const Lease&, const Lease&) = default;
};

/// A candidate's place in line.
struct Entry {
    std::string key;
    std::string value;
    LeaseId lease{};
    /// The revision that created it: its place in the order, and its fencing token.
    Revision created{};
    friend bool operator==(const Entry&, const Entry&) = default;
};

struct NewEntry {
    /// The election's name; the store closes it (rule 8) and picks the key below it.
    std::string prefix;
    std::string value;
    LeaseId lease{};
    friend bool operator==(const NewEntry&, const NewEntry&) = default;
};

enum class Order { ascending, descending };

struct ListQuery {
    std::string prefix;
    /// Only entries created before this revision.
    std::optional<Revision> before{};
    /// At most so many, counted after `before` and `order`; 0 is no limit.
    std::size_t limit = 0;
    /// By `created`.
    Order order = Order::ascending;
    friend bool operator==(const ListQuery&, const ListQuery&) = default;
};

struct Listing {
    std::vector<Entry> entries;
    /// The store's revision the listing was taken at; a watch after it misses nothing.
    Revision revision{};
    friend bool operator==(const Listing&, const Listing&) = default;
};

/// Where a candidate stands. `own` and `predecessor` come from one linearizable read;
/// with no predecessor, `first` is the own entry in that same read. Behind others, `first`
/// may be a little newer: it informs, and nothing rests on it.
struct Standing {
    std::optional<Entry> first;
    std::optional<Entry> predecessor;
    std::optional<Entry> own;
    Revision revision{};
    friend bool operator==(const Standing&, const Standing&) = default;
};

struct WatchTarget {
    enum class Scope { key, prefix };
    Scope scope = Scope::key;
    /// An entry's key, or an election's name.
    std::string name;
    /// Every later change is reported.
    Revision after{};
    friend bool operator==(const WatchTarget&, const WatchTarget&) = default;
};

struct Change {
    enum class Kind { created, updated, removed };
    Kind kind = Kind::created;
    /// A removed entry bears at least its key; `created` is 0 where the store does not tell.
    Entry entry;
    Revision revision{};
    friend bool operator==(const Change&, const Change&) = default;
};

/// Destroying it ends the watch (rule 10). Thread safety: any thread.
class Watch {
public:
    virtual ~Watch() = default;
};

/// A write to `key` that succeeds only while `entry` stands.
struct GuardedPut {
    Entry entry;
    std::string key;
    std::string value;
    friend bool operator==(const GuardedPut&, const GuardedPut&) = default;
};

/// What a store may or may not be able to do. The conformance suite knows each by its name.
enum class Capability {
    /// `guarded_put`.
    guarded_puts,
    /// `enter` is one round trip: an entry is never made without its place being known.
    one_step_entering,
    /// Rule 4 as it stands: the entries of a lease vanish together. Without it they vanish one by
    /// one, none before its time; and of a lease that is gone, the session takes away what is left.
    whole_leases,
    /// Every client of the store knows a lease, and whose an entry is. Without it a lease is kept
    /// by the store object that granted it, for which alone `Entry::lease` is not 0, and which
    /// alone can renew the lease and update its entries.
    shared_leases,
    /// Values of any bytes. Without it they are UTF-8, and anything else is `errc::refused`.
    binary_values,
};

/// The name as it is spelled above.
std::string_view to_string(Capability capability) noexcept;

/// The contract. Each number is the name of a conformance test.
///
///  1. A reply comes exactly once (a watch: once per change, then at most one error), on any
///     thread, even before the call returns.
///  2. `list` is linearizable: it sees every create and remove that finished before it began.
///  3. Once a list has shown `created == n`, nothing lower may appear later. `created` is never
///     reused, not even when the prefix was empty in between.
///  4. Entries of a lease vanish together, not before `granted_ttl` has passed since the last
///     renewal that the store answered.
///  5. `create` twice under one lease and prefix gives the first entry back, unchanged.
///  6. A watch reports every change after `after`, or fails; it is never silent. Lost history
///     is `errc::compacted`; a stream that cannot vouch for its freshness fails within a
///     bounded time that the store documents.
///  7. "Maybe applied" is `condition::unavailable`, "certainly not" is `condition::refused`.
///     Unreachable is never reported as gone, nor as an empty list.
///  8. Prefixes are closed: `a/b` never sees `a/bc`.
///  9. `update` and `remove` act only on the entry with that `created`, not on a later one
///     with the same key.
/// 10. A last reply may race with the end of its `Watch`; whoever holds the watch drops it.
///
/// Every request ends within a time of the store's own, by `errc::timed_out` at the latest.
/// Thread safety: every call from any thread. Lifetime: after the destructor has returned no
/// reply comes; the outstanding ones are dropped.
class KeyStore {
public:
    KeyStore() = default;
    KeyStore(const KeyStore&) = delete;
    KeyStore& operator=(const KeyStore&) = delete;
    virtual ~KeyStore() = default;

    /// A new lease of at least `ttl`, counted by the store from when it handles the request.
    virtual void grant_lease(Duration ttl, Reply<Lease> reply) = 0;
    /// Restarts the lease's time. A vanished lease is `errc::lease_gone`, and stays gone.
    virtual void renew_lease(LeaseId id, Reply<Lease> reply) = 0;
    /// Ends the lease and removes its entries. A vanished lease is `errc::lease_gone`.
    virtual void revoke_lease(LeaseId id, Reply<void> reply) = 0;

    /// A new entry at the tail (or the one that stands, rule 5). Without the lease:
    /// `errc::lease_gone`.
    virtual void create(NewEntry entry, Reply<Entry> reply) = 0;
    /// Changes the value; another or no entry is `errc::entry_changed`.
    virtual void update(Entry entry, std::string value, Reply<Revision> reply) = 0;
    /// Success once the entry is not there, whoever removed it.
    virtual void remove(Entry entry, Reply<void> reply) = 0;
    virtual void list(ListQuery query, Reply<Listing> reply) = 0;
    /// Never null. The reply may come while the returned watch is still being built.
    [[nodiscard]] virtual std::unique_ptr<Watch> watch(WatchTarget target, Reply<Change> reply) = 0;

    /// Where `own` stands in `prefix`. `Standing::own` is empty when it is gone.
    virtual void standing(std::string prefix, Entry own, Reply<Standing> reply);
    /// `create`, and where that leaves the entry.
    virtual void enter(NewEntry entry, Reply<Standing> reply);

    /// What the contract asks for can be done, and what it does not cannot, unless a store says
    /// otherwise.
    virtual bool can(Capability capability) const noexcept;
    /// Needs `Capability::guarded_puts`. `errc::entry_changed` when the entry is not there; nothing
    /// is written then.
    virtual void guarded_put(GuardedPut put, Reply<Revision> reply);
};

}  // namespace tenure
