// The words of the field as types: the clock leases are counted on, the ids a store hands
// out, and what an election says of itself.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace tenure {

/// The clock lease time is counted on: CLOCK_BOOTTIME, which goes on while the machine
/// sleeps. `std::chrono::steady_clock` stands still then, and a leader would wake up still
/// believing in a lease that ran out hours ago.
///
/// Its own type, so that a time from another clock does not compile where lease time is meant.
struct LeaseClock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<LeaseClock>;
    static constexpr bool is_steady = true;

    /// Thread safety: any thread, wait-free.
    static time_point now() noexcept;
};

using Duration = LeaseClock::duration;
using Instant = LeaseClock::time_point;

/// A store's own ever-growing number; 0 stands for "before anything".
enum class Revision : std::int64_t {};
/// Names a lease within one store.
enum class LeaseId : std::int64_t {};
/// Ties a reply to the request it answers; never reused by one machine.
enum class RequestId : std::uint64_t {};

constexpr std::int64_t to_integer(Revision revision) {
    return static_cast<std::int64_t>(revision);
}
constexpr std::int64_t to_integer(LeaseId id) {
    return static_cast<std::int64_t>(id);
}
constexpr std::uint64_t to_integer(RequestId id) {
    return static_cast<std::uint64_t>(id);
}

/// Who is first in line, as others see it.
struct Leader {
    /// The value of the leader's entry: what it was started with or has proclaimed since.
    std::string candidate;
    /// The fencing token: the revision that created the leader's entry. Grows from each
    /// leadership of an election to the next.
    std::int64_t token = 0;

    friend bool operator==(const Leader&, const Leader&) = default;
};

/// Why a leadership ended.
enum class LossReason {
    /// `resign()` was called.
    resigned,
    /// `stop()` was called.
    stopped,
    /// The lease could not be renewed in time: its end was inferred from the clock alone.
    lease_elapsed,
    /// The store said that the lease is gone.
    session_lost,
    /// The entry vanished while its lease lived: somebody deleted it.
    entry_removed,
};

std::string_view to_string(LossReason reason) noexcept;
std::ostream& operator<<(std::ostream& out, LossReason reason);
std::ostream& operator<<(std::ostream& out, const Leader& leader);
std::ostream& operator<<(std::ostream& out, Revision revision);
std::ostream& operator<<(std::ostream& out, LeaseId id);
std::ostream& operator<<(std::ostream& out, RequestId id);

}  // namespace tenure
