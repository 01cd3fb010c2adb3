// Takes what is due next from all processes and from the world itself, and runs it.
#pragma once

#include <map>
#include <vector>

#include "backends/simulation/process.hpp"

namespace tenure::sim::detail {

/// The sum, or the last time there is.
inline Duration later(Duration time, Duration by) {
    return by > Duration::max() - time ? Duration::max() : time + by;
}

class Engine {
public:
    Duration now() const { return time_->now; }
    std::uint64_t steps() const { return steps_; }
    std::shared_ptr<Process> add_process(Instant beginning);
    /// The world's own: a message on its way, the end of a fault.
    void at(Duration when, Task task);
    void after(Duration delay, Task task) { at(later(now(), delay), std::move(task)); }

    /// Runs what is due next and not after `end`; false when there is nothing.
    bool step(Duration end);
    /// Something is done again and again, and keeps time from moving on.
    bool stands_still() const { return steps_at_one_time_ >= most_steps_at_one_time; }
    /// Moves time on, where nothing is due in between.
    void idle_until(Duration end);
    /// Whose step the last one was; nobody's where the world itself acted.
    const Process* last_runner() const { return last_runner_; }
    void forget_runner() { last_runner_ = nullptr; }
    /// Drops all that waits; nothing is posted any more.
    void close();

private:
    /// A task that posts itself again and again would keep time from moving on for ever.
    static constexpr std::uint64_t most_steps_at_one_time = 100'000;

    const std::shared_ptr<TrueTime> time_ = std::make_shared<TrueTime>();
    const std::shared_ptr<Count> count_ = std::make_shared<Count>();
    std::vector<std::shared_ptr<Process>> processes_;
    std::map<Place, Task> events_;
    const Process* last_runner_ = nullptr;
    std::uint64_t steps_ = 0;
    std::uint64_t steps_at_one_time_ = 0;
};

}  // namespace tenure::sim::detail
