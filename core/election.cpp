#include <tenure/election.hpp>

#include "core/election_driver.hpp"
#include "core/options.hpp"

namespace tenure {

using detail::ElectionDriver;

Election::Election(boost::asio::any_io_executor executor, std::shared_ptr<KeyStore> store,
                   ElectionOptions options)
    : Election(make_scheduler(std::move(executor)), std::move(store), std::move(options)) {}

// The session's seed is drawn first: the arguments of one call may be taken in any order.
Election::Election(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
                   ElectionOptions options) {
    auto session = std::make_shared<detail::SessionDriver>(scheduler, std::move(store),
                                                           detail::session_part(options));
    const std::uint64_t seed = detail::seed_from(options.seed, scheduler);
    driver_ = std::make_shared<ElectionDriver>(std::move(session), detail::candidacy_part(options),
                                               ElectionDriver::Ownership::own_session, seed);
    driver_->attach();
}

Election::Election(Session& session, CandidacyOptions options)
    : driver_(std::make_shared<ElectionDriver>(session.driver_, options,
                                               ElectionDriver::Ownership::shared_session,
                                               session.driver_->next_seed())) {
    driver_->attach();
}

Election::~Election() {
    driver_->detach();
}

void Election::start() {
    driver_->start();
}

void Election::stop() {
    driver_->stop();
}

void Election::resign() {
    driver_->resign();
}

void Election::proclaim(std::string value) {
    driver_->proclaim(std::move(value));
}

const std::string& Election::name() const noexcept {
    return driver_->election();
}

bool Election::owns_session() const noexcept {
    return driver_->owns_session();
}

bool Election::is_running() const noexcept {
    return driver_->is_running();
}

bool Election::is_leader() const noexcept {
    return driver_->leadership().valid();
}

Leadership Election::leadership() const {
    return driver_->leadership();
}

std::optional<Leader> Election::current_leader() const {
    return driver_->current_leader();
}

boost::signals2::connection Election::on_elected(ElectedSlot slot) {
    return driver_->events->elected.connect(slot);
}

boost::signals2::connection Election::on_unelected(UnelectedSlot slot) {
    return driver_->events->unelected.connect(slot);
}

boost::signals2::connection Election::on_leader(LeaderSlot slot) {
    return driver_->events->leader.connect(slot);
}

boost::signals2::connection Election::on_error(ErrorSlot slot) {
    return driver_->events->failed.connect(slot);
}

void Election::wait_elected(
    boost::asio::any_completion_handler<void(error_code, Leadership)> handler) {
    driver_->events->wait_elected(std::move(handler), driver_->leadership());
}

void Election::stop_then(boost::asio::any_completion_handler<void()> handler) {
    driver_->stop_then(std::move(handler));
}

}  // namespace tenure
