#include "backends/memory/lease_times.hpp"

#include <algorithm>

namespace tenure::memory {

std::shared_ptr<Timekeeper> LeaseTimes::join(const std::shared_ptr<Scheduler>& scheduler) {
    auto keeper = std::ranges::find(keepers_, scheduler, &Timekeeper::scheduler);
    if (keeper == keepers_.end()) {
        keepers_.push_back(std::make_shared<Timekeeper>());
        keeper = std::prev(keepers_.end());
        (*keeper)->scheduler = scheduler;
    }
    ++(*keeper)->handles;
    return *keeper;
}

std::shared_ptr<Timekeeper> LeaseTimes::leave(const std::shared_ptr<Timekeeper>& keeper) {
    if (--keeper->handles > 0) return nullptr;
    std::erase(keepers_, keeper);
    if (keepers_.empty()) return nullptr;
    const auto& heir = keepers_.front();
    const Duration ahead = heir->scheduler->now() - keeper->scheduler->now();
    for (const auto& [deadline, id] : keeper->deadlines) {
        Time& time = times_.at(id);
        time.keeper = heir;
        time.deadline = deadline + ahead;
        heir->deadlines.emplace(time.deadline, id);
    }
    keeper->deadlines.clear();
    return heir;
}

void LeaseTimes::restart(LeaseId id, Duration granted, const std::shared_ptr<Timekeeper>& keeper) {
    forget(id);
    const Instant deadline = keeper->scheduler->now() + granted;
    times_[id] = {granted, keeper, deadline};
    keeper->deadlines.emplace(deadline, id);
}

void LeaseTimes::forget(LeaseId id) {
    const auto time = times_.extract(id);
    if (!time.empty()) time.mapped().keeper->deadlines.erase({time.mapped().deadline, id});
}

std::vector<LeaseId> LeaseTimes::take_due() {
    std::vector<LeaseId> due;
    for (const auto& keeper : keepers_) {
        if (keeper->deadlines.empty()) continue;
        const Instant now = keeper->scheduler->now();
        while (!keeper->deadlines.empty() && keeper->deadlines.begin()->first <= now) {
            due.push_back(keeper->deadlines.begin()->second);
            forget(due.back());
        }
    }
    return due;
}

}  // namespace tenure::memory
