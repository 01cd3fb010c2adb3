// The scheduler of production: a strand, and timers on LeaseClock.
#include <algorithm>
#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/strand.hpp>
#include <random>
#include <tenure/error.hpp>
#include <tenure/scheduler.hpp>

namespace tenure {
namespace {

namespace asio = boost::asio;

// The reactor sleeps on a clock that stands still while the machine does. So it looks at
// LeaseClock again once a second, and finds soon after waking what is long overdue.
struct SleepAwareWait {
    static Duration to_wait_duration(const Duration& duration) {
        return std::min<Duration>(duration, std::chrono::seconds(1));
    }
    static Duration to_wait_duration(const Instant& when) {
        return to_wait_duration(std::max(when - LeaseClock::now(), Duration::zero()));
    }
};

using Strand = asio::strand<asio::any_io_executor>;
using AsioTimer = asio::basic_waitable_timer<LeaseClock, SleepAwareWait>;

class BootClock final : public Clock {
public:
    Instant now() const noexcept override { return LeaseClock::now(); }
};

// The flag, not the cancellation, keeps the promise: a timer that has expired already runs its
// handler all the same.
struct PendingCall {
    PendingCall(const Strand& on, std::function<void()> what)
        : strand(on), timer(on), task(std::move(what)) {}

    Strand strand;
    AsioTimer timer;
    std::function<void()> task;
    std::atomic<bool> cancelled = false;
};

// Holds the call weakly: it belongs to what waits in the context, and goes with it.
class TimerHandle final : public Scheduler::Timer {
public:
    explicit TimerHandle(const std::shared_ptr<PendingCall>& call) : call_(call) {}
    ~TimerHandle() override {
        const auto call = call_.lock();
        if (!call || call->cancelled.exchange(true)) return;
        asio::dispatch(call->strand, [call] {
            call->timer.cancel();
            call->task = nullptr;
        });
    }

private:
    std::weak_ptr<PendingCall> call_;
};

class AsioScheduler final : public Scheduler {
public:
    explicit AsioScheduler(asio::any_io_executor executor)
        : strand_(asio::make_strand(std::move(executor))) {}

    std::shared_ptr<const Clock> clock() const noexcept override { return clock_; }
    Instant now() const noexcept override { return LeaseClock::now(); }
    void post(std::function<void()> task) override { asio::post(strand_, std::move(task)); }

    std::unique_ptr<Timer> call_at(Instant when, std::function<void()> task) override {
        auto call = std::make_shared<PendingCall>(strand_, std::move(task));
        // The timer is touched on the strand only.
        asio::dispatch(strand_, [call, when] {
            if (call->cancelled) return;
            call->timer.expires_at(when);
            call->timer.async_wait([call](const error_code&) {
                if (call->cancelled.exchange(true)) return;
                const auto due = std::move(call->task);
                due();
            });
        });
        return std::make_unique<TimerHandle>(call);
    }

private:
    Strand strand_;
    std::shared_ptr<const Clock> clock_ = std::make_shared<BootClock>();
};

// What a context was given by `provide_scheduler`.
class ProvidedScheduler : public asio::execution_context::service {
public:
    using key_type = ProvidedScheduler;
    static asio::execution_context::id id;

    explicit ProvidedScheduler(asio::execution_context& context)
        : asio::execution_context::service(context) {}
    ProvidedScheduler(asio::execution_context& context, std::shared_ptr<Scheduler> given)
        : asio::execution_context::service(context), scheduler(std::move(given)) {}
    void shutdown() override { scheduler.reset(); }

    std::shared_ptr<Scheduler> scheduler;
};

asio::execution_context::id ProvidedScheduler::id;

}  // namespace

std::uint64_t Scheduler::some_seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

void provide_scheduler(asio::execution_context& context, std::shared_ptr<Scheduler> scheduler) {
    asio::make_service<ProvidedScheduler>(context, std::move(scheduler));
}

std::shared_ptr<Scheduler> make_scheduler(asio::any_io_executor executor) {
    auto& context = asio::query(executor, asio::execution::context);
    if (asio::has_service<ProvidedScheduler>(context)) {
        return asio::use_service<ProvidedScheduler>(context).scheduler;
    }
    return std::make_shared<AsioScheduler>(std::move(executor));
}

}  // namespace tenure
