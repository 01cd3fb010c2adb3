#include "backends/simulation/wire.hpp"

#include "backends/simulation/connection.hpp"

namespace tenure::sim::detail {
namespace {

constexpr Duration sent_again_after = std::chrono::milliseconds(200);

}  // namespace

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
    const bool again = random_.one_in_a_thousand(options.loss_per_mille);
    return trip() + (again ? sent_again_after : Duration::zero());
}

}  // namespace tenure::sim::detail
