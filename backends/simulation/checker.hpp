// Watches every step of a world and holds it against the properties. docs/testing-your-service.md
// lists them by name.
#pragma once

#include <boost/signals2/connection.hpp>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tenure/election.hpp>
#include <tuple>
#include <vector>

#include "backends/simulation/server_state.hpp"

namespace tenure::sim::detail {

class NodeState;

/// A stop waits for its turn behind what the process has to do, and what is due by then may still
/// be sent.
constexpr Duration stops_within = std::chrono::seconds(3);
struct Stop {
    bool seen = false;
    std::optional<Duration> handled_at{};
};

/// An election that is watched, and what was last seen of it.
struct Candidate {
    /// Its own among all that were ever watched.
    std::uint64_t number = 0;
    Asker asker;
    NodeState* node = nullptr;
    Election* election = nullptr;
    std::string name;
    /// Broken once the election has been destroyed.
    std::vector<boost::signals2::scoped_connection> slots;
    Leadership leadership;
    /// Whether that leadership has become valid, and not yet invalid again.
    bool leads = false;
    Instant valid_until{};
    /// Its session ends with its stop.
    bool owns_session = false;
    /// It led when it was first seen: what it was told before nobody knows.
    bool joined_late = false;
    /// The token that `elected` told of, until `unelected`.
    std::optional<std::int64_t> announced;
    /// Lives as long as the work of the announced leadership, and the holds on it.
    std::weak_ptr<void> work{};
    /// Why it ended, when that was told.
    std::optional<LossReason> reason{};
    /// When its leadership was over, until it has been told.
    std::optional<Duration> untold_since{};
    /// It tells who leads, and since when that has not been so.
    bool follows = false;
    std::optional<Duration> mistaken_since{};

    Stop stop{};

    bool exists() const { return slots.front().connected(); }
    bool is_running() const { return exists() && election->is_running(); }
};

class Checker {
public:
    Checker(Engine& engine, Tracer& tracer, const WorldOptions& options)
        : engine_(engine),
          tracer_(tracer),
          patience_(options.patience),
          has_command_(!options.replay.empty()),
          replay_(has_command_ ? options.replay : "seed " + std::to_string(options.seed)) {}

    /// What the properties are about; before the first step.
    void attach(ServerState& server, std::function<bool()> calm);
    void follow(NodeState& node, Election& election);
    void follow(NodeState& node, Session& session);
    /// The process is dead, and believes nothing any more.
    void forget(const Asker& asker);
    /// Something went wrong or was healed: the times that liveness is given begin anew.
    void disturbed() { disturbed_at_ = engine_.now(); }
    void always(std::string name, std::function<bool()> predicate);
    void eventually(std::string name, std::function<bool()> predicate, Duration within);
    /// A violation of what is not the user's own is written down once, and thrown no more.
    void tolerate();
    /// What befell the world is part of what replays it.
    void note_chaos(const std::string& words);
    /// Throws, whatever is tolerated.
    [[noreturn]] void time_stands_still();
    /// Null when it exists no more.
    const Candidate* candidate(std::uint64_t number) const;
    const std::list<Candidate>& candidates() const { return candidates_; }
    /// The node's name; empty when nobody leads.
    std::string leader(std::string_view election) const;

    /// After each step. Throws Violation.
    void check();

private:
    struct Promise {
        std::string name;
        std::function<bool()> predicate;
        /// For what has to happen some time, until when.
        std::optional<Duration> deadline;
    };
    struct Line {
        std::int64_t greatest_token = 0;
        /// When there last was a leader, or nobody who could be one.
        Duration led_at{};
    };
    struct Followed {
        Asker asker;
        const Process* process = nullptr;
        Session* session = nullptr;
        boost::signals2::scoped_connection slot;
        Stop stop{};

        bool is_running() const { return slot.connected() && session->is_running(); }
    };

    // checker.cpp: what is seen.
    void look_at_entries();
    template <class Watched>
    void look_whether_stopped(Watched& watched, bool own_step) {
        if (watched.is_running()) {
            watched.stop = {};
        } else if (!watched.stop.seen) {
            watched.stop.seen = true;
        } else if (own_step && !watched.stop.handled_at) {
            watched.stop.handled_at = engine_.now();
        }
    }
    template <class Watched>
    bool may_renew(const Watched& watched) const {
        const auto& handled = watched.stop.handled_at;
        const bool just = !handled || engine_.now() - *handled < stops_within;
        return just || watched.is_running();
    }
    void look_at(Candidate& candidate);
    void check_leaders();
    void check_promises();
    void renewal_sent(const Asker& asker, LeaseId lease);
    void connect(Candidate& candidate);
    void on_elected(Candidate& candidate, const Leadership& leadership);
    void on_unelected(Candidate& candidate, LossReason reason);

    // properties.cpp: what must hold.
    void rises(Candidate& candidate);
    void falls(Candidate& candidate);
    void entry_removed(const Entry& entry, const std::optional<ServerState::Removal>& removal);
    bool goes_on(const Candidate& candidate) const;
    void check_told(Candidate& candidate);
    void check_reason(const Candidate& candidate, LossReason reason);
    void check_liveness();
    void check_led(const std::string& name, Line& line, Duration calm);
    void check_ghost(const Entry& entry, Duration calm);
    void check_agreement(Candidate& candidate, Duration calm);

    enum class Owner { library, user };
    void fail(const std::string& property, const std::string& words, Owner owner = Owner::library);
    /// Whether it ever was watched, dead or alive.
    bool was_followed(const Asker& asker, const std::string& name) const;
    bool has_session(const Candidate& candidate) const;
    Duration news_within(const Candidate& candidate) const;
    bool stands_first_unwatched(const std::string& name) const;
    bool has_stopped(const Asker& asker, const std::string& name) const;
    const Entry* find(std::int64_t token) const;
    bool is_excused(std::int64_t token) const { return taken_away_.contains(token); }
    void trace(TraceEvent::Kind kind, const Candidate& candidate, std::string what = {});
    Duration since_calm() const;

    Engine& engine_;
    Tracer& tracer_;
    const Duration patience_;
    const bool has_command_;
    std::string replay_;
    ServerState* server_ = nullptr;
    std::function<bool()> calm_;
    std::list<Candidate> candidates_;
    std::list<Followed> sessions_;
    std::set<std::tuple<std::string, std::uint64_t, std::string>> followed_;
    /// Which elections a lease has had entries in.
    std::map<LeaseId, std::set<std::string>> leases_;
    std::uint64_t last_number_ = 0;
    /// A list, for a predicate may add to it.
    std::list<Promise> promises_;
    Revision revision_{};
    /// What stands, by number.
    std::map<std::int64_t, Entry> entries_;
    std::map<std::string, Line> lines_;
    /// By an operator: while the news is on its way nobody is to blame.
    std::map<std::int64_t, Duration> taken_away_;
    std::map<std::int64_t, Duration> orphaned_;
    Duration disturbed_at_{};
    Duration next_look_{};
    bool tolerant_ = false;
    std::set<std::string> tolerated_;
    std::optional<Violation> violation_;
};

/// The election that an entry stands in.
std::string election_of(const Entry& entry);

}  // namespace tenure::sim::detail
