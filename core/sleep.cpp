#include <tenure/sleep.hpp>

#include "core/complete.hpp"

namespace tenure {

void call_after(const std::shared_ptr<Scheduler>& scheduler, Duration duration,
                std::function<void()> task) {
    // The timer lives in the task that it runs, and dies with it.
    const auto timer = std::make_shared<std::unique_ptr<Scheduler::Timer>>();
    const Instant now = scheduler->now();
    const bool ever = duration <= Instant::max() - now;
    *timer = scheduler->call_at(ever ? now + duration : Instant::max(),
                                [timer, task = std::move(task)] { task(); });
}

void detail::sleep_then(const std::shared_ptr<Scheduler>& scheduler, Duration duration,
                        boost::asio::any_completion_handler<void()> handler) {
    // A std::function must be copyable, and the handler is not.
    auto held = std::make_shared<boost::asio::any_completion_handler<void()>>(std::move(handler));
    call_after(scheduler, duration, [held] { complete(std::move(*held)); });
}

}  // namespace tenure
