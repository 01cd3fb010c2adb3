// The candidacy by plain calls: when it rises and falls, and an answer to every input in every
// state.
#include <boost/test/unit_test.hpp>

#include "core/candidacy_machine.hpp"

namespace tenure::testing {
namespace {

using namespace std::chrono_literals;
using Machine = detail::CandidacyMachine;
using State = Machine::State;

const Instant start_time{1h};
const LeaseId lease{7};
const Entry own{"jobs/7", "a", lease, Revision{20}};
const Entry ahead{"jobs/3", "b", LeaseId{3}, Revision{10}};

Standing first() {
    return {own, {}, own, Revision{30}};
}
Standing behind() {
    return {ahead, ahead, own, Revision{30}};
}
Standing absent() {
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

}  // namespace

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

BOOST_AUTO_TEST_CASE(an_entry_that_is_made_after_the_end_is_removed) {
    Bench bench;
    bench.enter();
    const auto early = bench.get<Machine::Enter>().request;
    bench.at(2s, Machine::Tick{});
    bench.at(2200ms, Machine::Tick{});
    bench.at(3s, Machine::Entered{bench.get<Machine::Enter>().request, behind()});
    bench.at(3s, Machine::Stop{});
    bench.at(3s, Machine::Removed{bench.get<Machine::Remove>().request, result<void>()});
    BOOST_TEST((bench.machine.state() == State::idle));
    bench.at(4s, Machine::Entered{early, first()});
    BOOST_TEST((bench.get<Machine::Remove>().entry == own));
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_made_while_leaving_is_removed_before_the_end) {
    Bench bench;
    bench.enter();
    const auto early = bench.get<Machine::Enter>().request;
    bench.at(2s, Machine::Tick{});
    bench.at(2200ms, Machine::Tick{});
    bench.at(3s, Machine::Entered{bench.get<Machine::Enter>().request, behind()});
    bench.at(3s, Machine::Stop{});
    const auto first_removal = bench.get<Machine::Remove>().request;
    Standing later = behind();
    later.own->created = Revision{27};
    bench.at(3s, Machine::Entered{early, later});
    BOOST_TEST((bench.get<Machine::Remove>().entry == *later.own));
    const auto removal = bench.get<Machine::Remove>().request;
    // What is shown of the first entry now is older.
    bench.at(3s, Machine::Entered{early, behind()});
    BOOST_TEST(bench.last.empty());
    bench.at(3s, Machine::Removed{first_removal, result<void>()});
    BOOST_TEST(!bench.find<Machine::Stopped>());
    // As the first removal it is asked again, until the lease ends.
    bench.at(5s, Machine::Tick{});
    bench.at(5500ms, Machine::Tick{});
    BOOST_TEST((bench.get<Machine::Remove>().entry == *later.own));
    Bench impatient = bench;
    impatient.at(9s, Machine::Tick{});
    BOOST_TEST(impatient.find<Machine::Stopped>());
    bench.at(6s, Machine::Removed{removal, result<void>()});
    BOOST_TEST(!bench.find<Machine::Stopped>());
    bench.at(7600ms, Machine::Tick{});
    bench.at(8s, Machine::Tick{});
    bench.at(8s, Machine::Removed{bench.get<Machine::Remove>().request, result<void>()});
    BOOST_TEST(bench.find<Machine::Stopped>());
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_made_while_handlers_run_is_removed_after_them) {
    Bench bench;
    bench.lead();
    bench.at(1s, Machine::Stop{});
    Standing later = first();
    later.own->created = Revision{27};
    bench.at(1s, Machine::Entered{RequestId{99}, later});
    BOOST_TEST(bench.last.empty());
    bench.at(1s, Machine::Drained{20});
    BOOST_TEST((bench.get<Machine::Remove>().entry == *later.own));
}

BOOST_AUTO_TEST_CASE(nobody_enters_under_a_lease_that_is_over) {
    Bench bench;
    bench.at(0s, Machine::LeaseAlive{lease, start_time + 9s});
    bench.at(9s, Machine::Start{});
    BOOST_TEST(bench.last.empty());
    BOOST_TEST((bench.machine.state() == State::joining));
    Bench late = bench;
    late.at(9s, Machine::LeaseAlive{lease, start_time + 9s});
    BOOST_TEST(late.last.empty());
    // The session says that it lives after all, or is lost, or that we need no longer stand.
    Bench extended = bench;
    extended.at(9s, Machine::LeaseExtended{start_time + 12s});
    BOOST_TEST(extended.find<Machine::Enter>());
    Bench stopped = bench;
    stopped.at(9s, Machine::Stop{});
    BOOST_TEST(stopped.find<Machine::Stopped>());
    bench.at(9s, Machine::LeaseLost{LossReason::lease_elapsed});
    BOOST_TEST((bench.machine.state() == State::joining));
    bench.at(10s, Machine::LeaseAlive{LeaseId{8}, start_time + 19s});
    BOOST_TEST((bench.get<Machine::Enter>().entry.lease == LeaseId{8}));
}

BOOST_AUTO_TEST_CASE(a_lost_entry_is_not_made_again_under_a_lease_that_is_over) {
    Bench bench;
    const auto request = bench.read_after_the_wait();
    bench.at(9s, Machine::Stood{request, absent()});
    BOOST_TEST(!bench.find<Machine::Enter>());
    BOOST_TEST((bench.machine.state() == State::joining));
}

BOOST_AUTO_TEST_CASE(nobody_leads_by_an_entry_whose_removal_is_under_way) {
    Bench bench;
    bench.enter();
    const auto early = bench.get<Machine::Enter>().request;
    bench.at(1s, Machine::Stop{});
    bench.at(1s, Machine::Entered{early, Error(errc::refused)});
    BOOST_TEST_REQUIRE((bench.machine.state() == State::idle));
    bench.at(2s, Machine::Entered{early, first()});
    BOOST_TEST(bench.find<Machine::Remove>());
    // Started again before the store has handled that, it is answered with the same entry. An
    // older ghost is heard of meanwhile, which cannot stand any more.
    Standing older = first();
    older.own->created = older.first->created = Revision{15};
    bench.at(2s, Machine::Entered{early, older});
    bench.at(2s, Machine::Start{});
    bench.at(2s, Machine::Entered{bench.get<Machine::Enter>().request, first()});
    BOOST_TEST(!bench.find<Machine::Elect>());
    BOOST_TEST(bench.find<Machine::Remove>());
}

BOOST_AUTO_TEST_CASE(a_value_proclaimed_back_is_sent_when_the_other_may_have_arrived) {
    for (const bool answered : {false, true}) {
        Bench bench;
        bench.lead();
        bench.at(1s, Machine::Proclaim{"f"});
        const auto request = bench.get<Machine::Update>().request;
        if (answered) {
            bench.at(3s, Machine::Updated{request, Error(errc::unreachable)});
        } else {
            bench.at(3s, Machine::Tick{});
        }
        bench.at(3010ms, Machine::Proclaim{"a"});
        BOOST_TEST(!bench.find<Machine::Update>());
        bench.at(3200ms, Machine::Tick{});
        BOOST_TEST(bench.get<Machine::Update>().value == "a");
        // And until the store has said so, it may be either.
        bench.at(5200ms, Machine::Tick{});
        bench.at(5500ms, Machine::Tick{});
        BOOST_TEST(bench.get<Machine::Update>().value == "a");
        bench.at(5600ms, Machine::Updated{bench.get<Machine::Update>().request, Revision{60}});
        BOOST_TEST(bench.last.empty());
        bench.at(5700ms, Machine::Proclaim{"a"});
        BOOST_TEST(bench.last.empty());
    }
}

BOOST_AUTO_TEST_CASE(a_value_that_certainly_did_not_arrive_needs_no_taking_back) {
    Bench bench;
    bench.lead();
    bench.at(1s, Machine::Proclaim{"f"});
    bench.at(1s, Machine::Updated{bench.get<Machine::Update>().request, Error(errc::refused)});
    bench.at(1s, Machine::Proclaim{"a"});
    bench.at(2s, Machine::Tick{});
    BOOST_TEST(!bench.find<Machine::Update>());
}

BOOST_AUTO_TEST_CASE(an_update_of_an_earlier_entry_says_nothing_of_the_next) {
    Bench bench;
    const auto watch = bench.wait_behind();
    bench.at(1s, Machine::Proclaim{"x"});
    const auto update = bench.get<Machine::Update>().request;
    bench.at(1s, Machine::Changed{watch, Bench::removed(ahead)});
    const auto stand = bench.get<Machine::Stand>().request;
    bench.at(1s, Machine::Proclaim{"y"});
    bench.at(1s, Machine::Stood{stand, absent()});
    const auto enter = bench.get<Machine::Enter>();
    BOOST_TEST(enter.entry.value == "y");
    bench.at(1s, Machine::Proclaim{"x"});
    Entry later = own;
    later.value = "y";
    later.created = Revision{45};
    bench.at(1s, Machine::Entered{enter.request, Standing{later, {}, later, Revision{50}}});
    BOOST_TEST(bench.get<Machine::Update>().value == "x");
    bench.at(1s, Machine::Updated{update, Revision{40}});
    BOOST_TEST((bench.machine.own()->value == "y"));
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
