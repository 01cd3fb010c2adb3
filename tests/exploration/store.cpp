// The store as its contract allows it to be: leases end by their time, never much too early
// and perhaps very late; entries stand in the order they were made; watches miss nothing.
#include <algorithm>

#include "tests/exploration/model.hpp"

namespace tenure::exploration {
namespace {

/// A grant waits its turn while so many leases of one candidate are left to run out.
constexpr std::ptrdiff_t most_leases = 2;

StoredLease* find_lease(World& world, LeaseId id) {
    auto& leases = world.store.leases;
    const auto found = std::ranges::find(leases, id, &StoredLease::id);
    return found == leases.end() ? nullptr : &*found;
}

// The store numbers every change, and tells it to who watches that key.
void record(World& world, LeaseId key, Notice notice) {
    Store& store = world.store;
    if (store.history.size() == store.history.capacity()) {
        store.compacted = store.history.front().revision;
        store.history.erase(store.history.begin());
    }
    store.history.push_back({key, notice, store.revision});
    for (Candidate& candidate : world.candidates) {
        if (!candidate.watch || candidate.watch->key != key) continue;
        auto& pending = candidate.watch->pending;
        if (pending.size() == pending.capacity()) {
            candidate.watch->compacted = true;
        } else {
            pending.push_back(notice);
        }
    }
}

Revision next_revision(Store& store) {
    return store.revision = Revision{to_integer(store.revision) + 1};
}

void show_standing(const Store& store, Message& message, Revision created) {
    message.as_of = store.revision;
    for (const StoredEntry& entry : store.entries) {
        if (entry.place.created == created) {
            message.own = entry.place;
        } else if (entry.place.created < created) {
            message.ahead = entry.place;
        }
    }
}

void grant(World& world, std::size_t candidate, Message& message) {
    Store& store = world.store;
    store.last_lease = LeaseId{to_integer(store.last_lease) + 1};
    store.leases.push_back({store.last_lease, static_cast<std::uint8_t>(candidate), world.now});
    message.subject.lease = store.last_lease;
}

// Asked again under the same lease it answers with the entry that stands (rule 5).
void enter(World& world, std::size_t candidate, Message& message) {
    Store& store = world.store;
    const bool awaited = World::awaited(world.candidates[candidate], message);
    const LeaseId lease = message.subject.lease;
    const auto same = [lease](const StoredEntry& entry) { return entry.place.lease == lease; };
    auto found = std::ranges::find_if(store.entries, same);
    if (found == store.entries.end()) {
        const Place place{lease, next_revision(store)};
        store.entries.push_back({place, static_cast<std::uint8_t>(candidate), !awaited});
        record(world, lease, {false, place.created});
        found = store.entries.end() - 1;
    }
    if (awaited) found->late = false;
    show_standing(store, message, found->place.created);
}

}  // namespace

// A candidate's clock may be slow by the margin while a lease runs. Seen from that clock the
// store may end the lease as much too early, and that is the way one clock is enough here.
bool may_expire(const World& world, const StoredLease& lease) {
    return world.now >= lease.renewed_at + world.ttl() - world.margin();
}

void remove_entry(World& world, std::size_t index) {
    Store& store = world.store;
    const Place place = store.entries[index].place;
    store.entries.erase(store.entries.begin() + static_cast<std::ptrdiff_t>(index));
    next_revision(store);
    record(world, place.lease, {true, place.created});
}

void expire(World& world, std::size_t index) {
    Store& store = world.store;
    const LeaseId id = store.leases[index].id;
    store.leases.erase(store.leases.begin() + static_cast<std::ptrdiff_t>(index));
    for (std::size_t entry = store.entries.size(); entry-- > 0;) {
        if (store.entries[entry].place.lease == id) remove_entry(world, entry);
    }
}

void handle(World& world, std::size_t candidate, Message& message) {
    Store& store = world.store;
    message.answered = true;
    if (message.call == Call::grant) return grant(world, candidate, message);
    if (message.call == Call::stand) return show_standing(store, message, message.subject.created);
    if (message.call == Call::remove) {
        // Success once it is not there, whoever removed it.
        for (std::size_t entry = store.entries.size(); entry-- > 0;) {
            const bool meant = store.entries[entry].place.created == message.subject.created;
            if (meant) remove_entry(world, entry);
        }
        return;
    }
    StoredLease* lease = find_lease(world, message.subject.lease);
    if (!lease) {
        message.outcome = Outcome::lease_gone;
        return;
    }
    if (message.call == Call::renew) lease->renewed_at = world.now;
    if (message.call == Call::enter) enter(world, candidate, message);
    if (message.call == Call::revoke) {
        expire(world, static_cast<std::size_t>(lease - store.leases.data()));
    }
}

WatchUnderWay watch(const World& world, RequestId id, LeaseId key, Revision after) {
    WatchUnderWay started{.id = id, .key = key, .compacted = after < world.store.compacted};
    for (const HistoryItem& item : world.store.history) {
        if (item.key == key && item.revision > after) started.pending.push_back(item.notice);
    }
    return started;
}

// A watch begins where a read was taken; what is older than each read under way is asked for by
// nobody any more.
void forget_history(World& world) {
    Revision oldest = world.store.revision;
    for (const Candidate& candidate : world.candidates) {
        for (const Message& message : candidate.messages) {
            const bool read = message.call == Call::enter || message.call == Call::stand;
            const bool shows = read && message.answered && message.outcome == Outcome::done;
            if (shows) oldest = std::min(oldest, message.as_of);
        }
    }
    auto& history = world.store.history;
    while (!history.empty() && history.front().revision <= oldest)
        history.erase(history.begin());
    if (history.empty()) world.store.compacted = {};
}

bool full_for(const World& world, std::size_t candidate) {
    const auto owned = std::ranges::count_if(
        world.store.leases, [&](const StoredLease& lease) { return lease.owner == candidate; });
    return owned >= most_leases;
}

}  // namespace tenure::exploration
