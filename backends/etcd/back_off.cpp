#include "backends/etcd/back_off.hpp"

#include <algorithm>
#include <utility>

namespace tenure::etcd::detail {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_under_way = 8;
constexpr std::chrono::milliseconds first_pause = 50ms;
constexpr std::chrono::milliseconds longest_pause = 1s;

}  // namespace

void BackOff::ask_for(std::weak_ptr<Turn> turn) {
    waiting_.push_back(std::move(turn));
    give_turns();
}

void BackOff::ended() {
    --under_way_;
    give_turns();
}

void BackOff::failed(Error error) {
    last_error_ = std::move(error);
    if (!std::exchange(was_tried_since_, false)) return;
    ++failures_;
    next_at_ = Clock::now() + pause();
}

void BackOff::worked() {
    if (failures_ == 0) return;
    failures_ = 0;
    was_tried_since_ = true;
    next_at_ = {};
    last_error_.reset();
    give_turns();
}

void BackOff::close() {
    waiting_.clear();
    alarm_.clear();
}

void BackOff::give_turns() {
    while (!waiting_.empty() && under_way_ < most_under_way && !is_resting()) {
        const auto turn = waiting_.front().lock();
        waiting_.pop_front();
        // Counted before: it may be over within that call.
        ++under_way_;
        if (!turn || !turn->take()) {
            --under_way_;
            continue;
        }
        was_tried_since_ = true;
        if (failures_ > 0) next_at_ = Clock::now() + pause();
    }
    if (waiting_.empty() || !is_resting()) return alarm_.clear();
    alarm_.set(next_at_, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->give_turns();
    });
}

std::chrono::milliseconds BackOff::pause() {
    auto whole = first_pause;
    for (int i = 1; i < failures_ && whole < longest_pause; ++i)
        whole *= 2;
    const auto most = std::min(whole, longest_pause).count();
    return std::chrono::milliseconds(
        std::uniform_int_distribution<std::int64_t>(most / 2, most)(chance_));
}

}  // namespace tenure::etcd::detail
