#include "backends/simulation/engine.hpp"

#include <algorithm>

namespace tenure::sim::detail {
std::shared_ptr<Process> Engine::add_process(Instant beginning) {
    return processes_.emplace_back(std::make_shared<Process>(time_, count_, beginning));
}

void Engine::at(Duration when, Task task) {
    events_.emplace(Place{std::max(when, now()), count_->next()}, std::move(task));
}

bool Engine::step(Duration end) {
    std::optional<Place> first;
    Process* runner = nullptr;
    if (!events_.empty()) first = events_.begin()->first;
    for (const auto& process : processes_) {
        const auto next = process->next();
        if (!next || (first && *first < *next)) continue;
        first = next;
        runner = process.get();
    }
    if (!first || first->due > end) return false;
    steps_at_one_time_ = first->due > now() ? 0 : steps_at_one_time_ + 1;
    time_->now = std::max(now(), first->due);
    ++steps_;
    last_runner_ = runner;
    const Task task =
        runner ? runner->take() : std::move(events_.extract(events_.begin()).mapped());
    task();
    return true;
}

void Engine::idle_until(Duration end) {
    time_->now = std::max(now(), end);
    last_runner_ = nullptr;
}

void Engine::close() {
    for (const auto& process : processes_)
        process->kill();
    const auto events = std::exchange(events_, {});
}

}  // namespace tenure::sim::detail
