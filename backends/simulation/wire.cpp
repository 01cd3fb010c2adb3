#include "backends/simulation/wire.hpp"

#include <stdexcept>

#include "backends/simulation/connection.hpp"

namespace tenure::sim::detail {
namespace {

// Half of the requests that are answered is what liveness can be asked for.
constexpr unsigned most_loss = 500;
constexpr Duration sent_again_after = std::chrono::milliseconds(200);

void refuse(bool wrong, const char* words) {
    if (wrong) throw std::invalid_argument(std::string("link: ") + words);
}

}  // namespace

void check(const LinkOptions& options) {
    const Duration longest = std::chrono::hours(24);
    const auto is_time = [longest](Duration time) {
        return time >= Duration::zero() && time <= longest;
    };
    refuse(!is_time(options.latency), "latency must be from 0 to 24 h");
    refuse(!is_time(options.jitter), "jitter must be from 0 to 24 h");
    refuse(options.loss_per_mille > 1000, "loss_per_mille must be at most 1000");
    refuse(!is_time(options.time_out) || options.time_out == Duration::zero(),
           "time_out must be more than 0, and at most 24 h");
    refuse(!is_time(options.silence) || options.silence == Duration::zero(),
           "silence must be more than 0, and at most 24 h");
}

void Wire::Link::set(const LinkOptions& options, Direction direction) {
    check(options);
    if (direction == Direction::both) {
        to_store = options;
        from_store = options;
        return;
    }
    LinkOptions& one = direction == Direction::to_store ? to_store : from_store;
    one.latency = options.latency;
    one.jitter = options.jitter;
    one.loss_per_mille = options.loss_per_mille;
}

bool Wire::Link::is_hopeless() const {
    const Duration trip =
        to_store.latency + to_store.jitter + from_store.latency + from_store.jitter;
    return to_store.loss_per_mille + from_store.loss_per_mille > most_loss ||
           trip >= to_store.time_out;
}

void Wire::cut(Direction direction) {
    if (direction != Direction::from_store) cut_to_store_ = true;
    if (direction != Direction::to_store) cut_from_store_ = true;
    update_stall();
}

void Wire::heal() {
    cut_to_store_ = false;
    cut_from_store_ = false;
    update_stall();
}

void Wire::set_store_silent(bool silent) {
    store_silent_ = silent;
    update_stall();
}

// With one way cut the other falls silent as well, for nothing is acknowledged.
void Wire::update_stall() {
    const bool stalled = is_cut() || store_silent_;
    if (stalled == stalled_) return;
    stalled_ = stalled;
    const auto connection = connection_.lock();
    if (!connection) return;
    stalled ? connection->streams_stall() : connection->streams_go_on();
}

Duration Wire::stream_trip() {
    const bool again = loses(Way::from_store);
    return trip(Way::from_store) + (again ? sent_again_after : Duration::zero());
}

}  // namespace tenure::sim::detail
