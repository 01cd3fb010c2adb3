// Runs a SessionMachine over a store and a scheduler, and tells the elections on it.
#pragma once

#include <atomic>
#include <mutex>
#include <tenure/session.hpp>
#include <vector>

#include "core/complete.hpp"
#include "core/driver.hpp"
#include "core/leadership_term.hpp"
#include "core/places.hpp"
#include "core/session_machine.hpp"
#include "core/signals.hpp"

namespace tenure::detail {

/// An election on a session. Everything on the scheduler.
class SessionClient {
public:
    virtual ~SessionClient() = default;
    virtual void lease_alive(std::shared_ptr<LeaseTerm> lease) = 0;
    virtual void lease_extended(Instant valid_until) = 0;
    /// Answered by `client_drained` once no leadership on it winds up any more, perhaps at once.
    virtual void lease_lost(LossReason reason) = 0;
    /// The `Session` was destroyed.
    virtual void session_gone() = 0;
};

class SessionDriver final : public Driver<SessionDriver, SessionMachine> {
public:
    /// Throws std::invalid_argument that names what is wrong with the options.
    SessionDriver(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
                  const SessionOptions& options);

    const std::shared_ptr<KeyStore>& store() const { return store_; }
    const SessionMachine::Config& config() const { return config_; }

    // From any thread.
    void start();
    void stop();
    void stop_then(boost::asio::any_completion_handler<void()> handler);
    /// The same for several, after `done`.
    void stop_then_all(StopHandlers handlers, std::function<void()> done);
    /// The public object is gone: no slot runs any more, and everything ends by itself.
    void detach();
    bool is_running() const noexcept { return running_; }
    std::optional<Lease> lease() const;
    /// One for each election on it.
    std::uint64_t next_seed() { return seed_ + 0x9e3779b97f4a7c15U * ++elections_; }

    // On the scheduler.
    void attach(std::weak_ptr<SessionClient> client);
    void client_drained();
    /// The `Session` was destroyed: it does not start any more.
    bool is_gone() const { return gone_; }
    /// As `stop()`, at once.
    void close() { feed(SessionMachine::Stop{}); }
    void suspect(LeaseId lease) { feed(SessionMachine::Suspected{lease}); }

    Places places;

    Signal<void(const Lease&)> granted;
    Signal<void(LossReason)> lost;
    Signal<void(error_code, std::string_view)> failed;

private:
    SessionDriver(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
                  const SessionMachine::Config& config, std::uint64_t seed);

    friend class Driver<SessionDriver, SessionMachine>;
    void apply(SessionMachine::Grant& action);
    void apply(SessionMachine::Renew& action);
    void apply(SessionMachine::Revoke& action);
    void apply(SessionMachine::Alive& action);
    void apply(SessionMachine::Extended& action);
    void apply(SessionMachine::Lost& action);
    void apply(SessionMachine::Failed& action);
    void apply(SessionMachine::Stopped& action);

    /// The elections that still exist.
    std::vector<std::shared_ptr<SessionClient>> clients();
    void set_lease(std::optional<Lease> lease);

    const SessionMachine::Config config_;
    const std::uint64_t seed_;
    std::atomic<std::uint64_t> elections_ = 0;
    std::atomic<bool> running_ = false;
    bool gone_ = false;
    std::shared_ptr<LeaseTerm> term_;
    std::vector<std::weak_ptr<SessionClient>> clients_;
    std::size_t draining_ = 0;
    StopHandlers stop_handlers_;
    mutable std::mutex mutex_;
    std::optional<Lease> lease_;
};

}  // namespace tenure::detail
