// The thirteen safety rules, each by its number, on the drivers in virtual time. Rule 2 is in
// lease_clock_test.cpp, rule 13 in options_test.cpp; rules 1 and 7 also on the bare machine.
#include <boost/test/unit_test.hpp>

#include "tests/core/fixture.hpp"

namespace tenure::testing {

using sim::Call;
using sim::Fate;

BOOST_AUTO_TEST_SUITE(safety)

BOOST_AUTO_TEST_CASE(rule_1_lease_time_counts_from_sending) {
    World world;
    Candidate a(world, "a", {.ttl = 10s, .margin = 1s});
    const Instant before = world.scheduler->now();
    line_up(world, {&a});
    // The line adds no delay here, so what is left cannot be more than since the request.
    BOOST_TEST(a.election->leadership().ensure(1s));
    const Duration age = world.scheduler->now() - before;
    BOOST_TEST((a.election->leadership().remaining() <= 10s - 1s - age));
}

BOOST_AUTO_TEST_CASE(rule_2_and_3_a_machine_that_slept_knows_at_once) {
    World world;
    Candidate a(world, "a", {.ttl = 10s});
    line_up(world, {&a});
    const Leadership leadership = a.election->leadership();
    BOOST_TEST(leadership.valid());
    world.scheduler->jump(11s);
    // No handler has run, and none needs to.
    BOOST_TEST(!leadership.valid());
    BOOST_TEST((leadership.remaining() == Duration::zero()));
    BOOST_TEST(!leadership.ensure(Duration::zero()));
    BOOST_TEST(!a.election->is_leader());
    BOOST_TEST(!leadership.stop_token().stop_requested());
    a.events.clear();
    world.run_for(1s);
    BOOST_TEST(a.events.front() == "unelected lease_elapsed");
    BOOST_TEST(leadership.stop_token().stop_requested());
}

BOOST_AUTO_TEST_CASE(rule_4_a_candidate_without_entry_is_not_elected_by_its_predecessors_end) {
    World world;
    Candidate a(world, "a"), b(world, "b"), c(world, "c");
    line_up(world, {&a, &b, &c});
    // An operator deletes b's entry: b waits on a, and hears nothing of it.
    const auto entries = world.entries();
    world.delete_entry(entries[1]);
    world.run_for(100ms);
    a.election->stop();
    BOOST_TEST(world.run_until([&] { return c.leads(); }));
    world.run_for(1s);
    BOOST_TEST(!b.leads());
    BOOST_TEST(b.count("elected") == 0);
    // It stands again, behind c.
    BOOST_TEST(world.entries().size() == 2);
    BOOST_TEST(world.entries()[1].value == "b");
}

BOOST_AUTO_TEST_CASE(rule_4_a_candidate_whose_lease_died_is_not_elected_on_its_old_entry) {
    World world;
    Candidate a(world, "a"), b(world, "b");
    line_up(world, {&a, &b});
    const auto old = world.entries()[1];
    world.revoke(old.lease);
    a.election->stop();
    BOOST_TEST(world.run_until([&] { return b.leads(); }));
    BOOST_TEST((b.election->leadership().entry().lease != old.lease));
    BOOST_TEST(b.election->leadership().token() > to_integer(old.created));
}

BOOST_AUTO_TEST_CASE(rule_5_the_end_of_a_predecessor_elects_nobody_behind_others) {
    World world;
    Candidate a(world, "a"), b(world, "b"), c(world, "c");
    line_up(world, {&a, &b, &c});
    b.election->stop();
    world.run_for(20s);
    BOOST_TEST(a.leads());
    BOOST_TEST(c.count("elected") == 0);
    a.election->stop();
    BOOST_TEST(world.run_until([&] { return c.leads(); }));
}

BOOST_AUTO_TEST_CASE(rule_5_a_hand_over_wakes_the_successor_only) {
    World world;
    ElectionOptions quiet{.ttl = 60s, .follow_leader = false};
    Candidate a(world, "a", quiet), b(world, "b", quiet), c(world, "c", quiet);
    line_up(world, {&a, &b, &c});
    const auto calls = c.line->calls();
    a.election->stop();
    world.run_for(1s);
    BOOST_TEST(b.leads());
    BOOST_TEST(c.line->calls() == calls);
}

BOOST_AUTO_TEST_CASE(rule_6_a_lost_reply_to_entering_leaves_one_place_in_the_line) {
    World world;
    Candidate a(world, "a");
    int lost = 0;
    a.line->set_fate([&](Call call, std::uint64_t) {
        return call == Call::enter && ++lost <= 3 ? Fate::lose_reply : Fate::pass;
    });
    a.start();
    BOOST_TEST(world.run_until([&] { return a.leads(); }));
    BOOST_TEST(lost == 4);
    BOOST_TEST(world.entries().size() == 1);
}

BOOST_AUTO_TEST_CASE(rule_7_failed_renewals_lose_nothing_while_the_lease_lasts) {
    World world;
    Candidate a(world, "a", {.ttl = 10s});
    line_up(world, {&a});
    // Of each three renewals two fail, one of them silently.
    std::uint64_t renewals = 0;
    a.line->set_fate([&](Call call, std::uint64_t) {
        if (call != Call::renew_lease) return Fate::pass;
        ++renewals;
        if (renewals % 3 == 1) return Fate::unreachable;
        return renewals % 3 == 2 ? Fate::lose_reply : Fate::pass;
    });
    world.run_for(120s);
    BOOST_TEST(a.leads());
    BOOST_TEST(a.turns().size() == 1);
    BOOST_TEST(renewals >= 40);
    BOOST_TEST(renewals < 200);
}

BOOST_AUTO_TEST_CASE(rule_8_a_waiter_never_infers_its_predecessors_end_from_time) {
    World world;
    Candidate a(world, "a"), b(world, "b");
    line_up(world, {&a, &b});
    // b hears nothing for a long time, and a leads on.
    b.line->cut();
    world.run_for(300s);
    BOOST_TEST(a.leads());
    BOOST_TEST(b.count("elected") == 0);
    b.line->mend();
    world.run_for(60s);
    BOOST_TEST(b.count("elected") == 0);
    BOOST_TEST(world.entries().size() == 2);
}

BOOST_AUTO_TEST_CASE(rule_9_handlers_are_done_before_the_entry_goes) {
    World world;
    Candidate a(world, "a"), b(world, "b");
    line_up(world, {&a, &b});
    std::size_t entries_seen = 0;
    bool valid_seen = true;
    a.election->on_unelected([&](LossReason) {
        valid_seen = a.election->leadership().valid();
        // Runs in a task of the scheduler: ask the store by a call that answers at once below.
        world.store->list({.prefix = "jobs"},
                          [&](result<Listing> listing) { entries_seen = listing->entries.size(); });
    });
    a.election->stop();
    BOOST_TEST(world.run_until([&] { return b.leads(); }));
    BOOST_TEST(!valid_seen);
    BOOST_TEST(entries_seen == 2);
}

BOOST_AUTO_TEST_CASE(rule_9_the_entry_stays_while_work_holds_it) {
    World world;
    Candidate a(world, "a", {.ttl = 10s}), b(world, "b", {.ttl = 10s});
    line_up(world, {&a, &b});
    auto hold = a.election->leadership().hold();
    a.election->resign();
    BOOST_TEST(world.run_until([&] { return a.count("unelected resigned") == 1; }));
    world.run_for(2s);
    BOOST_TEST(world.entries().size() == 2);
    BOOST_TEST(b.count("elected") == 0);
    hold.reset();
    BOOST_TEST(world.run_until([&] { return b.leads(); }, 100ms));
}

BOOST_AUTO_TEST_CASE(rule_9_a_hold_that_is_never_let_go_delays_by_the_lease_at_most) {
    World world;
    Candidate a(world, "a", {.ttl = 10s}), b(world, "b", {.ttl = 10s});
    line_up(world, {&a, &b});
    const auto hold = a.election->leadership().hold();
    const Duration left = a.election->leadership().remaining();
    a.election->stop();
    BOOST_TEST(!world.run_until([&] { return b.leads(); }, left - 100ms));
    BOOST_TEST(world.run_until([&] { return b.leads(); }, 200ms));
}

BOOST_AUTO_TEST_CASE(rule_10_deleting_the_entry_deposes_the_leader_at_once) {
    World world;
    Candidate a(world, "a");
    line_up(world, {&a});
    const Leadership leadership = a.election->leadership();
    world.delete_entry(world.entries()[0]);
    BOOST_TEST(world.run_until([&] { return !leadership.valid(); }, 10ms));
    BOOST_TEST(world.run_until([&] { return a.count("unelected entry_removed") == 1; }, 100ms));
    // It stands again by itself, with a larger token.
    BOOST_TEST(world.run_until([&] { return a.leads(); }));
    BOOST_TEST(a.election->leadership().token() > leadership.token());
}

BOOST_AUTO_TEST_CASE(rule_10_a_watch_that_broke_is_made_again) {
    World world;
    Candidate a(world, "a", {.ttl = 30s});
    line_up(world, {&a});
    a.line->cut();
    world.run_for(3s);
    a.line->mend();
    world.run_for(5s);
    BOOST_TEST(a.turns().size() == 1);
    world.delete_entry(world.entries()[0]);
    BOOST_TEST(world.run_until([&] { return a.count("unelected entry_removed") == 1; }, 100ms));
}

BOOST_AUTO_TEST_CASE(a_revoked_lease_is_told_from_a_deleted_entry) {
    World world;
    Candidate a(world, "a");
    line_up(world, {&a});
    world.revoke(world.entries()[0].lease);
    BOOST_TEST(world.run_until([&] { return a.count("unelected session_lost") == 1; }, 1s));
    BOOST_TEST(world.run_until([&] { return a.leads(); }));
}

BOOST_AUTO_TEST_CASE(rule_11_a_leader_that_is_cut_off_steps_down_before_another_rises) {
    World world;
    Candidate a(world, "a", {.ttl = 10s, .margin = 1s}), b(world, "b");
    line_up(world, {&a, &b});
    // From just after a renewal to just before: the cut comes at any time.
    for (int i = 0; i < 40; ++i) {
        Candidate& leader = a.leads() ? a : b;
        Candidate& other = a.leads() ? b : a;
        world.run_for(100ms * i);
        leader.line->cut();
        std::optional<Instant> fell, rose;
        const bool handed_over = world.run_until(
            [&] {
                const Instant now = world.scheduler->now();
                if (!fell && !leader.leads()) fell = now;
                if (!rose && other.leads()) rose = now;
                BOOST_TEST_REQUIRE(!(leader.leads() && other.leads()));
                return rose.has_value();
            },
            30s);
        BOOST_TEST_REQUIRE(handed_over);
        BOOST_TEST_REQUIRE(fell.has_value());
        BOOST_TEST((*rose - *fell >= 1s));
        BOOST_TEST(leader.turns().back() == "unelected lease_elapsed");
        leader.line->mend();
        BOOST_TEST(world.wait_for_entries(2));
    }
}

BOOST_AUTO_TEST_CASE(rule_12_a_stopped_election_renews_nothing) {
    World world;
    Candidate a(world, "a");
    line_up(world, {&a});
    a.election->stop();
    world.run_for(1s);
    BOOST_TEST(!a.election->is_running());
    const auto calls = a.line->calls();
    BOOST_TEST(world.entries().empty());
    world.run_for(100s);
    BOOST_TEST(a.line->calls() == calls);
    BOOST_TEST(world.scheduler->pending() == 0);
}

BOOST_AUTO_TEST_CASE(rule_12_a_store_that_refuses_to_let_go_is_not_kept_busy_for_ever) {
    World world;
    Candidate a(world, "a"), b(world, "b");
    line_up(world, {&a, &b});
    std::size_t renewals = 0;
    a.line->set_fate([&](Call call, std::uint64_t) {
        if (call == Call::renew_lease) ++renewals;
        const bool leaving = call == Call::remove || call == Call::revoke_lease;
        return leaving ? Fate::refuse : Fate::pass;
    });
    a.election.reset();
    BOOST_TEST(world.run_until([&] { return b.leads(); }, 30s));
    BOOST_TEST(renewals == 0u);
}

BOOST_AUTO_TEST_CASE(rule_12_a_renewal_in_flight_at_the_stop_revives_nothing) {
    World world;
    Candidate a(world, "a", {.ttl = 9s});
    line_up(world, {&a});
    a.line->set_fate([&](Call call, std::uint64_t) {
        return call == Call::renew_lease ? Fate::lose_reply : Fate::pass;
    });
    world.run_for(3s);
    a.election->stop();
    world.run_for(30s);
    BOOST_TEST(world.entries().empty());
    BOOST_TEST(world.scheduler->pending() == 0);
}

BOOST_AUTO_TEST_CASE(tokens_grow_from_leadership_to_leadership) {
    World world;
    Candidate a(world, "a"), b(world, "b");
    line_up(world, {&a, &b});
    std::int64_t last = 0;
    for (int i = 0; i < 50; ++i) {
        Candidate& leader = a.leads() ? a : b;
        Candidate& other = a.leads() ? b : a;
        const auto token = leader.election->leadership().token();
        BOOST_TEST_REQUIRE(token > last);
        last = token;
        leader.election->resign();
        BOOST_TEST_REQUIRE(world.run_until([&] { return other.leads(); }, 1s));
        BOOST_TEST_REQUIRE(world.wait_for_entries(2));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
