// Who leads, as a pure function: reads the first in line, watches its entry, and reads once for
// each change. Where nobody stands it watches the whole election for the first to come.
#pragma once

#include <optional>
#include <string>
#include <tenure/key_store.hpp>
#include <tuple>
#include <variant>
#include <vector>

#include "core/attempt.hpp"

namespace tenure::detail {

class ObserverMachine {
public:
    enum class State { idle, reading, watching };

    struct Config {
        std::string election;
        Duration request_timeout{};
        Backoff backoff;
        friend bool operator==(const Config&, const Config&) = default;
    };

    // What happened.
    struct Start {};
    struct Stop {};
    struct Listed {
        RequestId request;
        result<Listing> listing;
    };
    struct Changed {
        RequestId watch;
        result<Change> change;
    };
    struct Tick {};
    using Input = std::variant<Start, Stop, Listed, Changed, Tick>;

    // What to do about it, in this order.
    struct List {
        RequestId request;
        ListQuery query;
    };
    struct Watch {
        RequestId watch;
        WatchTarget target;
    };
    struct Unwatch {
        RequestId watch;
    };
    struct Announce {
        std::optional<Leader> leader;
    };
    struct Failed {
        Error error;
        std::string doing;
    };
    using Action = std::variant<List, Watch, Unwatch, Announce, Failed>;
    using Actions = std::vector<Action>;

    explicit ObserverMachine(Config config) : config_(std::move(config)) {}

    Actions step(Moment at, const Input& input);
    /// When it wants a `Tick`, if nothing else happens; Instant::max() for never.
    Instant next_deadline() const { return attempt_.deadline(); }
    State state() const { return state_; }

    /// Every member, for whoever prints or hashes the value.
    auto fields() const {
        return std::tie(config_, state_, next_request_, attempt_, watch_, announced_, leader_);
    }
    friend bool operator==(const ObserverMachine&, const ObserverMachine&) = default;

private:
    struct Turn;
    void on(Turn& turn, const Start&);
    void on(Turn& turn, const Stop&);
    void on(Turn& turn, const Listed& input);
    void on(Turn& turn, const Changed& input);
    void on(Turn& turn, const Tick&);
    void read(Turn& turn);
    void watch(Turn& turn, WatchTarget target);
    void unwatch(Turn& turn);
    void retry(Turn& turn, const Error& error, std::string doing);
    RequestId new_request() { return next_request_ = RequestId{to_integer(next_request_) + 1}; }

    Config config_;
    State state_ = State::idle;
    RequestId next_request_{};
    Attempt attempt_;
    std::optional<RequestId> watch_;
    bool announced_ = false;
    std::optional<Leader> leader_;
};

}  // namespace tenure::detail
