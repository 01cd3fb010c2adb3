#include "backends/etcd/v2/leases.hpp"

#include "backends/etcd/v2/layout.hpp"

namespace tenure::etcd::detail::v2 {

std::vector<std::shared_ptr<HeldEntry>> HeldLease::entries() const {
    std::vector<std::shared_ptr<HeldEntry>> all;
    for (const auto& [directory, place] : places) {
        if (place.entry) all.push_back(place.entry);
    }
    return all;
}

HeldLease& Leases::grant(std::chrono::seconds ttl) {
    // What nobody has given back is long over in etcd, too.
    std::erase_if(leases_, [now = LeaseClock::now()](const auto& each) {
        return now > each.second.good_until + 2 * each.second.ttl;
    });
    LeaseId id{};
    // Positive, and not one that is there.
    while (id == LeaseId{} || leases_.contains(id))
        id = LeaseId{static_cast<std::int64_t>(ids_() >> 1U)};
    return leases_[id] = {.id = id, .ttl = ttl, .good_until = LeaseClock::now() + ttl};
}

HeldLease* Leases::find(LeaseId id) {
    const auto found = leases_.find(id);
    return found == leases_.end() ? nullptr : &found->second;
}

HeldLease* Leases::find_good(LeaseId id) {
    HeldLease* const lease = find(id);
    if (lease == nullptr) return nullptr;
    if (LeaseClock::now() >= lease->good_until) lease->is_over = true;
    return lease->is_over ? nullptr : lease;
}

Leases::Found Leases::find_entry(std::string_view path) {
    for (const Found& found : in(std::string(parent_of(path)))) {
        if (found.place->entry && found.place->entry->path() == path) return found;
    }
    return {};
}

std::vector<Leases::Found> Leases::in(const std::string& directory) {
    std::vector<Found> all;
    for (auto& [id, lease] : leases_) {
        const auto found = lease.places.find(directory);
        if (found != lease.places.end()) all.push_back({&lease, &found->second});
    }
    return all;
}

std::chrono::seconds Leases::shortest_ttl() const {
    std::chrono::seconds shortest{0};
    for (const auto& [id, lease] : leases_) {
        const bool is_kept = !lease.is_over && LeaseClock::now() < lease.good_until;
        if (!is_kept || lease.entries().empty()) continue;
        if (shortest == shortest.zero() || lease.ttl < shortest) shortest = lease.ttl;
    }
    return shortest;
}

}  // namespace tenure::etcd::detail::v2
