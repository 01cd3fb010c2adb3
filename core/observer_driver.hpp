// Runs an ObserverMachine: for an Observer, and for elections that follow their leader.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <tenure/observer.hpp>

#include "core/driver.hpp"
#include "core/observer_machine.hpp"
#include "core/signals.hpp"

namespace tenure::detail {

class ObserverDriver final : public Driver<ObserverDriver, ObserverMachine> {
public:
    /// What is heard, on the scheduler, within the machine's turn: post before calling a user.
    struct Listener {
        std::function<void(const std::optional<Leader>&)> leader;
        std::function<void(const Error&, const std::string& doing)> failed;
    };

    ObserverDriver(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
                   ObserverMachine::Config config, std::uint64_t seed)
        : Driver(std::move(scheduler), std::move(store), ObserverMachine(std::move(config)), seed) {
    }

    /// Before the first start.
    void set_listener(Listener listener) { listener_ = std::move(listener); }

    // From any thread.
    void start();
    void stop();
    bool is_running() const noexcept { return running_; }
    std::optional<Leader> current_leader() const;

private:
    friend class Driver<ObserverDriver, ObserverMachine>;
    void apply(ObserverMachine::List& action);
    void apply(ObserverMachine::Watch& action);
    void apply(ObserverMachine::Unwatch& action);
    void apply(ObserverMachine::Announce& action);
    void apply(ObserverMachine::Failed& action);

    Listener listener_;
    std::atomic<bool> running_ = false;
    std::unique_ptr<Watch> watch_;
    mutable std::mutex mutex_;
    std::optional<Leader> leader_;
};

}  // namespace tenure::detail
