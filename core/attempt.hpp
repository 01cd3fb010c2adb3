// A request that is asked until it is answered: in flight until its deadline, or pausing until
// the next try. Plain values; the machines are made of them.
#pragma once

#include <cstdint>
#include <tenure/types.hpp>
#include <tuple>

namespace tenure::detail {

/// When something happened, and the draw to spread retries with. The machines have no clock and
/// no randomness of their own.
struct Moment {
    Instant now;
    std::uint32_t chance = 0;
};

/// Grows from one failure to the next, and forgets them after a quiet time: an error that comes
/// back after every success must not be met at full speed.
class Backoff {
public:
    Backoff() = default;
    Backoff(Duration least, Duration most) : least_(least), most_(most) {}

    /// How long to pause now: between half and all of a step that doubles each time.
    Duration next(Moment at);

    /// Every member, for whoever prints or hashes the value.
    auto fields() const { return std::tie(least_, most_, step_, last_); }
    friend bool operator==(const Backoff&, const Backoff&) = default;

private:
    Duration least_{};
    Duration most_{};
    Duration step_{};
    Instant last_{};
};

class Attempt {
public:
    enum class State { none, in_flight, pausing };

    void send(RequestId id, Instant deadline) {
        state_ = State::in_flight;
        id_ = id;
        at_ = deadline;
    }
    void pause(Instant until) {
        state_ = State::pausing;
        at_ = until;
    }
    void reset() { *this = {}; }

    bool active() const { return state_ != State::none; }
    bool in_flight() const { return state_ == State::in_flight; }
    bool pausing() const { return state_ == State::pausing; }
    /// Whether the reply is to this request. A later or forgotten one is not awaited any more.
    bool awaits(RequestId id) const { return in_flight() && id_ == id; }
    /// When it wants to be looked at.
    Instant deadline() const { return active() ? at_ : Instant::max(); }
    bool timed_out(Instant now) const { return in_flight() && now >= at_; }
    bool due(Instant now) const { return pausing() && now >= at_; }

    /// Every member, for whoever prints or hashes the value.
    auto fields() const { return std::tie(state_, id_, at_); }
    friend bool operator==(const Attempt&, const Attempt&) = default;

private:
    State state_ = State::none;
    RequestId id_{};
    Instant at_{};
};

}  // namespace tenure::detail
