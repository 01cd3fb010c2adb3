// Virtual time: a queue of tasks ordered by when they are due, and a clock that jumps from
// one to the next.
#include <algorithm>
#include <atomic>
#include <boost/assert.hpp>
#include <map>
#include <mutex>
#include <stdexcept>
#include <tenure/virtual_scheduler.hpp>
#include <utility>

namespace tenure::sim {
namespace {

// A task that posts itself again and again would keep time from moving on for ever.
constexpr std::size_t tasks_at_one_instant = 10'000'000;

// What waits, apart from the scheduler because a timer may outlive it.
class Agenda {
public:
    using Task = std::function<void()>;
    struct Place {
        Instant due;
        std::uint64_t number = 0;
        friend auto operator<=>(const Place&, const Place&) = default;
    };

    Place add(Instant due, Task task) {
        BOOST_ASSERT(task);
        std::lock_guard lock(mutex_);
        const Place place{due, next_number_++};
        tasks_.emplace(place, std::move(task));
        return place;
    }

    void remove(Place place) {
        // The task dies after the lock is let go: it may own timers of its own.
        decltype(tasks_)::node_type removed;
        std::lock_guard lock(mutex_);
        removed = tasks_.extract(place);
    }

    // The first task due by `end`, and when it was due.
    std::pair<Instant, Task> take_first(Instant end) {
        std::lock_guard lock(mutex_);
        if (tasks_.empty() || tasks_.begin()->first.due > end) return {};
        auto first = tasks_.extract(tasks_.begin());
        return {first.key().due, std::move(first.mapped())};
    }

    std::size_t size() const {
        std::lock_guard lock(mutex_);
        return tasks_.size();
    }

    void clear() {
        // They die after the lock is let go: what they own may remove or even add others.
        decltype(tasks_) dropped;
        std::lock_guard lock(mutex_);
        dropped.swap(tasks_);
    }

private:
    mutable std::mutex mutex_;
    std::map<Place, Task> tasks_;
    std::uint64_t next_number_ = 0;
};

class AgendaTimer : public Scheduler::Timer {
public:
    AgendaTimer(std::weak_ptr<Agenda> agenda, Agenda::Place place)
        : agenda_(std::move(agenda)), place_(place) {}
    ~AgendaTimer() override {
        if (auto agenda = agenda_.lock()) agenda->remove(place_);
    }
    AgendaTimer(const AgendaTimer&) = delete;
    AgendaTimer& operator=(const AgendaTimer&) = delete;

private:
    std::weak_ptr<Agenda> agenda_;
    Agenda::Place place_;
};

class HandMovedClock : public Clock {
public:
    Instant now() const noexcept override { return Instant(Duration(now_.load())); }
    // Never back: a task may jump while it runs, and an overdue one does not turn time.
    void move_to(Instant instant) {
        if (instant > now()) now_ = instant.time_since_epoch().count();
    }

private:
    std::atomic<Duration::rep> now_ = Duration(std::chrono::hours(1)).count();
};

class QueueScheduler : public VirtualScheduler {
public:
    std::shared_ptr<const Clock> clock() const noexcept override { return clock_; }
    Instant now() const noexcept override { return clock_->now(); }

    void post(std::function<void()> task) override { agenda_->add(now(), std::move(task)); }

    // What is overdue runs as if asked for now, behind the tasks that wait already.
    std::unique_ptr<Timer> call_at(Instant when, std::function<void()> task) override {
        return std::make_unique<AgendaTimer>(agenda_,
                                             agenda_->add(std::max(when, now()), std::move(task)));
    }

    std::uint64_t some_seed() override { return ++seeds_; }

    void run_for(Duration duration) override {
        run_until([] { return false; }, duration);
    }

    bool run_until(const std::function<bool()>& predicate, Duration bound) override {
        BOOST_ASSERT_MSG(!running_, "a task runs the scheduler that runs it");
        const Running running(running_);
        const Instant end = now() + bound;
        std::size_t still = 0;
        while (!predicate()) {
            auto [due, task] = agenda_->take_first(end);
            if (!task) {
                clock_->move_to(end);
                return false;
            }
            still = due > now() ? 0 : still + 1;
            if (still == tasks_at_one_instant) throw std::logic_error("virtual time stands still");
            clock_->move_to(due);
            task();
        }
        return true;
    }

    void jump(Duration duration) override { clock_->move_to(now() + duration); }
    std::size_t pending() const override { return agenda_->size(); }
    void clear() override { agenda_->clear(); }

private:
    struct Running {
        explicit Running(bool& flag) : flag_(flag) { flag_ = true; }
        ~Running() { flag_ = false; }
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;
        bool& flag_;
    };

    std::shared_ptr<Agenda> agenda_ = std::make_shared<Agenda>();
    std::shared_ptr<HandMovedClock> clock_ = std::make_shared<HandMovedClock>();
    std::atomic<std::uint64_t> seeds_ = 0;
    bool running_ = false;
};

}  // namespace

std::shared_ptr<VirtualScheduler> make_virtual_scheduler() {
    return std::make_shared<QueueScheduler>();
}

}  // namespace tenure::sim
