// Every interleaving of one candidate with what is left of its own past, for which there is room
// for more faults and more messages under way.
#include <boost/test/unit_test.hpp>

#include "tests/exploration/plays.hpp"

namespace tenure::exploration {

BOOST_AUTO_TEST_SUITE(one_candidate)

BOOST_AUTO_TEST_CASE(one_that_hears_late_is_not_elected_after_its_time) {
    play("one, slow store, 2 faults",
         {.candidates = 1, .ttl = 5, .request_timeout = 2, .budget = {.starts = 1, .faults = 2}});
}

BOOST_AUTO_TEST_CASE(one_that_stops_and_starts_again_never_meets_its_own_past) {
    play("one, stop and start, 1 fault",
         {.candidates = 1, .budget = {.starts = 2, .stops = 1, .faults = 1}});
    play("one, stop and start, lasting session, more under way, 2 faults",
         {.candidates = 1,
          .messages_under_way = 3,
          .shared_sessions = true,
          .budget = {.starts = 2, .stops = 1, .faults = 2}});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::exploration
