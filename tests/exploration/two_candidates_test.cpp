// Every interleaving of two candidates, on the machines that ship. What the model has, and what
// it leaves out, is in docs/algorithm.md.
#include <boost/test/unit_test.hpp>

#include "tests/exploration/plays.hpp"

namespace tenure::exploration {

BOOST_AUTO_TEST_SUITE(two_candidates)

BOOST_AUTO_TEST_CASE(two_stay_safe_whatever_two_faults_do) {
    play("two, 2 faults", {.budget = {.starts = 2, .faults = 2}});
}

BOOST_AUTO_TEST_CASE(two_stay_safe_on_a_slow_store) {
    // A reply may come a unit after its request, and still be in time.
    play("two, slow store, 1 fault",
         {.ttl = 5, .request_timeout = 2, .budget = {.starts = 2, .faults = 1}});
}

BOOST_AUTO_TEST_CASE(two_stay_safe_when_an_operator_deletes_an_entry) {
    play("two, operator, 1 fault", {.budget = {.starts = 2, .deletes = 1, .faults = 1}});
}

BOOST_AUTO_TEST_CASE(two_stay_safe_when_one_resigns) {
    play("two, resign, 1 fault", {.budget = {.starts = 2, .resigns = 1, .faults = 1}});
}

BOOST_AUTO_TEST_CASE(two_on_lasting_sessions_stay_safe_when_one_stops) {
    play("two, stop, lasting sessions, 1 fault",
         {.shared_sessions = true, .budget = {.starts = 2, .stops = 1, .faults = 1}});
}

BOOST_AUTO_TEST_CASE(two_stay_safe_when_a_session_stops_under_an_election) {
    play("two, stop of a session",
         {.shared_sessions = true, .budget = {.starts = 2, .session_stops = 1}});
}

BOOST_AUTO_TEST_CASE(two_stay_safe_when_one_stops_and_starts_again) {
    play("two, stop and start", {.budget = {.starts = 3, .stops = 1}});
}

// Else an exploration that goes nowhere would find nothing wrong.
BOOST_AUTO_TEST_CASE(every_state_of_both_machines_is_reached) {
    using Session = detail::SessionMachine::State;
    using Candidacy = detail::CandidacyMachine::State;
    Report all = play("two, operator", {.budget = {.starts = 2, .deletes = 1}});
    const Budget of_user{.starts = 1, .stops = 1, .session_stops = 1, .faults = 1};
    all += play("one, stop, 1 fault", {.candidates = 1, .budget = of_user});
    all += play("one, stop, lasting session, 1 fault",
                {.candidates = 1, .shared_sessions = true, .budget = of_user});
    for (int state = 0; state <= static_cast<int>(Session::revoking); ++state) {
        const auto wanted = static_cast<Session>(state);
        BOOST_TEST(all.session_states.count(wanted), "no session is ever " << wanted);
    }
    for (int state = 0; state <= static_cast<int>(Candidacy::removing); ++state) {
        const auto wanted = static_cast<Candidacy>(state);
        BOOST_TEST(all.candidacy_states.count(wanted), "no candidacy is ever " << wanted);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::exploration
