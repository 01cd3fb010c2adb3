// The v2 API has no leases, only keys that each run out. So a lease lives here, in the store that
// granted it: a time, and the entries that are kept as long as it is renewed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <tenure/key_store.hpp>
#include <vector>

#include "backends/etcd/v2/held_entry.hpp"

namespace tenure::etcd::detail::v2 {

/// A request to create whose answer never came: it may have left a ghost, now or later.
struct LostCreate {
    std::uint64_t number = 0;
    std::string value;
    /// The ghost was created after this index.
    std::int64_t after = 0;
    /// A ghost that comes later than this runs out by itself.
    Instant forget_at{};
};

/// An entry that is being made.
struct Making {
    using Taker = std::function<void(const result<std::shared_ptr<HeldEntry>>&)>;

    LeaseId lease{};
    std::string directory;
    std::string value;
    std::chrono::seconds ttl{};
    std::vector<Taker> takers{};
};

/// What a lease has in one directory.
struct Place {
    /// As it was asked for: `a` and `/a` are one directory.
    std::string election{};
    std::shared_ptr<HeldEntry> entry{};
    std::shared_ptr<Making> making{};
    std::vector<LostCreate> lost{};
};

struct HeldLease {
    LeaseId id{};
    std::chrono::seconds ttl{};
    /// Counted from the last answer, so never too early.
    Instant good_until{};
    /// Nothing is made or renewed under it any more; what is left of it may still be revoked.
    bool is_over = false;
    /// By directory.
    std::map<std::string, Place> places{};

    std::vector<std::shared_ptr<HeldEntry>> entries() const;
};

class Leases {
public:
    HeldLease& grant(std::chrono::seconds ttl);
    /// Null when it is none of ours.
    HeldLease* find(LeaseId id);
    /// The same, and null too when it is over, or its time is.
    HeldLease* find_good(LeaseId id);
    void erase(LeaseId id) { leases_.erase(id); }

    struct Found {
        HeldLease* lease = nullptr;
        Place* place = nullptr;
    };
    /// Whose entry that is; null when it is none of ours.
    Found find_entry(std::string_view path);
    /// All places in a directory.
    std::vector<Found> in(const std::string& directory);
    /// The shortest TTL of those with entries; zero when there are none.
    std::chrono::seconds shortest_ttl() const;

private:
    std::map<LeaseId, HeldLease> leases_;
    std::mt19937_64 ids_{std::random_device{}()};
};

}  // namespace tenure::etcd::detail::v2
