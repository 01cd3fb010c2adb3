// The replies and changes of one handle on their way to its scheduler, in order.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <tenure/scheduler.hpp>
#include <utility>

#include "backends/memory/reply_gate.hpp"

namespace tenure::memory {

/// What is pushed under the store's lock comes out in that order, whichever thread lets it go:
/// two threads may post their turns the other way round, but a turn takes what is first.
/// Thread safety: any thread.
class Outbox : public std::enable_shared_from_this<Outbox> {
public:
    using Delivery = std::function<void()>;

    explicit Outbox(std::shared_ptr<Scheduler> scheduler) : scheduler_(std::move(scheduler)) {}

    const std::shared_ptr<Scheduler>& scheduler() const { return scheduler_; }

    /// Calls nothing out, so that it may be used under a lock; `send` must follow.
    void push(Delivery delivery) {
        std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(delivery));
        ++unsent_;
    }

    /// Takes a turn of the scheduler for each delivery pushed so far.
    void send() {
        std::size_t turns = 0;
        {
            std::lock_guard lock(mutex_);
            turns = std::exchange(unsent_, 0);
        }
        for (; turns > 0; --turns) {
            scheduler_->post([outbox = weak_from_this()] {
                if (const auto self = outbox.lock()) self->take_turn();
            });
        }
    }

    /// Drops what waits. Nothing is delivered once this has returned.
    void close() {
        gate_.close();
        std::deque<Delivery> dropped;
        std::lock_guard lock(mutex_);
        waiting_.swap(dropped);
    }

private:
    void take_turn() {
        Delivery delivery;
        {
            std::lock_guard lock(mutex_);
            if (waiting_.empty()) return;
            delivery = std::move(waiting_.front());
            waiting_.pop_front();
        }
        gate_.pass(delivery);
    }

    const std::shared_ptr<Scheduler> scheduler_;
    tenure::detail::ReplyGate gate_;
    std::mutex mutex_;
    std::deque<Delivery> waiting_;
    std::size_t unsent_ = 0;
};

}  // namespace tenure::memory
