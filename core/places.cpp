#include "core/places.hpp"

#include <algorithm>
#include <stdexcept>

namespace tenure::detail {

std::shared_ptr<void> Places::reserve(const std::string& election) {
    {
        std::lock_guard lock(mutex_);
        if (!reserved_.insert(election).second) {
            throw std::invalid_argument("election '" + election +
                                        "': this session has a candidate in it already");
        }
    }
    return {nullptr, [this, election](std::nullptr_t) {
                std::lock_guard lock(mutex_);
                reserved_.erase(election);
            }};
}

bool Places::take(const std::string& election, const std::shared_ptr<const void>& who,
                  std::function<void()> then) {
    Place& place = places_[election];
    const auto holder = place.holder.lock();
    if (holder && holder != who) {
        std::erase_if(place.waiting, [&](const auto& each) { return each.first == who.get(); });
        place.waiting.emplace_back(who.get(), std::move(then));
        return false;
    }
    place.holder = who;
    return true;
}

void Places::leave(const std::string& election, const void* who) {
    const auto found = places_.find(election);
    if (found == places_.end() || found->second.holder.lock().get() != who) return;
    const auto waiting = std::move(found->second.waiting);
    places_.erase(found);
    for (const auto& [whose, then] : waiting)
        then();
}

bool Places::is_taken(const std::string& election, const void* by_other_than) const {
    const auto found = places_.find(election);
    if (found == places_.end()) return false;
    const auto holder = found->second.holder.lock();
    return holder && holder.get() != by_other_than;
}

void Places::spend(const std::string& election, std::int64_t number) {
    std::int64_t& greatest = spent_[election];
    greatest = std::max(greatest, number);
}

std::int64_t Places::spent(const std::string& election) const {
    const auto found = spent_.find(election);
    return found == spent_.end() ? 0 : found->second;
}

}  // namespace tenure::detail
