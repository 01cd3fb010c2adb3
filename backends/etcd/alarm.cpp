#include "backends/etcd/alarm.hpp"

#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>

namespace tenure::etcd::detail {

// Shared with the wait, which may be over before it is canceled.
struct Alarm::State {
    boost::asio::steady_timer timer;
    std::optional<Clock::time_point> due{};
};

Alarm::Alarm(boost::asio::any_io_executor executor)
    : state_(std::make_shared<State>(State{boost::asio::steady_timer(std::move(executor))})) {}

Alarm::~Alarm() {
    clear();
}

void Alarm::set(Clock::time_point due, std::function<void()> ring) {
    if (due == state_->due) return;
    state_->due = due;
    state_->timer.expires_at(due);
    state_->timer.async_wait(
        [weak = std::weak_ptr(state_), ring = std::move(ring)](boost::system::error_code error) {
            const auto state = weak.lock();
            if (!state || error) return;
            // It was over already when it was cleared, or set to another time.
            if (!state->due || *state->due > Clock::now()) return;
            state->due.reset();
            ring();
        });
}

void Alarm::set_by(Clock::time_point due, std::function<void()> ring) {
    if (!state_->due || due < *state_->due) set(due, std::move(ring));
}

void Alarm::clear() {
    state_->due.reset();
    state_->timer.cancel();
}

}  // namespace tenure::etcd::detail
