// Pauses that keep the scheduler's time: real time in a service, virtual time in its tests.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <functional>
#include <memory>
#include <tenure/scheduler.hpp>
#include <utility>

namespace tenure {

/// Runs the task on the scheduler once so much of its time has passed. There is no taking it
/// back: a task that may come too late for what it works on holds that weakly. It is dropped when
/// the scheduler goes first. Thread safety: any thread.
void call_after(const std::shared_ptr<Scheduler>& scheduler, Duration duration,
                std::function<void()> task);

namespace detail {
void sleep_then(const std::shared_ptr<Scheduler>& scheduler, Duration duration,
                boost::asio::any_completion_handler<void()> handler);
}

/// `void()`, after so much of the scheduler's time: `co_await async_sleep(scheduler, 5s,
/// use_awaitable)`. Not cancellable. Thread safety: any thread.
template <boost::asio::completion_token_for<void()> Token>
auto async_sleep(std::shared_ptr<Scheduler> scheduler, Duration duration, Token&& token) {
    return boost::asio::async_initiate<Token, void()>(
        [](auto handler, const std::shared_ptr<Scheduler>& on, Duration how_long) {
            detail::sleep_then(on, how_long, std::move(handler));
        },
        token, std::move(scheduler), duration);
}

}  // namespace tenure
