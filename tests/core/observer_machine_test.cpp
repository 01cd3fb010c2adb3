// Following by plain calls.
#include <boost/test/unit_test.hpp>

#include "core/observer_machine.hpp"

namespace tenure::testing {
namespace {

using namespace std::chrono_literals;
using Machine = detail::ObserverMachine;

const Instant start_time{1h};
const Entry leader{"jobs/7", "a", LeaseId{7}, Revision{20}};

struct Bench {
    Machine machine{Machine::Config{"jobs", 2s, detail::Backoff(100ms, 2s)}};
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
    void start() { at(0s, Machine::Start{}); }
    void listed(Listing listing) {
        at(0s, Machine::Listed{find<Machine::List>()->request, std::move(listing)});
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(observer_machine)

BOOST_AUTO_TEST_CASE(watches_the_leaders_entry_from_the_listing_on) {
    Bench bench;
    bench.start();
    BOOST_TEST((bench.find<Machine::List>()->query == ListQuery{.prefix = "jobs", .limit = 1}));
    bench.listed({{leader}, Revision{30}});
    BOOST_TEST((bench.find<Machine::Watch>()->target ==
                WatchTarget{WatchTarget::Scope::key, leader.key, Revision{30}}));
    BOOST_TEST((bench.find<Machine::Announce>()->leader == Leader{"a", 20}));
}

BOOST_AUTO_TEST_CASE(watches_the_whole_election_where_nobody_stands) {
    Bench bench;
    bench.start();
    bench.listed({{}, Revision{30}});
    BOOST_TEST((bench.find<Machine::Watch>()->target ==
                WatchTarget{WatchTarget::Scope::prefix, "jobs", Revision{30}}));
    BOOST_TEST(!bench.find<Machine::Announce>()->leader.has_value());
}

BOOST_AUTO_TEST_CASE(says_nothing_where_nothing_is_new) {
    Bench bench;
    bench.start();
    bench.listed({{leader}, Revision{30}});
    bench.at(1s, Machine::Changed{bench.find<Machine::Watch>()->watch, Error(errc::compacted)});
    BOOST_TEST(bench.find<Machine::Failed>() != nullptr);
    bench.at(1100ms, Machine::Tick{});
    bench.listed({{leader}, Revision{40}});
    BOOST_TEST(!bench.find<Machine::Announce>());
}

BOOST_AUTO_TEST_CASE(a_failed_read_is_not_an_empty_one) {
    Bench bench;
    bench.start();
    bench.at(1s, Machine::Listed{bench.find<Machine::List>()->request, Error(errc::unreachable)});
    BOOST_TEST(!bench.find<Machine::Announce>());
    BOOST_TEST((bench.machine.next_deadline() == start_time + 1050ms));
}

BOOST_AUTO_TEST_CASE(stops_in_every_state) {
    Bench reading;
    reading.start();
    reading.at(0s, Machine::Stop{});
    BOOST_TEST((reading.machine.next_deadline() == Instant::max()));
    Bench watching;
    watching.start();
    watching.listed({{leader}, Revision{30}});
    const auto watch = watching.find<Machine::Watch>()->watch;
    watching.at(0s, Machine::Stop{});
    BOOST_TEST(watching.find<Machine::Unwatch>());
    watching.at(0s, Machine::Changed{watch, Error(errc::unreachable)});
    BOOST_TEST(watching.last.empty());
    BOOST_TEST((watching.machine.state() == Machine::State::idle));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
