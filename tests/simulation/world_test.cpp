// The world by itself: its clocks, its lines, its processes and its store.
#include <boost/test/unit_test.hpp>
#include <tenure/simulation.hpp>

namespace tenure::sim {
namespace {

using namespace std::chrono_literals;

}  // namespace

BOOST_AUTO_TEST_SUITE(world)

BOOST_AUTO_TEST_CASE(a_seed_gives_the_same_trace_again) {
    const Outcome once = play({.seed = 7, .trace_messages = true});
    const Outcome again = play({.seed = 7, .trace_messages = true});
    BOOST_TEST(once.trace.size() > 500u);
    BOOST_TEST((once.trace == again.trace));
    BOOST_TEST(hash_of(once.trace) != hash_of(play({.seed = 8, .trace_messages = true}).trace));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::sim
