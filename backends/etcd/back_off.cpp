#include "backends/etcd/back_off.hpp"

#include <algorithm>
#include <utility>

namespace tenure::etcd::detail {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_under_way = 8;
constexpr auto longest_under_way = 1s;
constexpr std::chrono::milliseconds first_pause = 50ms;
constexpr std::chrono::milliseconds longest_pause = 1s;

}  // namespace

void BackOff::ask_for(std::weak_ptr<Turn> turn) {
    if (is_closed_) return;
    waiting_.push_back(std::move(turn));
    give_turns();
}

// The pauses grow with the attempts: those that take long to fail are not made more often for it.
void BackOff::failed(Error error) {
    last_error_ = std::move(error);
    if (!is_resting()) pause();
}

void BackOff::worked() {
    if (!last_error_) return;
    last_error_.reset();
    pauses_ = 0;
    next_at_ = {};
    give_turns();
}

void BackOff::close() {
    is_closed_ = true;
    waiting_.clear();
    alarm_.clear();
}

void BackOff::give_turns() {
    const auto too_long = Clock::now() - longest_under_way;
    std::erase_if(under_way_, [&](const auto& each) { return each.second <= too_long; });
    while (!waiting_.empty() && under_way_.size() < most_under_way && !is_resting()) {
        const auto turn = waiting_.front().lock();
        waiting_.pop_front();
        if (turn && turn->take(admit()) && last_error_) pause();
    }
    if (waiting_.empty()) return alarm_.clear();
    const bool is_full = under_way_.size() >= most_under_way;
    give_turns_at(is_full ? under_way_.begin()->second + longest_under_way : next_at_);
}

BackOff::Admission BackOff::admit() {
    const std::uint64_t number = ++last_number_;
    under_way_.emplace(number, Clock::now());
    return {this, [weak = weak_from_this(), number](void*) {
                if (const auto self = weak.lock()) self->ended(number);
            }};
}

// Not at once: who has just seen it fail will say so in a moment.
void BackOff::ended(std::uint64_t number) {
    if (under_way_.erase(number) == 0 || waiting_.empty()) return;
    give_turns_at(std::max(next_at_, Clock::now()));
}

void BackOff::give_turns_at(Clock::time_point when) {
    alarm_.set(when, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->give_turns();
    });
}

void BackOff::pause() {
    auto whole = first_pause;
    for (int i = 0; i < pauses_ && whole < longest_pause; ++i)
        whole *= 2;
    ++pauses_;
    const auto most = std::min(whole, longest_pause).count();
    std::uniform_int_distribution<std::int64_t> some(most / 2, most);
    next_at_ = Clock::now() + std::chrono::milliseconds(some(chance_));
}

}  // namespace tenure::etcd::detail
