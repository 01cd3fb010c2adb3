// A candidacy machine to call, and the entries that its tests are about.
#pragma once

#include <boost/test/unit_test.hpp>

#include "core/candidacy_machine.hpp"

namespace tenure::testing {

using namespace std::chrono_literals;
using Machine = detail::CandidacyMachine;
using State = Machine::State;

inline const Instant start_time{1h};
inline const LeaseId lease{7};
inline const Entry own{"jobs/7", "a", lease, Revision{20}};
inline const Entry ahead{"jobs/3", "b", LeaseId{3}, Revision{10}};

inline Standing first() {
    return {own, {}, own, Revision{30}};
}
inline Standing behind() {
    return {ahead, ahead, own, Revision{30}};
}
inline Standing absent() {
    return {ahead, {}, {}, Revision{30}};
}

struct Bench {
    Machine machine{Machine::Config{.election = "jobs",
                                    .value = "a",
                                    .request_timeout = 2s,
                                    .grace = 1s,
                                    .backoff = detail::Backoff(100ms, 2s),
                                    .rejoin = true}};
    Machine::Actions last;

    void at(Duration when, Machine::Input input) {
        last = machine.step({start_time + when, 0}, input);
    }
    template <class Action>
    const Action* find() const {
        for (const auto& action : last) {
            if (const auto* found = std::get_if<Action>(&action)) return found;
        }
        return nullptr;
    }
    template <class Action>
    const Action& get() const {
        const Action* found = find<Action>();
        BOOST_TEST_REQUIRE(found != nullptr);
        return *found;
    }

    void enter() {
        at(0s, Machine::Start{});
        at(0s, Machine::LeaseAlive{lease, start_time + 9s});
    }
    void entered(Standing standing) {
        enter();
        at(0s, Machine::Entered{get<Machine::Enter>().request, std::move(standing)});
    }
    RequestId wait_behind() {
        entered(behind());
        BOOST_TEST_REQUIRE((machine.state() == State::waiting));
        return get<Machine::Watch>().watch;
    }
    RequestId lead() {
        entered(first());
        BOOST_TEST_REQUIRE((machine.state() == State::leading));
        return get<Machine::Watch>().watch;
    }
    RequestId read_after_the_wait() {
        at(1s, Machine::Changed{wait_behind(), removed(ahead)});
        return get<Machine::Stand>().request;
    }
    static Change removed(const Entry& entry) {
        return {Change::Kind::removed, {entry.key, "", {}, {}}, Revision{40}};
    }
};

}  // namespace tenure::testing
