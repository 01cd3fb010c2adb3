// Every interleaving of three candidates: a line in which somebody has one ahead and one behind.
#include <boost/test/unit_test.hpp>

#include "tests/exploration/plays.hpp"

namespace tenure::exploration {

BOOST_AUTO_TEST_SUITE(three_candidates)

BOOST_AUTO_TEST_CASE(three_stay_safe_whatever_a_fault_does) {
    play("three, 1 fault", {.candidates = 3, .budget = {.starts = 3, .faults = 1}});
}

BOOST_AUTO_TEST_CASE(three_stay_safe_on_a_slow_store) {
    play("three, slow store",
         {.candidates = 3, .ttl = 5, .request_timeout = 2, .budget = {.starts = 3}});
}

BOOST_AUTO_TEST_CASE(three_stay_safe_when_an_operator_deletes_an_entry) {
    play("three, operator", {.candidates = 3, .budget = {.starts = 3, .deletes = 1}});
}

BOOST_AUTO_TEST_CASE(three_stay_safe_when_one_stops) {
    play("three, stop", {.candidates = 3, .budget = {.starts = 3, .stops = 1}});
    play("three, stop, lasting sessions",
         {.candidates = 3, .shared_sessions = true, .budget = {.starts = 3, .stops = 1}});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::exploration
