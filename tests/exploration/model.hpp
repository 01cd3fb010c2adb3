// A small world around the shipped machines, as one value: candidates, the requests they have
// under way, a store whose leases run out, and whoever interferes. Each thing that may happen
// next is a `Step`; docs/algorithm.md says what the model has and what it leaves out.
#pragma once

#include <boost/container/static_vector.hpp>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/candidacy_machine.hpp"
#include "core/session_machine.hpp"

namespace tenure::exploration {

template <class T, std::size_t N>
using Few = boost::container::static_vector<T, N>;

/// Time goes by in whole units. The session's patience is one, so that nothing is finer.
constexpr Duration unit = std::chrono::seconds(1);
constexpr std::size_t most_messages = 4;

/// How often each may come in one run. What is not listed here (any order of what happens in one
/// unit of time, late replies, late news from a watch, slow handlers, a late expiry) is free.
struct Budget {
    std::uint8_t starts = 0;
    std::uint8_t stops = 0;
    std::uint8_t session_stops = 0;
    std::uint8_t resigns = 0;
    std::uint8_t deletes = 0;
    /// One is a unit of time in which one candidate is out of touch, for it sleeps or a request
    /// of its goes unanswered; or a watch that breaks; or a request, handled or not, that is
    /// answered with "unavailable".
    std::uint8_t faults = 0;
};

struct Bounds {
    std::size_t candidates = 2;
    int ttl = 4;
    int margin = 1;
    int request_timeout = 1;
    /// Of one candidate at a time, `most_messages` at most. A further one pushes out the oldest
    /// that nobody awaits.
    std::size_t messages_under_way = 2;
    /// Whether the sessions outlive the candidacies on them.
    bool shared_sessions = false;
    Budget budget;
};

/// A safety property does not hold. What it says goes to the reader, with the path.
struct Violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class Call : std::uint8_t { grant, renew, revoke, enter, stand, remove };
enum class Outcome : std::uint8_t { done, lease_gone, unavailable };

/// An entry, as far as it matters: number 0 for none.
struct Place {
    LeaseId lease{};
    Revision created{};
};

/// A request on its way, or, once the store has handled it, its reply.
struct Message {
    Call call{};
    bool answered = false;
    Outcome outcome = Outcome::done;
    RequestId request{};
    /// What was asked about; the lease is the granted one in the reply to a grant.
    Place subject;
    /// What a reply to `enter` or `stand` shows.
    Place own{};
    Place ahead{};
    Revision as_of{};
};

struct Notice {
    bool removed = false;
    Revision created{};
};

/// A watch on the key of a lease, with what it has not delivered yet, in order.
struct WatchUnderWay {
    RequestId id{};
    LeaseId key{};
    bool compacted = false;
    Few<Notice, 6> pending{};
};

struct Leadership {
    Revision created{};
    LeaseId lease{};
    /// `Invalidate` or `Unelect` has come.
    bool over = false;
    bool unelected = false;
    /// The operator deleted its entry: it may overlap until it hears of that.
    bool excused = false;
    /// Its handlers may take until here; then the entry may go without them.
    Instant drain_until = Instant::max();
};

enum class Task : std::uint8_t { start_session, stop_session };

/// One process: two machines, and what the drivers keep beside them.
struct Candidate {
    Candidate(detail::SessionMachine::Config session_config,
              detail::CandidacyMachine::Config candidacy_config)
        : session(std::move(session_config)), candidacy(std::move(candidacy_config)) {}

    detail::SessionMachine session;
    detail::CandidacyMachine candidacy;
    bool owes_drain = false;
    std::uint8_t draining = 0;
    /// The lease that a leadership rests on, and until when; the drivers' `LeaseTerm`.
    LeaseId term{};
    Instant term_until{};
    std::optional<Leadership> leadership;
    /// Posted to the scheduler, in order.
    Few<Task, 4> tasks;
    /// Leaderships whose `unelected` is still being delivered, in order.
    Few<std::int64_t, 3> unelected;
    Few<Message, most_messages> messages;
    std::optional<WatchUnderWay> watch;

    // What its user wants, for the properties alone.
    bool wanted = false;
    bool session_wanted = false;
    bool session_closing = false;
};

struct StoredLease {
    LeaseId id{};
    std::uint8_t owner = 0;
    Instant renewed_at{};
};

struct StoredEntry {
    Place place;
    std::uint8_t owner = 0;
    /// Made by a request that had been given up before the store handled it.
    bool late = false;
};

struct HistoryItem {
    LeaseId key{};
    Notice notice;
    Revision revision{};
};

struct Store {
    Revision revision{};
    LeaseId last_lease{};
    Few<StoredLease, 8> leases;
    /// By their number.
    Few<StoredEntry, 8> entries;
    /// As much as a read under way may yet ask for. Older changes are compacted.
    Few<HistoryItem, 6> history;
    Revision compacted{};
};

struct Step {
    enum class Kind : std::uint8_t {
        start,
        stop,
        stop_session,
        resign,
        task,
        handlers_done,
        session_timer,
        candidacy_timer,
        handle,
        deliver,
        fail,
        notify,
        break_watch,
        expire,
        operator_deletes,
        time_passes,
    };
    Kind kind{};
    std::uint8_t candidate = 0;
    /// Of the message or the lease.
    std::uint8_t index = 0;
};

struct World {
    explicit World(const Bounds& bounds);

    Bounds bounds;
    Instant now;
    Budget left;
    std::vector<Candidate> candidates;
    Store store;
    /// The greatest token that was ever elected.
    Revision last_token{};
    /// What the operator deleted last: who heard before that it is the first may yet be elected.
    Revision deleted{};

    Duration ttl() const { return bounds.ttl * unit; }
    Duration margin() const { return bounds.margin * unit; }
    bool valid(const Candidate& candidate) const;
    /// How many faults it is to let a unit of time pass now.
    int cost_of_time() const;
    /// Whether the candidate's machine still waits for the reply.
    static bool awaited(const Candidate& candidate, const Message& message);
};

/// Everything that may happen next.
std::vector<Step> steps(const World& world);
/// Lets it happen; throws `Violation`.
void apply(World& world, Step step);
/// In words, before it happens.
std::string describe(const World& world, Step step);
/// One line on where the candidates and the store are.
std::string describe(const World& world);

// The store, by its contract.
void handle(World& world, std::size_t candidate, Message& message);
void expire(World& world, std::size_t lease);
void remove_entry(World& world, std::size_t entry);
WatchUnderWay watch(const World& world, RequestId id, LeaseId key, Revision after);
void forget_history(World& world);
bool may_expire(const World& world, const StoredLease& lease);
/// Whether a grant has to wait for an older lease of that candidate to run out.
bool full_for(const World& world, std::size_t candidate);

/// Asserts what must hold in every state; throws `Violation`.
void check(const World& world);

struct Digest {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend bool operator==(const Digest&, const Digest&) = default;
};

/// The same for worlds from which the same may follow.
Digest canonical(const World& world);

}  // namespace tenure::exploration
