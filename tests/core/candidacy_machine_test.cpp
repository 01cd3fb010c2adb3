// The candidacy by plain calls: when it rises and falls, and an answer to every input in every
// state.
#include "tests/core/candidacy_bench.hpp"

namespace tenure::testing {

BOOST_AUTO_TEST_SUITE(candidacy_machine)

BOOST_AUTO_TEST_CASE(first_in_line_leads_with_its_creation_for_token) {
    Bench bench;
    bench.lead();
    BOOST_TEST((bench.get<Machine::Elect>().entry == own));
    BOOST_TEST((bench.get<Machine::Watch>().target ==
                WatchTarget{WatchTarget::Scope::key, own.key, Revision{30}}));
}

BOOST_AUTO_TEST_CASE(rule_5_watches_its_immediate_predecessor) {
    Bench bench;
    bench.wait_behind();
    BOOST_TEST((bench.get<Machine::Watch>().target ==
                WatchTarget{WatchTarget::Scope::key, ahead.key, Revision{30}}));
    BOOST_TEST(!bench.find<Machine::Elect>());
}

BOOST_AUTO_TEST_CASE(rule_4_the_end_of_the_predecessor_only_leads_to_a_read) {
    Bench bench;
    bench.read_after_the_wait();
    BOOST_TEST(!bench.find<Machine::Elect>());
    BOOST_TEST((bench.machine.state() == State::standing));
}

BOOST_AUTO_TEST_CASE(rule_4_a_vanished_entry_is_not_elected) {
    Bench bench;
    const auto request = bench.read_after_the_wait();
    bench.at(1s, Machine::Stood{request, absent()});
    BOOST_TEST(!bench.find<Machine::Elect>());
    BOOST_TEST((bench.machine.state() == State::entering));
}

BOOST_AUTO_TEST_CASE(rule_4_an_entry_of_another_lease_is_not_ours) {
    Bench bench;
    const auto request = bench.read_after_the_wait();
    Entry other = own;
    other.lease = LeaseId{8};
    bench.at(1s, Machine::Stood{request, Standing{other, {}, other, Revision{50}}});
    BOOST_TEST(!bench.find<Machine::Elect>());
}

BOOST_AUTO_TEST_CASE(rule_4_a_later_entry_with_the_same_key_is_not_ours) {
    Bench bench;
    const auto request = bench.read_after_the_wait();
    Entry later = own;
    later.created = Revision{45};
    bench.at(1s, Machine::Stood{request, Standing{later, {}, later, Revision{50}}});
    BOOST_TEST(!bench.find<Machine::Elect>());
}

BOOST_AUTO_TEST_CASE(rule_4_first_without_being_shown_first_is_nothing) {
    Bench bench;
    const auto request = bench.read_after_the_wait();
    bench.at(1s, Machine::Stood{request, Standing{ahead, {}, own, Revision{50}}});
    BOOST_TEST(!bench.find<Machine::Elect>());
    BOOST_TEST(bench.find<Machine::Failed>());
}

BOOST_AUTO_TEST_CASE(rule_4_a_read_from_before_the_wait_ended_elects_nobody) {
    Bench bench;
    bench.enter();
    const auto old = bench.get<Machine::Enter>().request;
    bench.at(2s, Machine::Tick{});
    bench.at(2200ms, Machine::Tick{});
    BOOST_TEST((bench.get<Machine::Enter>().request != old));
    bench.at(2300ms, Machine::Entered{old, first()});
    BOOST_TEST(!bench.find<Machine::Elect>());
}

BOOST_AUTO_TEST_CASE(nobody_is_elected_on_a_lease_that_is_over) {
    Bench bench;
    bench.enter();
    const auto request = bench.get<Machine::Enter>().request;
    bench.at(9s, Machine::Entered{request, first()});
    BOOST_TEST(!bench.find<Machine::Elect>());
}

BOOST_AUTO_TEST_CASE(rule_6_an_unknown_outcome_is_asked_again_under_the_same_lease) {
    Bench bench;
    bench.enter();
    const auto request = bench.get<Machine::Enter>();
    bench.at(1s, Machine::Entered{request.request, Error(errc::unreachable)});
    bench.at(1100ms, Machine::Tick{});
    BOOST_TEST((bench.get<Machine::Enter>().entry == request.entry));
}

BOOST_AUTO_TEST_CASE(rule_9_the_entry_is_removed_only_after_the_drain) {
    Bench bench;
    bench.lead();
    bench.at(1s, Machine::Stop{});
    BOOST_TEST((bench.get<Machine::Unelect>().reason == LossReason::stopped));
    BOOST_TEST(!bench.find<Machine::Remove>());
    bench.at(2s, Machine::Drained{19});
    BOOST_TEST(!bench.find<Machine::Remove>());
    bench.at(2s, Machine::Drained{20});
    BOOST_TEST((bench.get<Machine::Remove>().entry == own));
}

BOOST_AUTO_TEST_CASE(rule_10_the_leader_falls_with_its_entry) {
    Bench bench;
    const auto watch = bench.lead();
    bench.at(1s, Machine::Changed{watch, Bench::removed(own)});
    BOOST_TEST(bench.find<Machine::Invalidate>());
    BOOST_TEST((bench.get<Machine::Suspect>().lease == lease));
    bench.at(1100ms, Machine::LeaseExtended{start_time + 10s});
    BOOST_TEST((bench.get<Machine::Unelect>().reason == LossReason::entry_removed));
}

BOOST_AUTO_TEST_CASE(the_reason_of_a_fall_is_not_waited_for_long) {
    Bench bench;
    const auto watch = bench.lead();
    bench.at(1s, Machine::Changed{watch, Bench::removed(own)});
    BOOST_TEST((bench.machine.next_deadline() == start_time + 2s));
    bench.at(2s, Machine::Tick{});
    BOOST_TEST((bench.get<Machine::Unelect>().reason == LossReason::entry_removed));
}

BOOST_AUTO_TEST_CASE(after_a_pause_the_time_is_the_reason_whatever_is_heard_first) {
    Bench bench;
    const auto watch = bench.lead();
    bench.at(20s, Machine::Changed{watch, Bench::removed(own)});
    BOOST_TEST((bench.get<Machine::Unelect>().reason == LossReason::lease_elapsed));
}

BOOST_AUTO_TEST_CASE(a_change_from_an_older_watch_is_dropped) {
    Bench bench;
    const auto old = bench.wait_behind();
    bench.at(1s, Machine::Changed{old, Bench::removed(ahead)});
    bench.at(1s, Machine::Stood{bench.get<Machine::Stand>().request, first()});
    BOOST_TEST((bench.machine.state() == State::leading));
    bench.at(1s, Machine::Changed{old, Bench::removed(own)});
    BOOST_TEST(bench.last.empty());
    BOOST_TEST((bench.machine.state() == State::leading));
}

BOOST_AUTO_TEST_CASE(a_resignation_from_an_earlier_leadership_is_dropped) {
    Bench bench;
    bench.lead();
    bench.at(1s, Machine::Resign{19});
    BOOST_TEST(bench.last.empty());
    bench.at(1s, Machine::Resign{20});
    BOOST_TEST((bench.get<Machine::Unelect>().reason == LossReason::resigned));
}

BOOST_AUTO_TEST_CASE(a_start_that_comes_while_entering_is_undone_waits_for_that) {
    Bench bench;
    bench.enter();
    const auto request = bench.get<Machine::Enter>().request;
    bench.at(1s, Machine::Stop{});
    bench.at(1s, Machine::Start{});
    bench.at(1s, Machine::Entered{request, first()});
    BOOST_TEST((bench.machine.state() == State::removing));
    bench.at(1s, Machine::Removed{bench.get<Machine::Remove>().request, result<void>()});
    BOOST_TEST(bench.find<Machine::Stopped>());
    BOOST_TEST(bench.find<Machine::Enter>());
    bench.at(1s, Machine::Stop{});
    BOOST_TEST((bench.machine.state() == State::entering));
}

BOOST_AUTO_TEST_CASE(nobody_leads_twice_by_one_entry) {
    Bench bench;
    bench.lead();
    bench.at(1s, Machine::Stop{});
    bench.at(1s, Machine::Drained{20});
    bench.at(1s, Machine::Start{});
    // The store refuses to remove it until the stop gives up.
    bench.at(2s, Machine::Removed{bench.find<Machine::Remove>() ? RequestId{} : RequestId{3},
                                  Error(errc::refused)});
    bench.at(9s, Machine::Tick{});
    BOOST_TEST(bench.find<Machine::Stopped>());
    bench.at(9s, Machine::LeaseExtended{start_time + 20s});
    const auto request = bench.get<Machine::Enter>().request;
    bench.at(9s, Machine::Entered{request, first()});
    BOOST_TEST(!bench.find<Machine::Elect>());
    BOOST_TEST(bench.find<Machine::Remove>());
}

BOOST_AUTO_TEST_CASE(leaving_is_tried_for_as_long_as_the_lease_lives) {
    Bench bench;
    bench.wait_behind();
    bench.at(1s, Machine::Stop{});
    bench.at(8s, Machine::LeaseExtended{start_time + 17s});
    bench.at(10s, Machine::Tick{});
    BOOST_TEST(!bench.find<Machine::Stopped>());
    bench.at(17s, Machine::Tick{});
    BOOST_TEST(bench.find<Machine::Stopped>());
}

BOOST_AUTO_TEST_CASE(a_lapsed_lease_still_gives_handlers_the_margin) {
    Bench bench;
    bench.lead();
    bench.at(9s, Machine::LeaseLost{LossReason::lease_elapsed});
    BOOST_TEST((bench.get<Machine::Unelect>().reason == LossReason::lease_elapsed));
    bench.at(9s, Machine::Tick{});
    BOOST_TEST((bench.machine.state() == State::draining));
    bench.at(10s, Machine::Tick{});
    BOOST_TEST((bench.machine.state() == State::joining));
}

BOOST_AUTO_TEST_CASE(every_input_in_every_state_has_an_answer) {
    std::vector<Bench> benches(9);
    benches[1].at(0s, Machine::Start{});
    benches[2].enter();
    benches[3].read_after_the_wait();
    benches[4].wait_behind();
    benches[5].lead();
    benches[6].at(0s, Machine::Changed{benches[6].lead(), Bench::removed(own)});
    benches[7].lead();
    benches[7].at(0s, Machine::Resign{20});
    benches[8].wait_behind();
    benches[8].at(0s, Machine::Stop{});
    const State states[] = {State::idle,     State::joining,  State::entering,
                            State::standing, State::waiting,  State::leading,
                            State::deposed,  State::draining, State::removing};
    const RequestId stray{99};
    const std::vector<Machine::Input> strays{Machine::Resign{5},
                                             Machine::Entered{stray, first()},
                                             Machine::Entered{stray, Error(errc::lease_gone)},
                                             Machine::Stood{stray, first()},
                                             Machine::Stood{stray, Error(errc::unreachable)},
                                             Machine::Changed{stray, Bench::removed(own)},
                                             Machine::Changed{stray, Error(errc::compacted)},
                                             Machine::Updated{stray, Revision{60}},
                                             Machine::Updated{stray, Error(errc::entry_changed)},
                                             Machine::Removed{stray, result<void>()},
                                             Machine::Removed{stray, Error(errc::refused)},
                                             Machine::Drained{5},
                                             Machine::Tick{}};
    const std::vector<Machine::Input> inputs{Machine::Start{},
                                             Machine::Stop{},
                                             Machine::Proclaim{"new"},
                                             Machine::Resign{20},
                                             Machine::Drained{20},
                                             Machine::LeaseAlive{lease, start_time + 9s},
                                             Machine::LeaseExtended{start_time + 12s},
                                             Machine::LeaseLost{LossReason::lease_elapsed},
                                             Machine::LeaseLost{LossReason::stopped}};
    for (std::size_t s = 0; s < benches.size(); ++s) {
        BOOST_TEST_REQUIRE((benches[s].machine.state() == states[s]));
        for (std::size_t i = 0; i < strays.size(); ++i) {
            BOOST_TEST_INFO_SCOPE("state " << states[s] << ", stray " << i);
            Bench bench = benches[s];
            bench.at(500ms, strays[i]);
            BOOST_TEST((bench.machine.state() == states[s]));
            BOOST_TEST(bench.last.empty());
        }
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            for (std::size_t j = 0; j < inputs.size(); ++j) {
                BOOST_TEST_INFO_SCOPE("state " << states[s] << ", inputs " << i << ", " << j);
                Bench bench = benches[s];
                bench.at(1s, inputs[i]);
                bench.at(1s, inputs[j]);
                for (int k = 0; k < 20 && bench.machine.next_deadline() != Instant::max(); ++k) {
                    const Instant due = bench.machine.next_deadline();
                    bench.last = bench.machine.step({due, 0}, Machine::Tick{});
                    BOOST_TEST_REQUIRE((bench.machine.next_deadline() > due));
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
