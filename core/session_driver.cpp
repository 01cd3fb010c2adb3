#include "core/session_driver.hpp"

#include <algorithm>
#include <iterator>

#include "core/options.hpp"

namespace tenure::detail {
namespace {

SessionMachine::Config fitted_to(const std::shared_ptr<KeyStore>& store,
                                 SessionMachine::Config config) {
    config.leaves_entries = store && !store->can(Capability::whole_leases);
    return config;
}

}  // namespace

SessionDriver::SessionDriver(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
                             const SessionOptions& options)
    : SessionDriver(scheduler, store, fitted_to(store, check(options)),
                    seed_from(options.seed, scheduler)) {}

SessionDriver::SessionDriver(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
                             const SessionMachine::Config& config, std::uint64_t seed)
    : Driver(std::move(scheduler), std::move(store), SessionMachine(config), seed),
      config_(config),
      seed_(seed) {}

void SessionDriver::start() {
    running_ = true;
    post([](SessionDriver& self) {
        if (!self.gone_) self.feed(SessionMachine::Start{});
    });
}

void SessionDriver::stop() {
    post([](SessionDriver& self) { self.feed(SessionMachine::Stop{}); });
}

void SessionDriver::stop_then(boost::asio::any_completion_handler<void()> handler) {
    // A std::function must be copyable, and the handler is not.
    auto held = std::make_shared<boost::asio::any_completion_handler<void()>>(std::move(handler));
    post([held](SessionDriver& self) {
        self.stop_handlers_.push_back(std::move(*held));
        self.feed(SessionMachine::Stop{});
    });
}

void SessionDriver::stop_then_all(StopHandlers handlers, std::function<void()> done) {
    auto held = std::make_shared<StopHandlers>(std::move(handlers));
    post([held, done = std::move(done)](SessionDriver& self) {
        self.stop_handlers_.emplace_back(done);
        std::ranges::move(*held, std::back_inserter(self.stop_handlers_));
        self.feed(SessionMachine::Stop{});
    });
}

void SessionDriver::detach() {
    granted.disconnect_all_slots();
    lost.disconnect_all_slots();
    failed.disconnect_all_slots();
    post([](SessionDriver& self) {
        self.gone_ = true;
        for (const auto& client : self.clients())
            client->session_gone();
        self.feed(SessionMachine::Stop{});
    });
}

std::optional<Lease> SessionDriver::lease() const {
    std::lock_guard lock(mutex_);
    return lease_;
}

void SessionDriver::attach(std::weak_ptr<SessionClient> client) {
    clients_.push_back(client);
    if (gone_) client.lock()->session_gone();
    if (machine_.state() == SessionMachine::State::alive) client.lock()->lease_alive(term_);
}

void SessionDriver::client_drained() {
    if (draining_ > 0 && --draining_ == 0) feed(SessionMachine::Drained{});
}

std::vector<std::shared_ptr<SessionClient>> SessionDriver::clients() {
    std::vector<std::shared_ptr<SessionClient>> alive;
    std::erase_if(clients_, [&](const std::weak_ptr<SessionClient>& weak) {
        auto client = weak.lock();
        if (!client) return true;
        alive.push_back(std::move(client));
        return false;
    });
    return alive;
}

void SessionDriver::set_lease(std::optional<Lease> lease) {
    std::lock_guard lock(mutex_);
    lease_ = lease;
}

void SessionDriver::apply(SessionMachine::Grant& action) {
    auto reply = reply_to<SessionMachine::Granted, Lease>(action.request);
    std::weak_ptr<KeyStore> weak_store = store_;
    store_->grant_lease(action.ttl,
                        [weak = weak_from_this(), weak_store, reply](result<Lease> lease) {
                            if (!weak.expired() || !lease) return reply(std::move(lease));
                            // Nobody is left who could use it, and left alone it would stay for one
                            // TTL.
                            if (const auto store = weak_store.lock())
                                store->revoke_lease(lease->id, [](auto) {});
                        });
}

void SessionDriver::apply(SessionMachine::Renew& action) {
    store_->renew_lease(action.lease, reply_to<SessionMachine::Renewed, Lease>(action.request));
}

void SessionDriver::apply(SessionMachine::Revoke& action) {
    store_->revoke_lease(action.lease, reply_to<SessionMachine::Revoked, void>(action.request));
}

void SessionDriver::apply(SessionMachine::Alive& action) {
    term_ = std::make_shared<LeaseTerm>(scheduler_->clock(), action.lease.id, action.valid_until);
    set_lease(action.lease);
    for (const auto& client : clients())
        client->lease_alive(term_);
    post([lease = action.lease](SessionDriver& self) { self.granted(lease); });
}

void SessionDriver::apply(SessionMachine::Extended& action) {
    term_->extend(action.valid_until);
    for (const auto& client : clients())
        client->lease_extended(action.valid_until);
}

void SessionDriver::apply(SessionMachine::Lost& action) {
    set_lease(std::nullopt);
    if (action.reason != LossReason::stopped) {
        term_->end();
        post([reason = action.reason](SessionDriver& self) { self.lost(reason); });
    }
    const auto told = clients();
    // Counted with one of our own, so that it is not zero before all have been told.
    draining_ = told.size() + 1;
    for (const auto& client : told)
        client->lease_lost(action.reason);
    client_drained();
}

void SessionDriver::apply(SessionMachine::Failed& action) {
    post([action](SessionDriver& self) {
        self.failed(action.error.code, action.doing + ": " + action.error.message());
    });
}

void SessionDriver::apply(SessionMachine::Stopped&) {
    running_ = machine_.state() != SessionMachine::State::idle;
    post([](SessionDriver& self) { complete_all(self.stop_handlers_); });
}

}  // namespace tenure::detail
