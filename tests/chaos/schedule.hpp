// What is done when, all of it drawn from the seed before anything begins: the same seed makes the
// same schedule. What comes of it is not the same twice, for the processes are real.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <tenure/types.hpp>
#include <vector>

#include "tests/chaos/fault.hpp"

namespace tenure::chaos {

struct PlannedFault {
    /// From the beginning of the chaos.
    Duration at{};
    /// Zero if it happens at once.
    Duration lasts{};
    FaultKind kind{};
    /// Which member or candidate; empty means whoever leads then, etcd or the election.
    std::optional<std::size_t> whom{};
    /// Of a slow line.
    Duration delay{};

    friend bool operator==(const PlannedFault&, const PlannedFault&) = default;
};

struct ScheduleOptions {
    std::uint64_t seed = 1;
    /// All faults are over by then.
    Duration length = std::chrono::minutes(2);
    std::size_t members = 3;
    std::size_t candidates = 5;
    /// The last ones are never killed nor restarted, so that leaks have time to show.
    std::size_t spared = 1;
    /// So long nothing is done, each time that so long was done something.
    Duration calm = std::chrono::seconds(24);
    Duration calm_after = std::chrono::seconds(150);
};

/// In the order in which they begin.
using Schedule = std::vector<PlannedFault>;

Schedule make_schedule(const ScheduleOptions& options);

/// `  12.345 s  member_paused leader, for 3.210 s`.
std::ostream& operator<<(std::ostream& out, const PlannedFault& fault);

}  // namespace tenure::chaos
