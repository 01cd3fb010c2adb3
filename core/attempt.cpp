#include "core/attempt.hpp"

#include <algorithm>

namespace tenure::detail {

Duration Backoff::next(Moment at) {
    const bool quiet = step_ == Duration::zero() || at.now - last_ > 2 * most_ + step_;
    step_ = quiet ? least_ : std::min(2 * step_, most_);
    last_ = at.now;
    const auto half = step_ / 2;
    const double share = static_cast<double>(at.chance) / 4294967296.0;
    return half + Duration(static_cast<Duration::rep>(static_cast<double>(half.count()) * share));
}

}  // namespace tenure::detail
