// The candidacy and its own past: values and entries that arrived late, and leases that are over.
#include "tests/core/candidacy_bench.hpp"

namespace tenure::testing {

BOOST_AUTO_TEST_SUITE(candidacy_past)

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

// What another candidacy on this session led by, or takes away, is nothing to lead by.
BOOST_AUTO_TEST_CASE(an_entry_that_was_spent_before_the_start_is_removed) {
    Bench bench;
    bench.at(0s, Machine::Start{to_integer(own.created)});
    bench.at(0s, Machine::LeaseAlive{lease, start_time + 9s});
    bench.at(0s, Machine::Entered{bench.get<Machine::Enter>().request, first()});
    BOOST_TEST(!bench.find<Machine::Elect>());
    BOOST_TEST((bench.get<Machine::Remove>().entry == own));
    Bench fresh;
    fresh.at(0s, Machine::Start{to_integer(own.created) - 1});
    fresh.at(0s, Machine::LeaseAlive{lease, start_time + 9s});
    fresh.at(0s, Machine::Entered{fresh.get<Machine::Enter>().request, first()});
    BOOST_TEST(fresh.find<Machine::Elect>());
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

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
