// The schedule of faults: the same seed gives the same one, and it keeps to what it was told.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/chaos/schedule.hpp"

namespace tenure::chaos {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(chaos_schedule)

BOOST_AUTO_TEST_CASE(a_seed_makes_the_same_schedule_and_another_seed_another) {
    BOOST_TEST((make_schedule({.seed = 7}) == make_schedule({.seed = 7})));
    BOOST_TEST((make_schedule({.seed = 7}) != make_schedule({.seed = 8})));
}

BOOST_AUTO_TEST_CASE(a_longer_run_begins_as_the_shorter_one) {
    const Schedule shorter = make_schedule({.seed = 3, .length = 60s});
    const Schedule longer = make_schedule({.seed = 3, .length = 120s});
    BOOST_TEST_REQUIRE(shorter.size() < longer.size());
    BOOST_TEST(std::equal(shorter.begin(), shorter.end(), longer.begin()));
}

BOOST_AUTO_TEST_CASE(all_faults_are_over_in_time_and_every_kind_comes) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Duration length = 60min;
        std::set<FaultKind> kinds;
        Duration last{};
        for (const PlannedFault& fault : make_schedule({.seed = seed, .length = length})) {
            BOOST_TEST_REQUIRE((fault.at >= last && fault.at + fault.lasts <= length));
            BOOST_TEST_REQUIRE((is_instant(fault.kind) == (fault.lasts == Duration{})));
            last = fault.at;
            kinds.insert(fault.kind);
        }
        BOOST_TEST(kinds.size() == fault_kinds);
    }
}

BOOST_AUTO_TEST_CASE(a_long_run_has_calm_times_in_between) {
    const ScheduleOptions options{.length = 20min};
    int calms = 0;
    Duration over{};
    for (const PlannedFault& fault : make_schedule(options)) {
        calms += fault.at - over >= options.calm ? 1 : 0;
        over = std::max(over, fault.at + fault.lasts);
    }
    BOOST_TEST(calms >= 5);
}

BOOST_AUTO_TEST_CASE(the_spared_are_neither_killed_nor_restarted_by_number) {
    const ScheduleOptions options{.length = 60min, .spared = 2};
    for (const PlannedFault& fault : make_schedule(options)) {
        const bool ends = fault.kind == FaultKind::candidate_killed ||
                          fault.kind == FaultKind::candidate_restarted;
        if (ends && fault.whom) BOOST_TEST_REQUIRE(*fault.whom < 3u);
    }
}

BOOST_AUTO_TEST_CASE(all_of_etcd_is_restarted_with_nothing_beside_it) {
    const Schedule schedule = make_schedule({.length = 60min});
    for (const PlannedFault& alone : schedule) {
        if (alone.kind != FaultKind::etcd_restarted) continue;
        for (const PlannedFault& other : schedule) {
            if (&other == &alone) continue;
            const bool apart =
                other.at + other.lasts <= alone.at || other.at >= alone.at + alone.lasts;
            BOOST_TEST_REQUIRE(apart);
        }
    }
}

BOOST_AUTO_TEST_CASE(each_kind_has_a_name_of_its_own) {
    std::set<std::string_view> names;
    for (std::size_t index = 0; index < fault_kinds; ++index) {
        const auto kind = static_cast<FaultKind>(index);
        names.insert(to_string(kind));
        BOOST_TEST((fault_kind(to_string(kind)) == kind));
    }
    BOOST_TEST(names.size() == fault_kinds);
    BOOST_TEST((!fault_kind("boredom")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tenure::chaos
