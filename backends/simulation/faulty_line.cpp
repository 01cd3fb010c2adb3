#include "backends/simulation/faulty_line.hpp"

#include <utility>
#include <vector>

// Nothing is called or destroyed under the lock that could call back: what is taken out of the
// tables is moved into a local that outlives the guard.
namespace tenure::sim::detail {

void FaultyLine::cut() {
    std::vector<Number> open;
    {
        std::lock_guard lock(mutex_);
        cut_ = true;
        for (const auto& [number, watch] : watches_) {
            if (!watch.silent) open.push_back(number);
        }
    }
    for (const Number number : open)
        silence_watch(number, errc::unreachable);
}

void FaultyLine::mend() {
    std::lock_guard lock(mutex_);
    cut_ = false;
}

void FaultyLine::set_fate(FateOf fate) {
    auto next = fate ? std::make_shared<FateOf>(std::move(fate)) : nullptr;
    std::lock_guard lock(mutex_);
    fate_.swap(next);
}

std::uint64_t FaultyLine::calls() const {
    std::lock_guard lock(mutex_);
    return calls_;
}

Fate FaultyLine::decide(Call call) {
    std::shared_ptr<FateOf> fate_of;
    std::uint64_t number = 0;
    {
        std::lock_guard lock(mutex_);
        number = ++calls_;
        fate_of = fate_;
    }
    const Fate fate = fate_of ? (*fate_of)(call, number) : Fate::pass;
    std::lock_guard lock(mutex_);
    const bool sent = fate == Fate::pass || fate == Fate::lose_reply;
    return cut_ && sent ? Fate::lose_request : fate;
}

FaultyLine::Number FaultyLine::expect_answer(std::function<void()> time_out) {
    Number number = 0;
    {
        std::lock_guard lock(mutex_);
        number = ++last_number_;
        requests_[number].time_out = std::move(time_out);
    }
    auto timer =
        scheduler_->call_at(scheduler_->now() + time_out_, [line = weak_from_this(), number] {
            const auto self = line.lock();
            if (!self) return;
            std::map<Number, Request>::node_type late;
            {
                std::lock_guard lock(self->mutex_);
                late = self->requests_.extract(number);
            }
            if (late) self->deliver(late.mapped().time_out);
        });
    std::lock_guard lock(mutex_);
    const auto request = requests_.find(number);
    if (request != requests_.end()) request->second.timer = std::move(timer);
    return number;
}

bool FaultyLine::answered(Number number) {
    std::map<Number, Request>::node_type done;
    std::lock_guard lock(mutex_);
    if (cut_) return false;
    done = requests_.extract(number);
    return !done.empty();
}

void FaultyLine::answer_soon(std::function<void()> call) {
    scheduler_->post([line = weak_from_this(), call = std::move(call)] {
        if (const auto self = line.lock()) self->deliver(call);
    });
}

FaultyLine::Number FaultyLine::open_watch(std::function<void(errc)> fail) {
    std::lock_guard lock(mutex_);
    watches_[++last_number_].fail = std::move(fail);
    return last_number_;
}

void FaultyLine::keep_watch(Number number, std::unique_ptr<Watch> inner) {
    std::lock_guard lock(mutex_);
    const auto watch = watches_.find(number);
    if (watch != watches_.end()) watch->second.inner.swap(inner);
}

bool FaultyLine::hears(Number number, bool is_last) {
    std::lock_guard lock(mutex_);
    const auto watch = watches_.find(number);
    if (watch == watches_.end() || watch->second.silent) return false;
    watch->second.silent = is_last;
    return true;
}

void FaultyLine::silence_watch(Number number, errc code) {
    {
        std::lock_guard lock(mutex_);
        const auto watch = watches_.find(number);
        if (watch == watches_.end()) return;
        watch->second.silent = true;
    }
    auto timer =
        scheduler_->call_at(scheduler_->now() + time_out_, [line = weak_from_this(), number, code] {
            if (const auto self = line.lock()) self->fail_watch(number, code);
        });
    std::lock_guard lock(mutex_);
    const auto watch = watches_.find(number);
    if (watch != watches_.end()) watch->second.timer.swap(timer);
}

void FaultyLine::fail_watch(Number number, errc code) {
    std::map<Number, OpenWatch>::node_type failed;
    {
        std::lock_guard lock(mutex_);
        failed = watches_.extract(number);
    }
    if (failed) deliver([&] { failed.mapped().fail(code); });
}

void FaultyLine::close_watch(Number number) {
    std::map<Number, OpenWatch>::node_type closed;
    std::lock_guard lock(mutex_);
    closed = watches_.extract(number);
}

void FaultyLine::close() {
    gate_.close();
    std::map<Number, Request> requests;
    std::map<Number, OpenWatch> watches;
    std::lock_guard lock(mutex_);
    requests_.swap(requests);
    watches_.swap(watches);
}

}  // namespace tenure::sim::detail
