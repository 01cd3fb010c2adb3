#include <tenure/session.hpp>

#include "core/session_driver.hpp"

namespace tenure {

Session::Session(boost::asio::any_io_executor executor, std::shared_ptr<KeyStore> store,
                 SessionOptions options)
    : Session(make_scheduler(std::move(executor)), std::move(store), options) {}

Session::Session(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
                 SessionOptions options)
    : driver_(std::make_shared<detail::SessionDriver>(std::move(scheduler), std::move(store),
                                                      options)) {}

Session::~Session() {
    driver_->detach();
}

void Session::start() {
    driver_->start();
}

void Session::stop() {
    driver_->stop();
}

void Session::stop_then(boost::asio::any_completion_handler<void()> handler) {
    driver_->stop_then(std::move(handler));
}

bool Session::is_running() const noexcept {
    return driver_->is_running();
}

std::optional<Lease> Session::lease() const {
    return driver_->lease();
}

boost::signals2::connection Session::on_granted(boost::signals2::slot<void(const Lease&)> slot) {
    return driver_->granted.connect(slot);
}

boost::signals2::connection Session::on_lost(boost::signals2::slot<void(LossReason)> slot) {
    return driver_->lost.connect(slot);
}

boost::signals2::connection Session::on_error(ErrorSlot slot) {
    return driver_->failed.connect(slot);
}

}  // namespace tenure
