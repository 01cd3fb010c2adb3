// What copies of a `Leadership` share: whose lease it rests on, and whether it is over.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <tenure/key_store.hpp>
#include <tenure/leadership.hpp>
#include <tenure/scheduler.hpp>

namespace tenure::detail {

/// One granted lease, as far as our own clock vouches for it.
/// Thread safety: every member from any thread, wait-free.
class LeaseTerm {
public:
    LeaseTerm(std::shared_ptr<const Clock> clock, LeaseId id, Instant valid_until)
        : clock_(std::move(clock)), id_(id), valid_until_(valid_until.time_since_epoch().count()) {}

    LeaseId id() const noexcept { return id_; }
    Instant valid_until() const noexcept {
        return Instant(Duration(valid_until_.load(std::memory_order_acquire)));
    }
    void extend(Instant valid_until) noexcept {
        valid_until_.store(valid_until.time_since_epoch().count(), std::memory_order_release);
    }
    void end() noexcept { extend(Instant::min()); }
    Duration remaining() const noexcept {
        const Instant until = valid_until();
        const Instant now = clock_->now();
        return until > now ? until - now : Duration::zero();
    }

private:
    const std::shared_ptr<const Clock> clock_;
    const LeaseId id_;
    std::atomic<Duration::rep> valid_until_;
};

class LeadershipTerm {
public:
    LeadershipTerm(std::shared_ptr<const LeaseTerm> lease, Entry entry)
        : lease_(std::move(lease)), entry_(std::move(entry)), held_(std::make_shared<Held>()) {}

    const Entry& entry() const noexcept { return entry_; }
    std::int64_t token() const noexcept { return to_integer(entry_.created); }
    std::stop_token stop_token() const noexcept { return stop_.get_token(); }
    Duration remaining() const noexcept {
        if (over_.load(std::memory_order_acquire)) return Duration::zero();
        return lease_->remaining();
    }

    /// From now on it is not valid; nobody is told. Thread safety: any thread, wait-free.
    void invalidate() noexcept { over_.store(true, std::memory_order_release); }
    /// Invalidates, and asks its stop token to stop. On the scheduler.
    void end() {
        invalidate();
        stop_.request_stop();
    }

    /// Empty once the leadership is draining. Thread safety: any thread.
    Leadership::Hold hold() const {
        std::lock_guard lock(mutex_);
        return held_;
    }
    /// Calls back once, when the last hold is let go, on the thread that lets go; perhaps at once.
    void drain(std::function<void()> done) {
        // Declared first, so that it lets go after the lock.
        std::shared_ptr<Held> last;
        std::lock_guard lock(mutex_);
        if (!held_) return;
        held_->done = std::move(done);
        last = std::move(held_);
    }

private:
    struct Held {
        std::function<void()> done;
        Held() = default;
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;
        ~Held() {
            if (done) done();
        }
    };

    const std::shared_ptr<const LeaseTerm> lease_;
    const Entry entry_;
    std::stop_source stop_;
    std::atomic<bool> over_ = false;
    mutable std::mutex mutex_;
    std::shared_ptr<Held> held_;
};

}  // namespace tenure::detail
