// A process on a simulated machine: what it wants to run, and whether it can.
#pragma once

#include <compare>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tenure/scheduler.hpp>

#include "backends/simulation/node_clock.hpp"
#include "backends/simulation/random.hpp"

namespace tenure::sim::detail {

using Task = std::function<void()>;

/// When something is due, and the order in which it was asked for.
struct Place {
    Duration due{};
    std::uint64_t number = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
};

/// Numbers what happens in a world, so that what is due at one time has an order.
struct Count {
    std::uint64_t last = 0;
    std::uint64_t next() { return ++last; }
};

/// Each start of the process is another incarnation: tasks and timers of an earlier one never
/// run. Schedulers share it, and may outlive the world.
class Process : public std::enable_shared_from_this<Process> {
public:
    enum class State { running, paused, down };
    using Incarnation = std::uint64_t;

    Process(std::shared_ptr<const TrueTime> time, std::shared_ptr<Count> count, Instant beginning);

    State state() const { return state_; }
    Incarnation incarnation() const { return incarnation_; }
    bool lives(Incarnation incarnation) const { return incarnation == incarnation_; }
    const std::shared_ptr<NodeClock>& clock() const { return clock_; }
    /// Of this incarnation.
    std::shared_ptr<Scheduler> make_scheduler();

    void post(Incarnation incarnation, Task task);
    /// The number to cancel it by.
    std::uint64_t call_at(Incarnation incarnation, Instant when, Task task);
    void cancel(std::uint64_t number);

    /// Asked with each task that is posted: for how long the process gets no processor time.
    void set_lag(std::function<Duration()> lag) { lag_ = std::move(lag); }

    /// What `Scheduler::some_seed` draws from.
    void set_random(Random random) { random_ = random; }
    std::uint64_t some_seed() { return random_.any(); }

    void pause() { state_ = State::paused; }
    void resume() { state_ = State::running; }
    /// After a sleep: what was due by then comes no sooner than after `delay`.
    void wake(Duration delay);
    /// Nothing of it ever runs any more.
    void kill();
    void start();

    /// When its next task is due; it may be overdue. Nothing when it cannot run.
    std::optional<Place> next() const;
    /// Takes what `next()` told of.
    Task take();

private:
    struct Timer {
        Instant when;
        std::uint64_t number = 0;
        friend auto operator<=>(const Timer&, const Timer&) = default;
    };

    std::optional<Place> next_timer() const;

    const std::shared_ptr<const TrueTime> time_;
    const std::shared_ptr<Count> count_;
    const std::shared_ptr<NodeClock> clock_;
    State state_ = State::running;
    Incarnation incarnation_ = 1;
    std::function<Duration()> lag_;
    Random random_{0};
    Duration busy_until_{};
    std::deque<std::pair<Place, Task>> ready_;
    std::map<Timer, Task> timers_;
};

}  // namespace tenure::sim::detail
