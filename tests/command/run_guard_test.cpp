// The program of `tenure run` ends before another can rise also where its candidate, or its guard,
// is stopped or killed.
#include <boost/test/unit_test.hpp>

#include "tests/command/run_stage.hpp"

namespace tenure::test {
namespace {

/// Whether nobody has the other end of its output any more, before long.
bool falls_silent(ChildProcess& process) {
    const auto end = std::chrono::steady_clock::now() + patience;
    process.read_until("what nobody says", patience);
    return std::chrono::steady_clock::now() < end;
}

// Nobody is left who could end the program but its guard.
BOOST_AUTO_TEST_CASE(the_program_of_a_killed_candidate_ends_before_another_rises) {
    const Stage stage("4s");
    ChildProcess ann(stage.script("ann", heeds_nothing));
    await_up(ann);
    ChildProcess bob(stage.script("bob", beats));
    stage.await_line(2);
    ann.signal(SIGKILL);
    await_up(bob);
    const std::int64_t rose = first_beat(bob);
    ann.wait(patience);
    const std::string said = ann.rest_of_output();
    BOOST_TEST(last_of(said, "at") < rose);
    BOOST_TEST(last_of(said, "term") < rose);
}

BOOST_AUTO_TEST_CASE(the_program_of_a_killed_candidate_is_told_at_once) {
    const Stage stage("120s");
    ChildProcess ann(stage.script("ann", "trap 'echo term; exit' TERM\n" + beats));
    await_up(ann);
    ann.signal(SIGKILL);
    BOOST_TEST(ann.read_until("term", patience).has_value());
}

BOOST_AUTO_TEST_CASE(the_program_of_a_stopped_candidate_ends_before_another_rises) {
    const Stage stage("4s");
    ChildProcess ann(stage.script("ann", heeds_nothing));
    const Up first = await_up(ann);
    ChildProcess bob(stage.script("bob", beats));
    stage.await_line(2);
    ann.signal(SIGSTOP);
    const Up second = await_up(bob);
    const std::int64_t rose = first_beat(bob);
    BOOST_TEST(last_of(ann.rest_of_output(), "at") < rose);

    ann.signal(SIGCONT);
    bob.signal(SIGTERM);
    BOOST_TEST(bob.wait(patience).value_or(-1) == 0);
    BOOST_TEST(second.token > first.token);
    BOOST_TEST(await_up(ann).token > second.token);
}

// It has finished its work while nobody looked: that is no reason to do it again.
BOOST_AUTO_TEST_CASE(a_program_that_ended_under_a_stopped_candidate_has_ended_by_itself) {
    const Stage stage("4s");
    ChildProcess run(stage.script("ann", "echo up $TENURE_TOKEN; sleep 0.3; exit 7"));
    await_up(run);
    run.signal(SIGSTOP);
    stage.await_line(0);
    run.signal(SIGCONT);
    BOOST_TEST(run.wait(patience).value_or(-1) == 7);
    BOOST_TEST(run.rest_of_output() == "");
}

BOOST_AUTO_TEST_CASE(a_program_does_not_outlive_its_guard) {
    const Stage stage;
    ChildProcess run(stage.script("ann", beats));
    const Up up = await_up(run);
    ::kill(up.guard, SIGKILL);
    BOOST_TEST(run.wait(patience).value_or(-1) == 70);
    BOOST_TEST(falls_silent(run));
    const std::string errors = run.rest_of_errors();
    BOOST_TEST(errors.find("tenure: sh was killed, as its guard was") != errors.npos, errors);
    BOOST_TEST(stage.length_of_line() == 0u);
}

// Then the kernel does what the two cannot do any more.
BOOST_AUTO_TEST_CASE(a_program_does_not_outlive_both) {
    const Stage stage("120s");
    ChildProcess run(stage.script("ann", "trap '' TERM\n" + beats));
    const Up up = await_up(run);
    run.signal(SIGSTOP);
    ::kill(up.guard, SIGKILL);
    run.signal(SIGKILL);
    BOOST_TEST(falls_silent(run));
}

BOOST_AUTO_TEST_CASE(a_guard_that_stands_still_saves_no_program) {
    Stage stage("4s");
    ChildProcess run(stage.script("ann", heeds_nothing));
    const Up first = await_up(run);
    ::kill(first.guard, SIGSTOP);
    stage.etcd.pause();
    const std::int64_t silent_since = milliseconds_of(now_stamp());
    while (const auto line = run.read_error_line(patience)) {
        if (line->find("unelected") != line->npos) break;
    }
    stage.etcd.resume();
    std::string before;
    while (const auto line = run.read_line(patience)) {
        if (line->starts_with("up ")) break;
        before += *line + '\n';
    }
    BOOST_TEST(last_of(before, "at") - silent_since < 4000);
}

// It finds deadlines that have passed, and behind them those that have not.
BOOST_AUTO_TEST_CASE(a_guard_that_comes_late_knows_what_was_put_off) {
    const Stage stage("4s");
    ChildProcess run(stage.script("ann", beats));
    const Up up = await_up(run);
    // Without another beginning.
    const auto goes_on_for = [&](milliseconds time) {
        std::int64_t first = 0;
        for (std::int64_t now = 0; now - first < time.count();) {
            const auto line = run.read_line(patience);
            BOOST_TEST_REQUIRE((line && line->starts_with("at ")), line.value_or("no line"));
            now = std::stoll(line->substr(3));
            if (first == 0) first = now;
        }
    };
    ::kill(up.guard, SIGSTOP);
    goes_on_for(milliseconds(6000));
    ::kill(up.guard, SIGCONT);
    goes_on_for(milliseconds(1000));
    run.signal(SIGTERM);
    BOOST_TEST(run.wait(patience).value_or(-1) == 0);
}

}  // namespace
}  // namespace tenure::test
