#include "backends/simulation/node_clock.hpp"

#include <stdexcept>
#include <string>

namespace tenure::sim::detail {

void check_clock_rate(std::int64_t parts_per_million) {
    if (parts_per_million > NodeClock::stopped && parts_per_million <= 1'000'000) return;
    throw std::invalid_argument("clock rate: " + std::to_string(parts_per_million) +
                                " ppm is not between -999999 and 1000000");
}
namespace {

// Nanoseconds times parts per million do not fit into 64 bits.
__extension__ using Wide = __int128;

constexpr Wide million = 1'000'000;

}  // namespace

Instant NodeClock::now() const noexcept {
    const Wide passed = (time_->now - since_).count();
    return at_since_ + Duration(static_cast<Duration::rep>(passed * (million + rate_) / million));
}

void NodeClock::set_rate(std::int64_t parts_per_million) {
    at_since_ = now();
    since_ = time_->now;
    rate_ = parts_per_million;
}

Duration NodeClock::true_time_of(Instant when) const {
    if (when <= at_since_) return since_;
    if (rate_ <= stopped || when == Instant::max()) return Duration::max();
    const Wide shown = (when - at_since_).count();
    const Wide speed = million + rate_;
    const Wide passed = (shown * million + speed - 1) / speed;
    if (passed > Wide((Duration::max() - since_).count())) return Duration::max();
    return since_ + Duration(static_cast<Duration::rep>(passed));
}

}  // namespace tenure::sim::detail
