#include "tests/chaos/schedule.hpp"

#include <algorithm>
#include <array>
#include <iomanip>
#include <ostream>

#include "backends/simulation/random.hpp"

namespace tenure::chaos {
namespace {

using namespace std::chrono_literals;
using sim::detail::Random;

struct Habit {
    FaultKind kind;
    unsigned weight;
    Duration shortest, longest;
};

// Pauses and silence last up to more than two leases, so that they end before, while and after
// somebody else rises.
constexpr std::array<Habit, fault_kinds> habits{{
    {FaultKind::member_killed, 8, 500ms, 8s},
    {FaultKind::member_paused, 10, 300ms, 9s},
    {FaultKind::member_restarted, 4, 100ms, 2s},
    {FaultKind::etcd_restarted, 2, 200ms, 4s},
    {FaultKind::candidate_killed, 10, 200ms, 6s},
    {FaultKind::candidate_paused, 14, 200ms, 10s},
    {FaultKind::candidate_restarted, 5, 100ms, 2s},
    {FaultKind::member_cut, 5, 500ms, 8s},
    {FaultKind::member_silent, 5, 500ms, 8s},
    {FaultKind::member_slow, 5, 2s, 10s},
    {FaultKind::candidate_cut, 5, 300ms, 8s},
    {FaultKind::candidate_silent, 8, 300ms, 10s},
    {FaultKind::candidate_unheard, 6, 300ms, 8s},
    {FaultKind::candidate_slow, 5, 2s, 10s},
    {FaultKind::connections_dropped, 4, {}, {}},
    {FaultKind::connections_half_open, 5, {}, {}},
    {FaultKind::compacted, 4, {}, {}},
    {FaultKind::lease_revoked, 5, {}, {}},
    {FaultKind::key_deleted, 5, {}, {}},
}};
constexpr Duration longest_pause_between = 4s;
constexpr Duration shortest_delay = 20ms;
constexpr Duration longest_delay = 250ms;

class Drawing {
public:
    explicit Drawing(const ScheduleOptions& options) : options_(options), random_(options.seed) {}

    Schedule draw() {
        Duration next_calm = options_.calm_after;
        for (;;) {
            now_ += random_.up_to(longest_pause_between);
            if (now_ >= next_calm) {
                now_ = std::max(now_, all_over_) + options_.calm;
                next_calm = now_ + options_.calm_after;
            }
            PlannedFault fault = draw_fault();
            if (fault.at + fault.lasts > options_.length) return std::move(schedule_);
            all_over_ = std::max(all_over_, fault.at + fault.lasts);
            schedule_.push_back(fault);
        }
    }

private:
    PlannedFault draw_fault() {
        const Habit& habit = draw_habit();
        PlannedFault fault{.kind = habit.kind};
        fault.lasts = habit.shortest + random_.up_to(habit.longest - habit.shortest);
        // Nothing else goes on beside it, or there would be nothing to restart.
        const bool alone = habit.kind == FaultKind::etcd_restarted;
        if (alone) now_ = std::max(now_, all_over_);
        fault.at = now_;
        if (alone) now_ += fault.lasts;
        const bool is_slow =
            habit.kind == FaultKind::member_slow || habit.kind == FaultKind::candidate_slow;
        if (is_slow) fault.delay = shortest_delay + random_.up_to(longest_delay - shortest_delay);
        fault.whom = draw_victim(habit.kind);
        return fault;
    }

    const Habit& draw_habit() {
        unsigned all = 0;
        for (const Habit& habit : habits)
            all += habit.weight;
        std::uint64_t left = random_.below(all);
        for (const Habit& habit : habits) {
            if (left < habit.weight) return habit;
            left -= habit.weight;
        }
        return habits.front();
    }

    // The leader as often as all others together: there it hurts.
    std::optional<std::size_t> draw_victim(FaultKind kind) {
        const Victim victim = victim_of(kind);
        if (victim == Victim::etcd || random_.below(2) == 0) return std::nullopt;
        std::size_t among = victim == Victim::member ? options_.members : options_.candidates;
        const bool ends =
            kind == FaultKind::candidate_killed || kind == FaultKind::candidate_restarted;
        if (ends) among -= options_.spared;
        return random_.below(among);
    }

    const ScheduleOptions& options_;
    Random random_;
    Schedule schedule_;
    Duration now_{};
    Duration all_over_{};
};

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace

Schedule make_schedule(const ScheduleOptions& options) {
    return Drawing(options).draw();
}

std::ostream& operator<<(std::ostream& out, const PlannedFault& fault) {
    out << std::fixed << std::setprecision(3) << std::setw(9) << seconds(fault.at) << " s  "
        << to_string(fault.kind);
    if (victim_of(fault.kind) != Victim::etcd) {
        out << ' ' << (fault.whom ? "number " + std::to_string(*fault.whom + 1) : "leader");
    }
    if (!is_instant(fault.kind)) out << ", for " << seconds(fault.lasts) << " s";
    if (fault.delay > Duration::zero()) out << ", late by " << seconds(fault.delay) << " s";
    return out;
}

}  // namespace tenure::chaos
