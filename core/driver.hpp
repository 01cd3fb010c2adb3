// What the drivers have in common: a machine, its timer, and a queue that feeds it one input at
// a time. The drivers turn actions into calls and answers into inputs, and decide nothing.
#pragma once

#include <boost/random/mersenne_twister.hpp>
#include <deque>
#include <memory>
#include <stdexcept>
#include <tenure/key_store.hpp>
#include <tenure/scheduler.hpp>
#include <variant>

#include "core/attempt.hpp"

namespace tenure::detail {

/// `Derived` offers `apply(action)` for every action of the machine, and may hide
/// `before_input()` and `after_input()`. Everything here runs on the scheduler.
template <class Derived, class Machine>
class Driver : public std::enable_shared_from_this<Derived> {
public:
    using Input = typename Machine::Input;

    const std::shared_ptr<Scheduler>& scheduler() const { return scheduler_; }

    /// Lets the machine act on the time, if that is due: before any news.
    void poll() {
        if (machine_.next_deadline() <= scheduler_->now()) feed(typename Machine::Tick{});
    }

protected:
    Driver(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store, Machine machine,
           std::uint64_t seed)
        : scheduler_(std::move(scheduler)),
          store_(std::move(store)),
          machine_(std::move(machine)),
          random_(static_cast<std::uint32_t>(seed ^ (seed >> 32))) {
        if (!store_) throw std::invalid_argument("store: null");
    }
    ~Driver() = default;

    void before_input() {}
    void after_input(const Input&) {}

    /// What an action leads to may feed again; that waits for its turn.
    void feed(Input input) {
        // What the time leads to is queued before this, not behind it.
        if (!feeding_) derived().before_input();
        inputs_.push_back(std::move(input));
        if (feeding_) return;
        const Feeding guard(feeding_);
        while (!inputs_.empty()) {
            derived().before_input();
            if (machine_.next_deadline() <= scheduler_->now()) step(typename Machine::Tick{});
            const Input next = std::move(inputs_.front());
            inputs_.pop_front();
            step(next);
            derived().after_input(next);
        }
        arm();
    }

    /// Posts a call of a member, which keeps the driver alive until then.
    template <class Task>
    void post(Task task) {
        scheduler_->post(
            [self = this->shared_from_this(), task = std::move(task)]() mutable { task(*self); });
    }

    /// Feeds the answers to a request, or what a watch brings, back as a `Message`.
    ///
    /// The store keeps it, and we keep the store: so it must not keep us. What keeps a driver
    /// that nobody else needs any more, until its work is done, is the timer of its deadline,
    /// which belongs to the context and goes with it.
    template <class Message, class T>
    Reply<T> reply_to(RequestId request) {
        return [weak = this->weak_from_this(), request](result<T> outcome) {
            const auto self = weak.lock();
            if (!self) return;
            self->scheduler_->post([self, request, outcome = std::move(outcome)] {
                self->feed(Message{request, outcome});
            });
        };
    }

    const std::shared_ptr<Scheduler> scheduler_;
    const std::shared_ptr<KeyStore> store_;
    Machine machine_;

private:
    struct Feeding {
        explicit Feeding(bool& flag) : feeding(flag) { feeding = true; }
        Feeding(const Feeding&) = delete;
        Feeding& operator=(const Feeding&) = delete;
        ~Feeding() { feeding = false; }
        bool& feeding;
    };

    Derived& derived() { return static_cast<Derived&>(*this); }

    void step(const Input& input) {
        const Moment at{scheduler_->now(), random_()};
        for (auto& action : machine_.step(at, input)) {
            std::visit([&](auto& what) { derived().apply(what); }, action);
        }
    }

    void arm() {
        const Instant when = machine_.next_deadline();
        if (when == armed_for_) return;
        armed_for_ = when;
        timer_.reset();
        if (when == Instant::max()) return;
        timer_ = scheduler_->call_at(when, [self = this->shared_from_this()] {
            self->armed_for_ = Instant::max();
            self->feed(typename Machine::Tick{});
        });
    }

    boost::random::mt19937 random_;
    std::deque<Input> inputs_;
    bool feeding_ = false;
    std::unique_ptr<Scheduler::Timer> timer_;
    Instant armed_for_ = Instant::max();
};

}  // namespace tenure::detail
