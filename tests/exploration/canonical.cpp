// Which worlds are the same. Times count from now, and no further back than anything asks;
// request ids count as "awaited" or not; revisions and leases by their rank; candidates, which
// are all alike, in any order. What a machine will write before it reads it again does not count.
#include <algorithm>

#include "tests/exploration/model.hpp"

namespace tenure::exploration {
namespace {

std::uint64_t mix(std::uint64_t value) {
    value ^= value >> 30;
    value *= 0xbf58476d1ce4e5b9U;
    value ^= value >> 27;
    value *= 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

/// Two independent mixes of all that is added, in order.
class Hasher {
public:
    template <class T>
    void add(T value) {
        const auto word = static_cast<std::uint64_t>(value);
        digest_.high = mix(digest_.high ^ (word + 0x9e3779b97f4a7c15U));
        digest_.low = mix((digest_.low + 0xd6e8feb86659fd93U) * 0xff51afd7ed558ccdU + word);
    }
    void add(const Digest& digest) {
        add(digest.high);
        add(digest.low);
    }
    Digest digest() const { return digest_; }

private:
    Digest digest_{0x243f6a8885a308d3U, 0x13198a2e03707344U};
};

bool operator<(const Digest& one, const Digest& other) {
    return one.high != other.high ? one.high < other.high : one.low < other.low;
}

/// The numbers that are still to be met somewhere, so that they can be compared with.
template <class Id>
class Ranks {
public:
    void note(Id id) {
        const auto place = std::ranges::lower_bound(ids_, id);
        if (id == Id{} || (place != ids_.end() && *place == id)) return;
        ids_.insert(place, id);
    }
    /// 0 for what is gone for good.
    std::size_t of(Id id) const {
        const auto found = std::ranges::lower_bound(ids_, id);
        const bool known = found != ids_.end() && *found == id;
        return known ? static_cast<std::size_t>(found - ids_.begin()) + 1 : 0;
    }
    /// How many are not above it.
    std::size_t up_to(Id id) const {
        return static_cast<std::size_t>(std::ranges::upper_bound(ids_, id) - ids_.begin());
    }

private:
    Few<Id, 64> ids_;
};

class Canon {
public:
    explicit Canon(const World& world) : world_(world) { rank(); }
    Digest digest() const;

private:
    void rank();
    void rank(const Candidate& candidate);
    Digest candidate(std::size_t index) const;
    void session(Hasher& hasher, const detail::SessionMachine& machine) const;
    void candidacy(Hasher& hasher, const Candidate& candidate) const;
    void beside(Hasher& hasher, const Candidate& candidate) const;
    void message(Hasher& hasher, const Candidate& candidate, const Message& message) const;
    void place(Hasher& hasher, Place place) const {
        hasher.add(leases_.of(place.lease));
        hasher.add(created_.of(place.created));
    }
    void attempt(Hasher& hasher, const detail::Attempt& attempt) const {
        hasher.add(attempt.in_flight());
        // Looked at in whole units, and compared with now alone.
        time(hasher, attempt.deadline(), Duration::zero());
    }
    /// From now, no further back than `memory`; rounded up, for time comes in whole units.
    void time(Hasher& hasher, Instant at, Duration memory) const {
        if (at == Instant::max()) return hasher.add(-1000);
        const Duration apart = std::max(at - world_.now, -memory);
        hasher.add(std::chrono::ceil<std::chrono::seconds>(apart).count());
    }

    const World& world_;
    Ranks<Revision> created_;
    Ranks<LeaseId> leases_;
};

void Canon::rank(const Candidate& candidate) {
    for (const Message& message : candidate.messages) {
        for (const Place& place : {message.subject, message.own, message.ahead}) {
            created_.note(place.created);
            leases_.note(place.lease);
        }
    }
    if (candidate.candidacy.own()) {
        created_.note(candidate.candidacy.own()->created);
        leases_.note(candidate.candidacy.own()->lease);
    }
    if (candidate.session.lease()) leases_.note(candidate.session.lease()->id);
    if (candidate.watch) {
        leases_.note(candidate.watch->key);
        for (const Notice& notice : candidate.watch->pending)
            created_.note(notice.created);
    }
}

void Canon::rank() {
    const Store& store = world_.store;
    for (const StoredEntry& entry : store.entries)
        created_.note(entry.place.created);
    for (const StoredLease& lease : store.leases)
        leases_.note(lease.id);
    for (const HistoryItem& item : store.history) {
        created_.note(item.notice.created);
        leases_.note(item.key);
    }
    for (const Candidate& candidate : world_.candidates)
        rank(candidate);
}

void Canon::session(Hasher& hasher, const detail::SessionMachine& machine) const {
    using State = detail::SessionMachine::State;
    const auto& [config, state, restart, stopping, next_request, attempt_now, sent_at, lease,
                 valid_until, lost_until, abandoned] = machine.fields();
    hasher.add(state);
    hasher.add(restart);
    hasher.add(stopping);
    attempt(hasher, attempt_now);
    const bool counts = state == State::granting || state == State::alive;
    // A reply is counted from here; for a pause, sending it again comes first.
    if (counts && attempt_now.in_flight()) time(hasher, sent_at, world_.ttl());
    hasher.add(lease ? leases_.of(lease->id) : 0);
    const bool holds = lease.has_value();
    if (holds) time(hasher, valid_until, world_.margin() + unit);
    if (state == State::lost) time(hasher, lost_until, Duration::zero());
    hasher.add(abandoned ? 1 + leases_.of(abandoned->lease) : 0);
}

void Canon::candidacy(Hasher& hasher, const Candidate& candidate) const {
    using State = detail::CandidacyMachine::State;
    const auto& [config, state, campaigning, stopping, value, next_request, lease, own,
                 maybe_entered, attempt_now, update, publishing, watch, predecessor, token, bound,
                 value_unknown] = candidate.candidacy.fields();
    hasher.add(state);
    hasher.add(campaigning);
    hasher.add(value_unknown);
    hasher.add(stopping);
    hasher.add(lease ? 1 + leases_.of(lease->id) : 0);
    if (lease) time(hasher, lease->valid_until, world_.margin() + unit);
    place(hasher, own ? Place{own->lease, own->created} : Place{});
    hasher.add(maybe_entered);
    attempt(hasher, attempt_now);
    attempt(hasher, update);
    hasher.add(watch.has_value());
    if (state == State::waiting) hasher.add(created_.of(predecessor));
    hasher.add(created_.of(Revision{token}));
    // Each other state sets it before it asks.
    const bool leaving = stopping && (state == State::removing || state == State::entering);
    const bool bounded = leaving || state == State::deposed || state == State::draining;
    if (bounded) time(hasher, bound, Duration::zero());
    hasher.add(candidate.unelected.size());
    for (const std::int64_t pending : candidate.unelected)
        hasher.add(pending == token ? 2 : 1);
}

void Canon::message(Hasher& hasher, const Candidate& candidate, const Message& message) const {
    hasher.add(message.call);
    hasher.add(message.answered);
    hasher.add(message.outcome);
    const auto fields = candidate.session.fields();
    const auto& abandoned = std::get<10>(fields);
    const bool revokes = message.call == Call::revoke && abandoned;
    hasher.add(World::awaited(candidate, message));
    hasher.add(revokes && abandoned->request == message.request);
    for (const Place& shown : {message.subject, message.own, message.ahead})
        place(hasher, shown);
    // Only what happened since can tell it from a later read.
    const auto older = [&](const HistoryItem& item) { return item.revision <= message.as_of; };
    hasher.add(std::ranges::count_if(world_.store.history, older));
    hasher.add(message.as_of < world_.store.compacted);
}

void Canon::beside(Hasher& hasher, const Candidate& candidate) const {
    hasher.add(candidate.owes_drain);
    hasher.add(candidate.draining);
    hasher.add(leases_.of(candidate.term));
    const bool ended = candidate.term_until == Instant::min();
    hasher.add(ended);
    if (!ended) time(hasher, candidate.term_until, world_.margin());
    hasher.add(candidate.leadership.has_value());
    if (const auto& leadership = candidate.leadership) {
        hasher.add(1 + created_.of(leadership->created));
        hasher.add(leadership->lease == candidate.term);
        hasher.add(leadership->over + 2 * leadership->unelected + 4 * leadership->excused);
        if (leadership->unelected) time(hasher, leadership->drain_until, Duration::zero());
    }
    hasher.add(candidate.tasks.size());
    for (const Task task : candidate.tasks)
        hasher.add(task);
    hasher.add(candidate.wanted + 2 * candidate.session_wanted + 4 * candidate.session_closing);
    hasher.add(candidate.watch.has_value());
    if (!candidate.watch) return;
    const WatchUnderWay& watch = *candidate.watch;
    hasher.add(std::get<12>(candidate.candidacy.fields()) == watch.id);
    hasher.add(leases_.of(watch.key));
    hasher.add(watch.compacted);
    hasher.add(watch.pending.size());
    for (const Notice& notice : watch.pending) {
        hasher.add(notice.removed);
        hasher.add(created_.of(notice.created));
    }
}

Digest Canon::candidate(std::size_t index) const {
    const Candidate& candidate = world_.candidates[index];
    Hasher hasher;
    session(hasher, candidate.session);
    candidacy(hasher, candidate);
    beside(hasher, candidate);
    // In their order, for the oldest is the first to be lost.
    hasher.add(candidate.messages.size());
    for (const Message& one : candidate.messages)
        message(hasher, candidate, one);
    for (const StoredLease& lease : world_.store.leases) {
        if (lease.owner != index) continue;
        hasher.add(10 + leases_.of(lease.id));
        time(hasher, lease.renewed_at, world_.ttl() - world_.margin());
    }
    for (const StoredEntry& entry : world_.store.entries) {
        if (entry.owner != index) continue;
        hasher.add(1000 + entry.late);
        place(hasher, entry.place);
    }
    return hasher.digest();
}

Digest Canon::digest() const {
    std::vector<Digest> all;
    for (std::size_t i = 0; i < world_.candidates.size(); ++i)
        all.push_back(candidate(i));
    std::ranges::sort(all, [](const Digest& a, const Digest& b) { return a < b; });
    Hasher hasher;
    for (const Digest& one : all)
        hasher.add(one);
    hasher.add(world_.store.history.size());
    for (const HistoryItem& item : world_.store.history) {
        hasher.add(leases_.of(item.key));
        hasher.add(item.notice.removed);
        hasher.add(created_.of(item.notice.created));
    }
    hasher.add(created_.up_to(world_.last_token));
    hasher.add(created_.of(world_.deleted));
    const Budget& left = world_.left;
    for (const auto count :
         {left.starts, left.stops, left.session_stops, left.resigns, left.deletes, left.faults}) {
        hasher.add(count);
    }
    return hasher.digest();
}

}  // namespace

Digest canonical(const World& world) {
    return Canon(world).digest();
}

}  // namespace tenure::exploration
