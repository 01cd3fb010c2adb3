// A machine's own clock in a world whose true time nobody on the machine can see.
#pragma once

#include <memory>
#include <tenure/scheduler.hpp>

namespace tenure::sim::detail {

/// Since the world began. Shared with the clocks, which may outlive the world.
struct TrueTime {
    Duration now{};
};

/// Throws std::invalid_argument for a clock that would stand still, or run backwards or wild.
void check_clock_rate(std::int64_t parts_per_million);

/// Runs evenly at a rate of its own, from a beginning of its own.
class NodeClock : public Clock {
public:
    /// The rate at which a clock stands still.
    static constexpr std::int64_t stopped = -1'000'000;

    NodeClock(std::shared_ptr<const TrueTime> time, Instant beginning)
        : time_(std::move(time)), since_(time_->now), at_since_(beginning) {}

    Instant now() const noexcept override;
    /// Parts per million faster than true time.
    void set_rate(std::int64_t parts_per_million);
    std::int64_t rate() const { return rate_; }
    /// The first true time at which it shows `when` or later; Duration::max() for never.
    Duration true_time_of(Instant when) const;

private:
    std::shared_ptr<const TrueTime> time_;
    /// It ran at `rate_` from then on, and showed that.
    Duration since_;
    Instant at_since_;
    std::int64_t rate_ = 0;
};

}  // namespace tenure::sim::detail
