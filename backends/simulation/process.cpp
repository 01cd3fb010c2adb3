#include "backends/simulation/process.hpp"

#include <algorithm>

namespace tenure::sim::detail {
namespace {

class ProcessTimer : public Scheduler::Timer {
public:
    ProcessTimer(std::weak_ptr<Process> process, std::uint64_t number)
        : process_(std::move(process)), number_(number) {}
    ~ProcessTimer() override {
        if (const auto process = process_.lock()) process->cancel(number_);
    }
    ProcessTimer(const ProcessTimer&) = delete;
    ProcessTimer& operator=(const ProcessTimer&) = delete;

private:
    std::weak_ptr<Process> process_;
    std::uint64_t number_;
};

class ProcessScheduler : public Scheduler {
public:
    ProcessScheduler(std::shared_ptr<Process> process, Process::Incarnation incarnation)
        : process_(std::move(process)), incarnation_(incarnation) {}

    std::shared_ptr<const Clock> clock() const noexcept override { return process_->clock(); }
    Instant now() const noexcept override { return process_->clock()->now(); }
    void post(Task task) override { process_->post(incarnation_, std::move(task)); }
    std::unique_ptr<Timer> call_at(Instant when, Task task) override {
        return std::make_unique<ProcessTimer>(
            process_, process_->call_at(incarnation_, when, std::move(task)));
    }
    std::uint64_t some_seed() override { return process_->some_seed(); }

private:
    const std::shared_ptr<Process> process_;
    const Process::Incarnation incarnation_;
};

}  // namespace

Process::Process(std::shared_ptr<const TrueTime> time, std::shared_ptr<Count> count,
                 Instant beginning)
    : time_(std::move(time)),
      count_(std::move(count)),
      clock_(std::make_shared<NodeClock>(time_, beginning)) {}

std::shared_ptr<Scheduler> Process::make_scheduler() {
    return std::make_shared<ProcessScheduler>(shared_from_this(), incarnation_);
}

void Process::post(Incarnation incarnation, Task task) {
    if (!lives(incarnation)) return;
    if (lag_) busy_until_ = std::max(busy_until_, time_->now + lag_());
    ready_.emplace_back(Place{time_->now, count_->next()}, std::move(task));
}

std::uint64_t Process::call_at(Incarnation incarnation, Instant when, Task task) {
    const std::uint64_t number = count_->next();
    if (lives(incarnation)) {
        timers_.emplace(Timer{std::max(when, clock_->now()), number}, std::move(task));
    }
    return number;
}

void Process::cancel(std::uint64_t number) {
    const auto found = std::ranges::find_if(
        timers_, [number](const auto& timer) { return timer.first.number == number; });
    // The task dies when it is out of the map: it may own timers of its own.
    if (found != timers_.end()) const auto task = timers_.extract(found);
}

void Process::wake(Duration delay) {
    const Instant noticed = clock_->now() + delay;
    std::map<Timer, Task> late;
    while (!timers_.empty() && timers_.begin()->first.when < noticed) {
        auto timer = timers_.extract(timers_.begin());
        timer.key().when = noticed;
        late.insert(std::move(timer));
    }
    timers_.merge(late);
    state_ = State::running;
}

void Process::kill() {
    state_ = State::down;
    ++incarnation_;
    // They die out of reach: what they own may cancel or even post.
    const auto ready = std::exchange(ready_, {});
    const auto timers = std::exchange(timers_, {});
}

void Process::start() {
    state_ = State::running;
}

std::optional<Place> Process::next_timer() const {
    if (timers_.empty()) return std::nullopt;
    const auto& first = timers_.begin()->first;
    return Place{clock_->true_time_of(first.when), first.number};
}

std::optional<Place> Process::next() const {
    if (state_ != State::running) return std::nullopt;
    auto first = next_timer();
    if (!ready_.empty() && (!first || ready_.front().first < *first)) first = ready_.front().first;
    if (first) first->due = std::max(first->due, busy_until_);
    return first;
}

Task Process::take() {
    const auto timer = next_timer();
    const bool posted = !ready_.empty() && (!timer || ready_.front().first < *timer);
    if (posted) {
        Task task = std::move(ready_.front().second);
        ready_.pop_front();
        return task;
    }
    return std::move(timers_.extract(timers_.begin()).mapped());
}

}  // namespace tenure::sim::detail
