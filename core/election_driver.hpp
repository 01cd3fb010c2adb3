// Runs a CandidacyMachine over a session and its store, and delivers what happens to the user.
#pragma once

#include <atomic>
#include <mutex>
#include <tenure/election.hpp>

#include "core/candidacy_machine.hpp"
#include "core/election_events.hpp"
#include "core/observer_driver.hpp"
#include "core/session_driver.hpp"

namespace tenure::detail {

class ElectionDriver final : public Driver<ElectionDriver, CandidacyMachine>, public SessionClient {
public:
    enum class Ownership { own_session, shared_session };

    ElectionDriver(std::shared_ptr<SessionDriver> session, const CandidacyOptions& options,
                   Ownership ownership, std::uint64_t seed);

    /// Once, after construction.
    void attach();

    // From any thread.
    const std::string& election() const noexcept { return election_; }
    bool owns_session() const noexcept { return ownership_ == Ownership::own_session; }
    void start();
    void stop();
    void stop_then(boost::asio::any_completion_handler<void()> handler);
    void resign();
    void proclaim(std::string value);
    /// The public object is gone: no slot runs any more, and everything ends by itself.
    void detach();
    bool is_running() const noexcept { return running_; }
    Leadership leadership() const;
    std::optional<Leader> current_leader() const;

    const std::shared_ptr<ElectionEvents> events;

    void lease_alive(std::shared_ptr<LeaseTerm> lease) override;
    void lease_extended(Instant valid_until) override;
    void lease_lost(LossReason reason) override;
    void session_gone() override;

private:
    friend class Driver<ElectionDriver, CandidacyMachine>;
    void before_input() { session_->poll(); }
    void after_input(const Input& input);

    void apply(CandidacyMachine::Enter& action);
    void apply(CandidacyMachine::Stand& action);
    void apply(CandidacyMachine::Watch& action);
    void apply(CandidacyMachine::Unwatch& action);
    void apply(CandidacyMachine::Update& action);
    void apply(CandidacyMachine::Remove& action);
    void apply(CandidacyMachine::Elect& action);
    void apply(CandidacyMachine::Invalidate& action);
    void apply(CandidacyMachine::Unelect& action);
    void apply(CandidacyMachine::Suspect& action);
    void apply(CandidacyMachine::Failed& action);
    void apply(CandidacyMachine::Stopped& action);

    void follow_leader(const std::string& election, std::uint64_t seed);
    /// Once the place on the session is free.
    void take_place();
    void leave_place();
    void note_stopped();

    const std::shared_ptr<SessionDriver> session_;
    const Ownership ownership_;
    const std::string election_;
    /// Of the name, for the public object.
    std::shared_ptr<void> reservation_;
    std::shared_ptr<ObserverDriver> observer_;
    std::atomic<bool> running_ = false;
    std::atomic<bool> started_ = false;
    bool owes_drain_ = false;
    /// Started, while an earlier candidacy still has the place.
    bool waits_for_place_ = false;
    /// The place is taken, and what time leads to comes before the start.
    bool starts_ = false;
    std::shared_ptr<LeaseTerm> lease_;
    std::unique_ptr<Watch> watch_;
    StopHandlers stop_handlers_;

    mutable std::mutex mutex_;
    std::shared_ptr<LeadershipTerm> term_;
    std::string value_;
};

}  // namespace tenure::detail
