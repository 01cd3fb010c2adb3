// What sessions, elections and observers are told at construction. Everything is checked
// there: what does not fit is named in a std::invalid_argument.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tenure/types.hpp>

namespace tenure {

struct SessionOptions {
    /// How long the store keeps the lease without hearing of us. At most 24 h. The longest time
    /// a dead leader is missed; a third of it passes between renewals.
    Duration ttl = std::chrono::seconds(10);
    /// Taken off each lease for clocks that run at different rates. Default: a tenth of `ttl`.
    std::optional<Duration> margin{};
    /// How long one request may take before it is asked again. Default: a quarter of `ttl`, at
    /// most 5 s. `ttl` must exceed margin + ttl / 3 + request timeout.
    std::optional<Duration> request_timeout{};
    /// Spreads the retries of many processes. Default: the scheduler's, and so drawn from the
    /// system in a service, and decided by the world's own seed in a simulated one.
    std::optional<std::uint64_t> seed{};
};

/// A candidacy on a session that is there already.
struct CandidacyOptions {
    /// The election's name, the same for all candidates. UTF-8, no control characters (those from
    /// U+0080 to U+009F included), something to see (not blanks alone, nor characters that show as
    /// nothing), no blank at either end, no empty part between slashes. One slash may stand in
    /// front, and that is another election than without; only in etcd's v2 API it is the same.
    std::string election{};
    /// Who we are. The same rules, but slashes are free.
    std::string candidate{};
    /// What others see of us, any bytes. Default: `candidate`.
    std::optional<std::string> value{};
    /// Stand again, at the tail, after a loss or `resign()`.
    bool rejoin = true;
    /// Tell by `on_leader` and `current_leader()` who leads. Costs one read for each change.
    bool follow_leader = true;
};

/// A candidacy with a session of its own.
struct ElectionOptions {
    /// As in `CandidacyOptions`.
    std::string election{};
    std::string candidate{};
    std::optional<std::string> value{};
    /// As in `SessionOptions`.
    Duration ttl = std::chrono::seconds(10);
    std::optional<Duration> margin{};
    std::optional<Duration> request_timeout{};
    /// As in `CandidacyOptions`.
    bool rejoin = true;
    bool follow_leader = true;
    /// As in `SessionOptions`.
    std::optional<std::uint64_t> seed{};
};

struct ObserverOptions {
    /// As in `CandidacyOptions`.
    std::string election{};
    /// How long one read may take before it is asked again.
    Duration request_timeout = std::chrono::seconds(5);
    /// As in `SessionOptions`.
    std::optional<std::uint64_t> seed{};
};

}  // namespace tenure
