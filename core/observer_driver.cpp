#include "core/observer_driver.hpp"

namespace tenure::detail {

void ObserverDriver::start() {
    running_ = true;
    post([](ObserverDriver& self) { self.feed(ObserverMachine::Start{}); });
}

void ObserverDriver::stop() {
    running_ = false;
    post([](ObserverDriver& self) {
        if (!self.running_) self.feed(ObserverMachine::Stop{});
    });
}

std::optional<Leader> ObserverDriver::current_leader() const {
    std::lock_guard lock(mutex_);
    return leader_;
}

void ObserverDriver::apply(ObserverMachine::List& action) {
    store_->list(std::move(action.query),
                 reply_to<ObserverMachine::Listed, Listing>(action.request));
}

void ObserverDriver::apply(ObserverMachine::Watch& action) {
    watch_ = store_->watch(std::move(action.target),
                           reply_to<ObserverMachine::Changed, Change>(action.watch));
}

void ObserverDriver::apply(ObserverMachine::Unwatch&) {
    watch_.reset();
}

void ObserverDriver::apply(ObserverMachine::Announce& action) {
    {
        std::lock_guard lock(mutex_);
        leader_ = action.leader;
    }
    listener_.leader(action.leader);
}

void ObserverDriver::apply(ObserverMachine::Failed& action) {
    listener_.failed(action.error, action.doing);
}

}  // namespace tenure::detail
