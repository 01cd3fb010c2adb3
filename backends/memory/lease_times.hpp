// When each lease runs out, on the clock of the handle that last granted or renewed it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tenure/scheduler.hpp>
#include <tenure/types.hpp>
#include <utility>
#include <vector>

namespace tenure::memory {

/// One scheduler, however many handles use it, and the leases that are counted on its clock.
struct Timekeeper {
    std::shared_ptr<Scheduler> scheduler;
    int handles = 0;
    std::set<std::pair<Instant, LeaseId>> deadlines;
    /// Rings at `rings_at`, which is never after the first deadline for long.
    std::unique_ptr<Scheduler::Timer> timer;
    std::optional<Instant> rings_at;
};

/// Not thread-safe: its owner locks.
class LeaseTimes {
public:
    std::shared_ptr<Timekeeper> join(const std::shared_ptr<Scheduler>& scheduler);
    /// When it was the last handle of its scheduler, the leases go over to the clock of another
    /// one, which is returned: with what was left of their time, and never less.
    std::shared_ptr<Timekeeper> leave(const std::shared_ptr<Timekeeper>& keeper);

    /// Starts the lease's time, or starts it again.
    void restart(LeaseId id, Duration granted, const std::shared_ptr<Timekeeper>& keeper);
    Duration granted(LeaseId id) const { return times_.at(id).granted; }
    void forget(LeaseId id);
    /// Those whose time is over, the first to end first; they are forgotten.
    std::vector<LeaseId> take_due();

private:
    struct Time {
        Duration granted{};
        std::shared_ptr<Timekeeper> keeper;
        Instant deadline;
    };

    std::map<LeaseId, Time> times_;
    std::vector<std::shared_ptr<Timekeeper>> keepers_;
};

}  // namespace tenure::memory
