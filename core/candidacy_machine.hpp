// The candidacy as a pure function: feed it what happened and when, and it answers what to ask
// the store next. It never reads a clock and never waits, so any run can be replayed from its
// inputs. docs/algorithm.md gives the table of its states and the safety argument.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <tenure/key_store.hpp>
#include <tuple>
#include <variant>
#include <vector>

#include "core/attempt.hpp"

namespace tenure::detail {

class CandidacyMachine {
public:
    enum class State {
        idle,
        /// Wanting to stand, without a lease yet.
        joining,
        /// Creating the entry, or finding out whether it was created.
        entering,
        /// Reading where the entry stands.
        standing,
        /// Watching the immediate predecessor.
        waiting,
        leading,
        /// Its entry vanished, so it leads no more; whether the lease went as well decides the
        /// reason it will be told with.
        deposed,
        /// Not the leader any more; handlers and holds wind up.
        draining,
        /// Taking the entry away.
        removing,
    };

    struct Config {
        std::string election;
        std::string value;
        Duration request_timeout{};
        /// How long the reason of a loss may be looked for.
        Duration grace{};
        Backoff backoff;
        bool rejoin = true;
        friend bool operator==(const Config&, const Config&) = default;
    };

    // What happened.
    struct Start {
        /// The greatest number of an entry that was led by, or removed, for this election on this
        /// session before: the store may give us that entry once more.
        std::int64_t spent = 0;
    };
    struct Stop {};
    /// Steps down from the leadership with this token, and from no later one.
    struct Resign {
        std::int64_t token;
    };
    struct Proclaim {
        std::string value;
    };
    struct LeaseAlive {
        LeaseId lease;
        Instant valid_until;
    };
    struct LeaseExtended {
        Instant valid_until;
    };
    struct LeaseLost {
        LossReason reason;
    };
    struct Entered {
        RequestId request;
        result<Standing> standing;
    };
    struct Stood {
        RequestId request;
        result<Standing> standing;
    };
    struct Changed {
        RequestId watch;
        result<Change> change;
    };
    struct Updated {
        RequestId request;
        result<Revision> outcome;
    };
    struct Removed {
        RequestId request;
        result<void> outcome;
    };
    /// The handlers of the leadership with this token are done, and its holds let go.
    struct Drained {
        std::int64_t token;
    };
    struct Tick {};
    using Input = std::variant<Start, Stop, Resign, Proclaim, LeaseAlive, LeaseExtended, LeaseLost,
                               Entered, Stood, Changed, Updated, Removed, Drained, Tick>;

    // What to do about it, in this order.
    struct Enter {
        RequestId request;
        NewEntry entry;
    };
    struct Stand {
        RequestId request;
        Entry own;
    };
    struct Watch {
        RequestId watch;
        WatchTarget target;
    };
    struct Unwatch {
        RequestId watch;
    };
    struct Update {
        RequestId request;
        Entry entry;
        std::string value;
    };
    struct Remove {
        RequestId request;
        Entry entry;
    };
    struct Elect {
        Entry entry;
    };
    /// It leads no more, from this moment; `Unelect` will say why.
    struct Invalidate {};
    /// Invalidate, deliver, and answer `Drained`.
    struct Unelect {
        LossReason reason;
        std::int64_t token;
    };
    /// The store says that the lease is gone: the session should ask.
    struct Suspect {
        LeaseId lease;
    };
    struct Failed {
        Error error;
        std::string doing;
    };
    struct Stopped {};
    using Action = std::variant<Enter, Stand, Watch, Unwatch, Update, Remove, Elect, Invalidate,
                                Unelect, Suspect, Failed, Stopped>;
    using Actions = std::vector<Action>;

    explicit CandidacyMachine(Config config) : config_(std::move(config)), value_(config_.value) {}

    Actions step(Moment at, const Input& input);
    /// When it wants a `Tick`, if nothing else happens; Instant::max() for never.
    Instant next_deadline() const;

    State state() const { return state_; }
    /// Its entry, as far as known.
    const std::optional<Entry>& own() const { return own_; }

    /// Every member, for whoever prints or hashes the value.
    auto fields() const {
        return std::tie(config_, state_, campaigning_, stopping_, value_, next_request_, lease_,
                        own_, maybe_entered_, attempt_, update_, publishing_, watch_, predecessor_,
                        token_, bound_, value_unknown_);
    }
    friend bool operator==(const CandidacyMachine&, const CandidacyMachine&) = default;

private:
    struct Turn;
    struct HeldLease {
        LeaseId id{};
        Instant valid_until{};
        friend bool operator==(const HeldLease&, const HeldLease&) = default;
    };

    void on(Turn& turn, const Start&);
    void on(Turn& turn, const Stop&);
    void on(Turn& turn, const Resign& input);
    void on(Turn& turn, const Proclaim& input);
    void on(Turn& turn, const LeaseAlive& input);
    void on(Turn& turn, const LeaseExtended& input);
    void on(Turn& turn, const LeaseLost& input);
    void on(Turn& turn, const Entered& input);
    void on(Turn& turn, const Stood& input);
    void on(Turn& turn, const Changed& input);
    void on(Turn& turn, const Updated& input);
    void on(Turn& turn, const Removed& input);
    void on(Turn& turn, const Drained& input);
    void on(Turn& turn, const Tick&);

    void join(Turn& turn);
    void enter(Turn& turn);
    void read_standing(Turn& turn);
    void verify(Turn& turn);
    void consider(Turn& turn, const Standing& standing);
    void confirm(Turn& turn, const Standing& standing);
    void lead(Turn& turn, Revision as_of);
    void depose(Turn& turn);
    void step_down(Turn& turn, LossReason reason);
    void end_draining(Turn& turn);
    void begin_removing(Turn& turn);
    void remove(Turn& turn);
    void finish(Turn& turn);
    void remove_ghost(Turn& turn, const Entered& late);

    void on_predecessor(Turn& turn, const result<Change>& change);
    void on_own_entry(Turn& turn, const result<Change>& change);
    void on_timeout(Turn& turn);
    void ask_again(Turn& turn);
    void publish(Turn& turn);
    void watch(Turn& turn, std::string key, Revision after);
    void unwatch(Turn& turn);
    void fail(Turn& turn, const Error& error, std::string doing);
    void retry(Turn& turn, const Error& error, std::string doing);
    bool lease_valid(const Turn& turn) const;
    RequestId new_request() { return next_request_ = RequestId{to_integer(next_request_) + 1}; }

    Config config_;
    State state_ = State::idle;
    /// Whether to stand, perhaps again once the leaving is done.
    bool campaigning_ = false;
    /// `Stop` was asked for, and `Stopped` is owed: a start that comes meanwhile waits for that.
    bool stopping_ = false;
    std::string value_;
    RequestId next_request_{};
    std::optional<HeldLease> lease_;
    std::optional<Entry> own_;
    /// Whether an entry may stand under the lease that we have not seen.
    bool maybe_entered_ = false;
    /// The request that the state is about; while leading, a read that confirms the entry.
    Attempt attempt_;
    Attempt update_;
    std::string publishing_;
    /// Whether an update of unknown outcome may have changed the value that others see.
    bool value_unknown_ = false;
    std::optional<RequestId> watch_;
    Revision predecessor_{};
    std::int64_t token_ = 0;
    /// Deposed: until then the reason is looked for. Draining: until then holds are waited for.
    /// Removing for good: until then it is tried.
    Instant bound_{};
};

std::ostream& operator<<(std::ostream& out, CandidacyMachine::State state);

}  // namespace tenure::detail
