// The session by plain calls: the arithmetic of the lease, and an answer to every input in
// every state.
#include <boost/test/unit_test.hpp>

#include "core/session_machine.hpp"

namespace tenure::testing {
namespace {

using namespace std::chrono_literals;
using Machine = detail::SessionMachine;
using State = Machine::State;

const Instant start_time{1h};

struct Bench {
    Machine machine{Machine::Config{10s, 1s, 2s, detail::Backoff(100ms, 2s)}};
    Machine::Actions last;

    Machine::Actions& at(Duration when, Machine::Input input) {
        last = machine.step({start_time + when, 0}, input);
        return last;
    }
    template <class Action>
    const Action* first() const {
        for (const auto& action : last) {
            if (const auto* found = std::get_if<Action>(&action)) return found;
        }
        return nullptr;
    }
    template <class Action>
    bool says() const {
        return first<Action>() != nullptr;
    }
    void alive(Duration sent = 0s, Duration answered = 0s) {
        at(sent, Machine::Start{});
        const auto request = first<Machine::Grant>()->request;
        at(answered, Machine::Granted{request, Lease{LeaseId{7}, 10s}});
    }
    /// Lets the renewal that is due be sent, and tells its id.
    RequestId renew(Duration when) {
        at(when, Machine::Tick{});
        BOOST_TEST_REQUIRE(says<Machine::Renew>());
        return first<Machine::Renew>()->request;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(session_machine)

BOOST_AUTO_TEST_CASE(rule_1_a_grant_counts_from_its_request) {
    Bench bench;
    bench.alive(0s, 1500ms);
    BOOST_TEST((bench.machine.valid_until() == start_time + 9s));
}

BOOST_AUTO_TEST_CASE(rule_1_a_renewal_counts_from_its_request) {
    Bench bench;
    bench.alive();
    const auto request = bench.renew(3400ms);
    bench.at(5000ms, Machine::Renewed{request, Lease{LeaseId{7}, 10s}});
    BOOST_TEST((bench.machine.valid_until() == start_time + 3400ms + 9s));
}

BOOST_AUTO_TEST_CASE(a_grant_that_comes_too_late_is_given_back) {
    Bench bench;
    bench.at(0s, Machine::Start{});
    const auto request = bench.first<Machine::Grant>()->request;
    bench.at(1s, Machine::Granted{request, Lease{LeaseId{7}, 1500ms}});
    BOOST_TEST(bench.says<Machine::Revoke>());
    BOOST_TEST(!bench.says<Machine::Alive>());
}

BOOST_AUTO_TEST_CASE(a_lease_nobody_waits_for_any_more_is_given_back) {
    Bench bench;
    bench.at(0s, Machine::Start{});
    const auto request = bench.first<Machine::Grant>()->request;
    bench.at(1s, Machine::Stop{});
    BOOST_TEST(bench.says<Machine::Stopped>());
    bench.at(2s, Machine::Granted{request, Lease{LeaseId{7}, 10s}});
    BOOST_TEST((bench.first<Machine::Revoke>()->lease == LeaseId{7}));
}

BOOST_AUTO_TEST_CASE(rule_7_renews_at_a_third_and_retries_until_the_end) {
    Bench bench;
    bench.alive();
    BOOST_TEST((bench.machine.next_deadline() == start_time + Duration(10s) / 3));
    auto request = bench.renew(3400ms);
    int tries = 0;
    for (Duration now = 3500ms; now < 9s && tries < 1000;) {
        bench.at(now, Machine::Renewed{request, Error(errc::unreachable)});
        BOOST_TEST((bench.machine.state() == State::alive));
        const Duration due = bench.machine.next_deadline() - start_time;
        BOOST_TEST((due > now && due <= now + 2s));
        now = due;
        if (now >= 9s) break;
        request = bench.renew(now);
        ++tries;
    }
    BOOST_TEST(tries > 5);
    bench.at(9s, Machine::Tick{});
    BOOST_TEST((bench.first<Machine::Lost>()->reason == LossReason::lease_elapsed));
}

BOOST_AUTO_TEST_CASE(jitter_spreads_the_retries) {
    const auto pause_with = [](std::uint32_t chance) {
        detail::Backoff backoff(100ms, 2s);
        return backoff.next({start_time, chance});
    };
    BOOST_TEST((pause_with(0) == 50ms));
    BOOST_TEST((pause_with(0xffffffff) > 99ms));
}

BOOST_AUTO_TEST_CASE(late_renewal_reply_does_not_revive_lease) {
    Bench bench;
    bench.alive();
    const auto request = bench.renew(3400ms);
    bench.at(9s, Machine::Renewed{request, Lease{LeaseId{7}, 10s}});
    BOOST_TEST((bench.machine.state() == State::lost));
    bench.at(9100ms, Machine::Renewed{request, Lease{LeaseId{7}, 10s}});
    BOOST_TEST(!bench.says<Machine::Extended>());
    BOOST_TEST((bench.machine.state() == State::lost));
}

BOOST_AUTO_TEST_CASE(reply_to_a_forgotten_renewal_is_dropped) {
    Bench bench;
    bench.alive();
    const auto old = bench.renew(3400ms);
    bench.at(5400ms, Machine::Tick{});
    bench.at(5500ms, Machine::Renewed{old, Lease{LeaseId{7}, 10s}});
    BOOST_TEST(!bench.says<Machine::Extended>());
}

BOOST_AUTO_TEST_CASE(rule_12_no_renewal_is_armed_while_stopping) {
    Bench bench;
    bench.alive();
    const auto request = bench.renew(3400ms);
    bench.at(3500ms, Machine::Stop{});
    BOOST_TEST((bench.first<Machine::Lost>()->reason == LossReason::stopped));
    bench.at(3600ms, Machine::Renewed{request, Lease{LeaseId{7}, 10s}});
    BOOST_TEST((bench.machine.next_deadline() == start_time + 9s));
    bench.at(3700ms, Machine::Drained{});
    BOOST_TEST((bench.first<Machine::Revoke>()->lease == LeaseId{7}));
}

BOOST_AUTO_TEST_CASE(rule_9_the_lost_lease_is_revoked_only_once_the_work_has_ended) {
    Bench bench;
    bench.alive();
    bench.at(9s, Machine::Tick{});
    BOOST_TEST(bench.says<Machine::Lost>());
    BOOST_TEST(!bench.says<Machine::Revoke>());
    bench.at(9500ms, Machine::Drained{});
    BOOST_TEST((bench.first<Machine::Revoke>()->lease == LeaseId{7}));
    BOOST_TEST(bench.says<Machine::Grant>());
}

BOOST_AUTO_TEST_CASE(the_abandoned_lease_is_revoked_again_once_the_store_answers) {
    Bench bench;
    bench.alive();
    bench.at(9s, Machine::Tick{});
    bench.at(9s, Machine::Drained{});
    const auto revoke = bench.first<Machine::Revoke>()->request;
    const auto grant = bench.first<Machine::Grant>()->request;
    bench.at(9500ms, Machine::Revoked{revoke, Error(errc::timed_out)});
    bench.at(9600ms, Machine::Granted{grant, Lease{LeaseId{8}, 10s}});
    BOOST_TEST((bench.first<Machine::Revoke>()->lease == LeaseId{7}));
}

// A store without whole leases says "gone" when one entry of several is.
BOOST_AUTO_TEST_CASE(what_is_left_of_a_lease_that_is_gone_is_revoked_once_the_work_has_ended) {
    for (const bool leaves_entries : {false, true}) {
        Bench bench;
        bench.machine =
            Machine(Machine::Config{10s, 1s, 2s, detail::Backoff(100ms, 2s), leaves_entries});
        bench.alive();
        const auto request = bench.renew(3400ms);
        bench.at(3500ms, Machine::Renewed{request, Error(errc::lease_gone)});
        BOOST_TEST((bench.first<Machine::Lost>()->reason == LossReason::session_lost));
        BOOST_TEST(!bench.says<Machine::Revoke>());
        bench.at(4s, Machine::Drained{});
        BOOST_TEST(bench.says<Machine::Revoke>() == leaves_entries);
        BOOST_TEST(bench.says<Machine::Grant>());
    }
}

BOOST_AUTO_TEST_CASE(a_longer_grant_stretches_margin_and_time_out) {
    Bench bench;
    bench.at(0s, Machine::Start{});
    const auto request = bench.first<Machine::Grant>()->request;
    bench.at(0s, Machine::Granted{request, Lease{LeaseId{7}, 20s}});
    BOOST_TEST((bench.machine.valid_until() == start_time + 18s));
    bench.renew(7s);
    BOOST_TEST((bench.machine.next_deadline() == start_time + 11s));
}

// Else there would be less time for the renewal than has gone by before it.
BOOST_AUTO_TEST_CASE(rule_7_a_wide_margin_leaves_time_for_the_renewal) {
    Bench bench;
    bench.at(0s, Machine::Start{});
    const auto request = bench.first<Machine::Grant>()->request;
    bench.at(0s, Machine::Granted{request, Lease{LeaseId{7}, 10s, 5s}});
    BOOST_TEST((bench.machine.valid_until() == start_time + 5s));
    BOOST_TEST((bench.machine.next_deadline() == start_time + 2500ms));
}

BOOST_AUTO_TEST_CASE(every_input_in_every_state_has_an_answer) {
    std::vector<Bench> benches(6);
    benches[1].at(0s, Machine::Start{});
    benches[2].alive();
    benches[3].alive();
    benches[3].at(9s, Machine::Tick{});
    benches[4].alive();
    benches[4].at(1s, Machine::Stop{});
    benches[5].alive();
    benches[5].at(1s, Machine::Stop{});
    benches[5].at(1s, Machine::Drained{});
    const State states[] = {State::idle, State::granting, State::alive,
                            State::lost, State::closing,  State::revoking};
    const std::vector<Machine::Input> inputs{
        Machine::Start{},
        Machine::Stop{},
        Machine::Granted{RequestId{99}, Lease{LeaseId{9}, 10s}},
        Machine::Granted{RequestId{99}, Error(errc::unreachable)},
        Machine::Renewed{RequestId{99}, Lease{LeaseId{7}, 10s}},
        Machine::Renewed{RequestId{99}, Error(errc::lease_gone)},
        Machine::Revoked{RequestId{99}, result<void>()},
        Machine::Revoked{RequestId{99}, Error(errc::unreachable)},
        Machine::Suspected{LeaseId{7}},
        Machine::Suspected{LeaseId{8}},
        Machine::Drained{},
        Machine::Tick{}};
    for (std::size_t s = 0; s < benches.size(); ++s) {
        BOOST_TEST_REQUIRE((benches[s].machine.state() == states[s]));
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            BOOST_TEST_INFO_SCOPE("state " << states[s] << ", input " << i);
            Bench bench = benches[s];
            // An answer to a question nobody asked changes nothing of the state.
            const bool stray = i >= 2 && i <= 7;
            bench.at(1s, inputs[i]);
            if (stray) BOOST_TEST((bench.machine.state() == states[s]));
            // Time always gets on: a tick at the deadline leaves no deadline at that time.
            for (int k = 0; k < 20 && bench.machine.next_deadline() != Instant::max(); ++k) {
                const Instant due = bench.machine.next_deadline();
                bench.last = bench.machine.step({due, 0}, Machine::Tick{});
                BOOST_TEST((bench.machine.next_deadline() > due));
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
