// Time and turn-taking: all that the election needs of the outside besides a store.
// Production runs it on an Asio strand, tests on virtual time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <functional>
#include <memory>
#include <tenure/types.hpp>

namespace tenure {

/// Tells the time, and nothing else: a `Leadership` keeps it to look at when it is asked, and may
/// outlive everything that runs tasks.
class Clock {
public:
    virtual ~Clock() = default;
    /// Thread safety: any thread, wait-free.
    virtual Instant now() const noexcept = 0;
};

/// Runs tasks one at a time, in the order in which they were posted, and never inside the
/// call that posts them.
class Scheduler {
public:
    /// Destroying it cancels the call, if it has not begun. On the scheduler's own turn the
    /// call then certainly does not come any more.
    class Timer {
    public:
        virtual ~Timer() = default;
    };

    virtual ~Scheduler() = default;

    /// Never null, always the same. Must not keep the scheduler alive.
    /// Thread safety: any thread.
    virtual std::shared_ptr<const Clock> clock() const noexcept = 0;
    /// `clock()->now()`. Thread safety: any thread, wait-free.
    virtual Instant now() const noexcept = 0;
    /// Thread safety: any thread.
    virtual void post(std::function<void()> task) = 0;
    /// Runs the task once, at `when` or as soon after as it can.
    /// Thread safety: any thread.
    [[nodiscard]] virtual std::unique_ptr<Timer> call_at(Instant when,
                                                         std::function<void()> task) = 0;
    /// For what waits at random and was given no seed: another number each time, from the system
    /// here; what virtual time gives is always the same, and what a simulated world gives is
    /// decided by its seed. Thread safety: any thread.
    virtual std::uint64_t some_seed();
};

/// A strand on `executor`, with `LeaseClock` for a clock. Timers notice within a second that
/// the machine has slept. The executor's context must outlive the scheduler.
///
/// Where the context was given a scheduler of its own, it is that one: a service that only knows
/// an executor runs in virtual time when it is handed a simulated one.
std::shared_ptr<Scheduler> make_scheduler(boost::asio::any_io_executor executor);

/// Gives the context a scheduler of its own, for as long as it lives. Once for each context.
void provide_scheduler(boost::asio::execution_context& context,
                       std::shared_ptr<Scheduler> scheduler);

}  // namespace tenure
