// What the drivers do, for one turn of one candidate: feeds the machines as core/driver.hpp,
// core/session_driver.cpp and core/election_driver.cpp do, and watches what comes out.
#pragma once

#include <deque>

#include "tests/exploration/model.hpp"

namespace tenure::exploration {

class Wiring {
public:
    using Session = detail::SessionMachine;
    using Candidacy = detail::CandidacyMachine;

    Wiring(World& world, std::size_t index)
        : world_(world), self_(world.candidates[index]), index_(index) {}

    void feed(Session::Input input);
    void feed(Candidacy::Input input);
    /// Hands the reply to the machine that asked.
    void deliver(const Message& message);
    void deliver_notice();
    void break_watch(errc error);
    void start();
    void stop();
    void run_task();
    void handlers_done();

private:
    void poll();
    void step(const Session::Input& input);
    void step(const Candidacy::Input& input);
    void after(const Candidacy::Input& input);

    void on(const Session::Grant& action);
    void on(const Session::Renew& action);
    void on(const Session::Revoke& action);
    void on(const Session::Alive& action);
    void on(const Session::Extended& action);
    void on(const Session::Lost& action);
    void on(const Session::Failed&) {}
    void on(const Session::Stopped&);

    void on(const Candidacy::Enter& action);
    void on(const Candidacy::Stand& action);
    void on(const Candidacy::Watch& action);
    void on(const Candidacy::Unwatch&);
    void on(const Candidacy::Update&);
    void on(const Candidacy::Remove& action);
    void on(const Candidacy::Elect& action);
    void on(const Candidacy::Invalidate&);
    void on(const Candidacy::Unelect& action);
    void on(const Candidacy::Suspect& action);
    void on(const Candidacy::Failed&) {}
    void on(const Candidacy::Stopped&);

    void send(Call call, RequestId request, Place subject);
    void client_drained();
    void require(bool holds, const std::string& what) const;
    void require_running(const std::string& what) const;
    void may_take_away(Revision created, const std::string& what) const;
    void leaves_nothing_behind(const std::string& who) const;
    void heard_while_leaving(const Message& heard);
    void leaves_no_ghost(const Message& heard) const;

    World& world_;
    Candidate& self_;
    const std::size_t index_;
    std::deque<Session::Input> session_inputs_;
    std::deque<Candidacy::Input> candidacy_inputs_;
    bool feeding_session_ = false;
    bool feeding_candidacy_ = false;
};

/// What the store's code for an outcome is.
Error to_error(Outcome outcome);

}  // namespace tenure::exploration
