// The session as a pure function: feed it what happened and when, and it answers what to ask
// the store next. It never reads a clock and never waits, so any run can be replayed from its
// inputs. It owns the arithmetic of the lease; docs/algorithm.md gives the table of its states.
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

class SessionMachine {
public:
    enum class State {
        idle,
        /// Asking for a lease.
        granting,
        /// Holding one, and renewing it.
        alive,
        /// It is over; the elections on it wind up their leaderships.
        lost,
        /// Stopping, with the lease still held: the elections wind up.
        closing,
        /// Giving the lease back.
        revoking,
    };

    struct Config {
        Duration ttl{};
        Duration margin{};
        Duration request_timeout{};
        Backoff backoff;
        /// What is left of a lease that is gone must be taken away: the store has no
        /// `Capability::whole_leases`.
        bool leaves_entries = false;
        friend bool operator==(const Config&, const Config&) = default;
    };

    // What happened.
    struct Start {};
    struct Stop {};
    struct Granted {
        RequestId request;
        result<Lease> lease;
    };
    struct Renewed {
        RequestId request;
        result<Lease> lease;
    };
    struct Revoked {
        RequestId request;
        result<void> outcome;
    };
    /// An election heard from the store that the lease is gone: worth asking.
    struct Suspected {
        LeaseId lease;
    };
    /// Every election has ended its leadership on this lease.
    struct Drained {};
    struct Tick {};
    using Input = std::variant<Start, Stop, Granted, Renewed, Revoked, Suspected, Drained, Tick>;

    // What to do about it, in this order.
    struct Grant {
        RequestId request;
        Duration ttl;
    };
    struct Renew {
        RequestId request;
        LeaseId lease;
    };
    struct Revoke {
        RequestId request;
        LeaseId lease;
        friend bool operator==(const Revoke&, const Revoke&) = default;
    };
    struct Alive {
        Lease lease;
        Instant valid_until;
    };
    struct Extended {
        Instant valid_until;
    };
    /// Tell the elections, and answer `Drained` when they are done. Reason `stopped`: the
    /// session is closing.
    struct Lost {
        LossReason reason;
    };
    struct Failed {
        Error error;
        std::string doing;
    };
    struct Stopped {};
    using Action = std::variant<Grant, Renew, Revoke, Alive, Extended, Lost, Failed, Stopped>;
    using Actions = std::vector<Action>;

    explicit SessionMachine(Config config) : config_(std::move(config)) {}

    Actions step(Moment at, const Input& input);
    /// When it wants a `Tick`, if nothing else happens; Instant::max() for never.
    Instant next_deadline() const;

    State state() const { return state_; }
    /// While alive or closing.
    std::optional<Lease> lease() const { return lease_; }
    Instant valid_until() const { return valid_until_; }

    /// Every member, for whoever prints or hashes the value.
    auto fields() const {
        return std::tie(config_, state_, restart_, stopping_, next_request_, attempt_, sent_at_,
                        lease_, valid_until_, lost_until_, abandoned_);
    }
    friend bool operator==(const SessionMachine&, const SessionMachine&) = default;

private:
    struct Turn;

    void on(Turn& turn, const Start&);
    void on(Turn& turn, const Stop&);
    void on(Turn& turn, const Granted& input);
    void on(Turn& turn, const Renewed& input);
    void on(Turn& turn, const Revoked& input);
    void on(Turn& turn, const Suspected& input);
    void on(Turn& turn, const Drained&);
    void on(Turn& turn, const Tick&);

    void grant(Turn& turn);
    void renew(Turn& turn);
    void revoke(Turn& turn, LeaseId lease);
    void revoke_abandoned(Turn& turn);
    void lose(Turn& turn, LossReason reason);
    void begin_revoking(Turn& turn);
    void leave_lost(Turn& turn);
    void finish(Turn& turn);
    void retry(Turn& turn, Attempt& attempt, const Error& error, std::string doing);
    Duration margin_of(const Lease& lease) const;
    Duration scaled(Duration duration, Duration granted_ttl) const;
    Instant valid_from(Instant sent_at, const Lease& lease) const;
    Instant renewal_due() const;
    RequestId new_request() { return next_request_ = RequestId{to_integer(next_request_) + 1}; }

    Config config_;
    State state_ = State::idle;
    /// Started again while still stopping.
    bool restart_ = false;
    bool stopping_ = false;
    RequestId next_request_{};
    /// The grant, the renewal or the revocation that is under way.
    Attempt attempt_;
    Instant sent_at_{};
    std::optional<Lease> lease_;
    Instant valid_until_{};
    /// While lost: how long the elections may wind up, until the lease's full time is over.
    Instant lost_until_{};
    /// Lost, while the store may still keep it or entries of it.
    std::optional<Revoke> abandoned_;
};

std::ostream& operator<<(std::ostream& out, SessionMachine::State state);

}  // namespace tenure::detail
