// Time that moves only when told to: for tests that take seconds of lease time and no
// seconds of yours. Link tenure::simulation.
#pragma once

#include <functional>
#include <memory>
#include <tenure/scheduler.hpp>

namespace tenure::sim {

/// A scheduler on virtual time. Nothing runs but inside the `run` calls, on the thread that
/// makes them; tasks due at one instant run in the order in which they were asked for.
///
/// Thread safety: `now` and `post` from any thread, all else from the thread that runs it.
class VirtualScheduler : public Scheduler {
public:
    /// Runs everything due within `duration`, and leaves the clock at its end.
    virtual void run_for(Duration duration) = 0;
    /// Runs until the predicate holds, looking at it after each task; false when `bound` has
    /// passed without.
    virtual bool run_until(const std::function<bool()>& predicate, Duration bound) = 0;
    /// Moves the clock without running anything: what a suspended machine sees.
    virtual void jump(Duration duration) = 0;
    /// Tasks that wait, timers included.
    virtual std::size_t pending() const = 0;
    /// Drops all that waits, without running it: at the end of a test, for tasks keep alive what
    /// they work on, which in turn keeps the scheduler.
    virtual void clear() = 0;
};

/// Starts an hour after the clock's epoch.
std::shared_ptr<VirtualScheduler> make_virtual_scheduler();

}  // namespace tenure::sim
