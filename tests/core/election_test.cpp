// What an election does for its user, in virtual time.
#include <boost/test/unit_test.hpp>

#include "tests/core/fixture.hpp"

namespace tenure::testing {

using sim::Call;
using sim::Fate;

BOOST_AUTO_TEST_SUITE(election)

BOOST_AUTO_TEST_CASE(the_first_to_come_leads_and_the_next_follows) {
    World world;
    Candidate a(world, "a"), b(world, "b"), c(world, "c");
    line_up(world, {&a, &b, &c});
    BOOST_TEST(a.leads());
    BOOST_TEST(!b.leads());
    BOOST_TEST(a.election->leadership().token() == to_integer(world.entries()[0].created));
    a.election->stop();
    BOOST_TEST(world.run_until([&] { return b.leads(); }, 1s));
    b.election->stop();
    BOOST_TEST(world.run_until([&] { return c.leads(); }, 1s));
}

BOOST_AUTO_TEST_CASE(a_dead_leader_is_replaced_within_its_ttl) {
    World world;
    Candidate a(world, "a", {.ttl = 5s}), b(world, "b", {.ttl = 5s});
    line_up(world, {&a, &b});
    a.line->cut();
    BOOST_TEST(world.run_until([&] { return b.leads(); }, 6s));
}

BOOST_AUTO_TEST_CASE(starting_works_while_the_store_is_down) {
    World world;
    Candidate a(world, "a");
    a.line->set_fate([](Call, std::uint64_t) { return Fate::unreachable; });
    a.start();
    world.run_for(100s);
    BOOST_TEST(!a.leads());
    BOOST_TEST(a.count("error") > 10);
    BOOST_TEST(a.count("error") < 500);
    a.line->set_fate({});
    BOOST_TEST(world.run_until([&] { return a.leads(); }, 10s));
    world.run_for(1ms);
    BOOST_TEST(a.turns().size() == 1);
}

BOOST_AUTO_TEST_CASE(stopping_works_while_the_store_is_down) {
    World world;
    Candidate a(world, "a", {.ttl = 10s});
    line_up(world, {&a});
    a.line->set_fate([](Call, std::uint64_t) { return Fate::unreachable; });
    a.election->stop();
    BOOST_TEST(!a.leads());
    BOOST_TEST(world.run_until([&] { return !a.election->is_running(); }, 10s));
    BOOST_TEST(a.turns().back() == "unelected stopped");
    world.run_for(10s);
    BOOST_TEST(world.entries().empty());
}

BOOST_AUTO_TEST_CASE(resigning_goes_to_the_tail) {
    World world;
    Candidate a(world, "a"), b(world, "b"), c(world, "c");
    line_up(world, {&a, &b, &c});
    a.election->resign();
    BOOST_TEST(!a.leads());
    BOOST_TEST(world.run_until([&] { return b.leads(); }, 1s));
    BOOST_TEST(world.wait_for_entries(3));
    BOOST_TEST(world.entries()[2].value == "a");
    BOOST_TEST(a.turns().back() == "unelected resigned");
}

BOOST_AUTO_TEST_CASE(a_sole_candidate_that_resigns_leads_again_with_a_larger_token) {
    World world;
    Candidate a(world, "a");
    line_up(world, {&a});
    const auto token = a.election->leadership().token();
    a.election->resign();
    BOOST_TEST(world.run_until([&] { return a.leads(); }, 1s));
    BOOST_TEST(a.election->leadership().token() > token);
}

BOOST_AUTO_TEST_CASE(resigning_without_leading_does_nothing) {
    World world;
    Candidate a(world, "a"), b(world, "b");
    line_up(world, {&a, &b});
    const auto before = world.entries();
    b.election->resign();
    world.run_for(1s);
    BOOST_TEST((world.entries() == before));
}

BOOST_AUTO_TEST_CASE(without_rejoin_a_loss_is_the_end) {
    World world;
    Candidate a(world, "a", {.rejoin = false});
    line_up(world, {&a});
    world.delete_entry(world.entries()[0]);
    BOOST_TEST(world.run_until([&] { return !a.election->is_running(); }, 10s));
    BOOST_TEST(a.turns().back() == "unelected entry_removed");
    world.run_for(30s);
    BOOST_TEST(world.entries().empty());
    BOOST_TEST(world.scheduler->pending() == 0);
}

BOOST_AUTO_TEST_CASE(after_a_loss_it_stands_again_by_itself) {
    World world;
    Candidate a(world, "a", {.ttl = 10s}), b(world, "b");
    line_up(world, {&a, &b});
    a.line->cut();
    BOOST_TEST(world.run_until([&] { return b.leads(); }));
    a.line->mend();
    BOOST_TEST(world.wait_for_entries(2));
    b.election->stop();
    BOOST_TEST(world.run_until([&] { return a.leads(); }));
    world.run_for(1ms);
    const Strings reasons = a.turns();
    BOOST_TEST(reasons.size() == 3);
    BOOST_TEST(reasons[1] == "unelected lease_elapsed");
}

BOOST_AUTO_TEST_CASE(proclaiming_changes_what_others_see) {
    World world;
    Candidate a(world, "a", {.value = "at port 1"}), b(world, "b");
    line_up(world, {&a, &b});
    BOOST_TEST(b.election->current_leader()->candidate == "at port 1");
    a.election->proclaim("at port 2");
    BOOST_TEST(world.run_until([&] { return b.count("leader at port 2") == 1; }, 1s));
    BOOST_TEST(a.leads());
    BOOST_TEST(a.election->current_leader()->candidate == "at port 2");
    BOOST_TEST(b.election->current_leader()->candidate == "at port 2");
    // Also while waiting, and in the next candidacy.
    b.election->proclaim("b2");
    world.run_for(100ms);
    BOOST_TEST(world.entries()[1].value == "b2");
    a.election->resign();
    world.run_for(1s);
    BOOST_TEST(world.entries()[1].value == "at port 2");
}

BOOST_AUTO_TEST_CASE(proclaiming_is_asked_again_until_it_is_done) {
    World world;
    Candidate a(world, "a");
    line_up(world, {&a});
    int tries = 0;
    a.line->set_fate([&](Call call, std::uint64_t) {
        if (call != Call::update) return Fate::pass;
        return ++tries <= 3 ? Fate::lose_reply : Fate::pass;
    });
    a.election->proclaim("new");
    world.run_for(30s);
    BOOST_TEST(tries == 4);
    BOOST_TEST(world.entries()[0].value == "new");
    BOOST_TEST(a.leads());
}

BOOST_AUTO_TEST_CASE(starting_and_stopping_again_and_again) {
    World world;
    Candidate a(world, "a");
    for (int i = 0; i < 20; ++i) {
        a.election->start();
        a.election->start();
        world.run_for(1ms * i);
        a.election->stop();
        a.election->stop();
        if (i % 2 == 0) world.run_for(1s);
    }
    world.run_for(30s);
    BOOST_TEST(!a.election->is_running());
    BOOST_TEST(world.entries().empty());
    a.election->start();
    BOOST_TEST(world.run_until([&] { return a.leads(); }, 10s));
    a.election->stop();
    a.election->start();
    BOOST_TEST(world.run_until([&] { return a.leads(); }, 10s));
    const auto turns = a.turns();
    for (std::size_t i = 0; i < turns.size(); ++i) {
        BOOST_TEST(turns[i].starts_with(i % 2 == 0 ? "elected" : "unelected"));
    }
}

BOOST_AUTO_TEST_CASE(an_entry_of_unknown_outcome_does_not_outlive_the_stop) {
    World world;
    // On a shared session: there the lease does not take a ghost along.
    auto line = sim::make_faulty_store(world.scheduler, world.store, 1s);
    Session session(world.scheduler, line, {.ttl = 10s, .seed = 1});
    Election election(session, {.election = "jobs", .candidate = "a"});
    line->set_fate([](Call call, std::uint64_t) {
        return call == Call::enter ? Fate::lose_reply : Fate::pass;
    });
    election.start();
    world.run_for(500ms);
    BOOST_TEST(world.entries().size() == 1);
    election.stop();
    world.run_for(1s);
    line->set_fate({});
    BOOST_TEST(world.run_until([&] { return !election.is_running(); }, 10s));
    BOOST_TEST(world.entries().empty());
    BOOST_TEST(session.lease().has_value());
    session.stop();
    world.run_for(10s);
}

BOOST_AUTO_TEST_CASE(two_elections_with_names_that_begin_alike_do_not_meet) {
    World world;
    Candidate a(world, "a", {.election = "xy"}), b(world, "b", {.election = "xyz"});
    a.start();
    b.start();
    BOOST_TEST(world.run_until([&] { return a.leads() && b.leads(); }, 5s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
