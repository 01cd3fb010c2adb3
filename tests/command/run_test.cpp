// `tenure run`: a program that runs while its candidate leads, and ends before another can rise.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "tests/command/run_stage.hpp"
#include "tests/support/sanitized.hpp"

namespace tenure::test {
namespace {

BOOST_AUTO_TEST_CASE(the_program_knows_for_what_it_runs) {
    const Stage stage;
    ChildProcess run(stage.script(
        "ann",
        "echo up $TENURE_TOKEN $PPID; echo \"$TENURE_ELECTION/$TENURE_CANDIDATE\"; sleep 99"));
    const Up up = await_up(run);
    BOOST_TEST(run.read_line(patience).value_or("") == "the job/ann");
    const std::string line = run_tenure(stage.words("list")).output;
    BOOST_TEST(line.find(' ' + std::to_string(up.token) + ' ') != line.npos, line);

    run.signal(SIGTERM);
    BOOST_TEST(run.wait(patience).value_or(-1) == 0);
    BOOST_TEST(stage.length_of_line() == 0u);
    const std::string errors = run.rest_of_errors();
    BOOST_TEST(errors.find("ann  elected: token ") != errors.npos, errors);
    BOOST_TEST(errors.find("tenure: sh had to end, and ended with 143") != errors.npos, errors);
}

BOOST_AUTO_TEST_CASE(the_program_runs_as_long_as_the_lease_is_renewed) {
    const Stage stage("4s");
    ChildProcess run(stage.script("ann", beats));
    await_up(run);
    const std::int64_t begin = first_beat(run);
    for (std::int64_t now = begin; now < begin + 9000;) {
        const auto line = run.read_line(patience);
        BOOST_TEST_REQUIRE((line && line->starts_with("at ")), line.value_or("no line"));
        now = std::stoll(line->substr(3));
    }
    run.signal(SIGTERM);
    BOOST_TEST(run.wait(patience).value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(a_program_that_ends_gives_its_exit_code_and_the_lead) {
    const Stage stage;
    ChildProcess ann(stage.script("ann", "echo up $TENURE_TOKEN; read -r line; sleep 1; exit 7"));
    const Up first = await_up(ann);
    ChildProcess bob(stage.script("bob", beats));
    BOOST_TEST(ann.wait(patience).value_or(-1) == 7);
    BOOST_TEST(await_up(bob).token > first.token);
    BOOST_TEST(stage.length_of_line() == 1u);
    bob.signal(SIGTERM);
    BOOST_TEST(bob.wait(patience).value_or(-1) == 0);
    BOOST_TEST(run(stage.script("cid", "kill -9 $$"), patience).status == 128 + SIGKILL);
}

BOOST_AUTO_TEST_CASE(a_successor_waits_until_the_program_has_ended) {
    const Stage stage;
    ChildProcess ann(
        stage.script("ann", "trap 'sleep 0.7; echo down $(date +%s%3N); exit 0' TERM\n" + beats));
    const Up first = await_up(ann);
    ChildProcess bob(stage.script("bob", beats));
    stage.await_line(2);
    ann.signal(SIGTERM);
    BOOST_TEST(await_up(bob).token > first.token);
    const std::int64_t rose = first_beat(bob);
    BOOST_TEST(ann.wait(patience).value_or(-1) == 0);
    BOOST_TEST(last_of(ann.rest_of_output(), "down") <= rose);
}

// Its lease runs out while its store is silent: it is asked before, and not longer.
BOOST_AUTO_TEST_CASE(a_program_that_heeds_nothing_ends_with_the_lease) {
    Stage stage("4s");
    ChildProcess run(stage.script("ann", heeds_nothing));
    const Up first = await_up(run);
    stage.etcd.pause();
    const std::int64_t silent_since = milliseconds_of(now_stamp());
    BOOST_TEST(run.read_until("term ", patience).has_value());
    const auto unelected = [&] {
        while (const auto line = run.read_error_line(patience)) {
            if (line->find("unelected: lease_elapsed") != line->npos) return true;
        }
        return false;
    };
    BOOST_TEST(unelected());
    stage.etcd.resume();
    const std::int64_t resumed = milliseconds_of(now_stamp());
    std::string before;
    Up second;
    while (const auto line = run.read_line(patience)) {
        before += *line + '\n';
        if (!line->starts_with("up ")) continue;
        std::istringstream(line->substr(3)) >> second.token;
        break;
    }
    BOOST_TEST(second.token > first.token);
    BOOST_TEST(last_of(before, "at") - silent_since < 4000);
    BOOST_TEST(last_of(before, "at") <= resumed);
    run.signal(SIGTERM);
    BOOST_TEST(run.wait(patience).value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(a_program_that_ends_in_time_leaves_the_reason_as_it_is) {
    Stage stage("4s");
    ChildProcess run(stage.script("ann", beats));
    await_up(run);
    stage.etcd.pause();
    std::string reason;
    while (const auto line = run.read_error_line(patience)) {
        const auto at = line->find("unelected: ");
        if (at != line->npos) reason = line->substr(at + 11, 13);
        if (!reason.empty()) break;
    }
    stage.etcd.resume();
    BOOST_TEST(reason == "lease_elapsed");
}

BOOST_AUTO_TEST_CASE(nothing_that_it_has_started_is_left) {
    const Stage stage("4s");
    const std::string deaf = "(trap '' TERM; sleep 99) & echo $!;";
    const Ended ended = run(stage.script("ann", "sleep 99 & echo $!; echo done; exit 5"), patience);
    BOOST_TEST(ended.status == 5);
    BOOST_TEST(!is_there(std::stoi(ended.output)));
    ChildProcess stubborn(stage.script("ann", deaf + "read -r line; sleep 99"));
    const pid_t left = std::stoi(stubborn.read_line(patience).value_or("0"));
    BOOST_TEST_REQUIRE(left > 0);
    BOOST_TEST(is_there(left));
    stubborn.signal(SIGTERM);
    BOOST_TEST(stubborn.wait(patience).value_or(-1) == 0);
    BOOST_TEST(!is_there(left));
}

// What it leaves outside its group is out of reach, and nobody waits for that.
BOOST_AUTO_TEST_CASE(nothing_of_ours_is_handed_on) {
    const Stage stage;
    BOOST_TEST(run(stage.script("ann", "ls /proc/self/fd"), patience).output == "0\n1\n2\n3\n");
    // It says so when it is in a session of its own, and holds nothing of ours from then on.
    const std::string leaves_one =
        "left=$(setsid sh -c 'echo $$; exec sleep 99 </dev/null >/dev/null 2>&1' &)\n"
        "echo $left; exit 4";
    const Ended ended = run(stage.script("ann", leaves_one), patience);
    BOOST_TEST(ended.status == 4);
    BOOST_TEST(stage.length_of_line() == 0u);
    const pid_t left = std::stoi(ended.output);
    BOOST_TEST(is_there(left));
    ::kill(left, SIGKILL);
}

BOOST_AUTO_TEST_CASE(a_second_signal_leaves_the_program_to_its_guard) {
    const Stage stage("4s");
    ChildProcess ann(stage.script("ann", heeds_nothing));
    await_up(ann);
    ChildProcess bob(stage.script("bob", beats));
    stage.await_line(2);
    ann.signal(SIGINT);
    BOOST_TEST(ann.read_until("term ", patience).has_value());
    ann.signal(SIGINT);
    BOOST_TEST(ann.wait(patience).value_or(-1) == 128 + SIGINT);
    await_up(bob);
    const std::int64_t rose = first_beat(bob);
    BOOST_TEST(last_of(ann.rest_of_output(), "at") < rose);
}

BOOST_AUTO_TEST_CASE(a_deposed_one_ends_at_once_and_stands_again) {
    const Stage stage;
    ChildProcess ann(stage.script("ann", heeds_nothing));
    const Up first = await_up(ann);
    ChildProcess bob(stage.script("bob", beats));
    stage.await_line(2);
    const Ended deposed = run_tenure(stage.words("depose"));
    BOOST_TEST(deposed.status == 0, deposed.errors);
    BOOST_TEST(deposed.output == "deposed ann, token " + std::to_string(first.token) + '\n');
    BOOST_TEST(await_up(bob).token > first.token);
    const std::int64_t rose = first_beat(bob);
    stage.await_line(2);
    // The word of the removal comes to both at once; the slack is for a busy machine.
    BOOST_TEST(last_of(ann.rest_of_output(), "at") < rose + 200);
    bob.signal(SIGTERM);
    BOOST_TEST(bob.wait(patience).value_or(-1) == 0);
    const Up again = await_up(ann);
    BOOST_TEST(again.token > first.token);
    // It would heed nothing for the rest of its lease.
    ann.signal(SIGKILL);
    ::kill(again.guard, SIGKILL);
}

/// `run` in memory, from a shell that has done something first; COMMAND exits with 5.
std::optional<int> status_after(const std::string& something) {
    Command command = tenure_command({"run", "--store", "memory:", "--election", "e", "--name", "n",
                                      "--", "sh", "-c", "exit 5"});
    command.words.insert(command.words.begin(), {"sh", "-c", something + "; exec \"$@\"", "sh"});
    return ChildProcess(std::move(command)).wait(patience);
}

// Where the end of a child is ignored nobody hears of it. A shell cannot ignore it for others.
BOOST_AUTO_TEST_CASE(signals_that_are_ignored_from_outside_hide_no_end) {
    std::signal(SIGCHLD, SIG_IGN);
    ChildProcess run(tenure_command({"run", "--store", "memory:", "--election", "e", "--name", "n",
                                     "--", "sh", "-c", "exit 5"}));
    std::signal(SIGCHLD, SIG_DFL);
    BOOST_TEST(run.wait(patience).value_or(-1) == 5);
    BOOST_TEST(status_after("trap '' PIPE HUP INT TERM").value_or(-1) == 5);
    BOOST_TEST(status_after("exec 0<&- 2>&-").value_or(-1) == 5);
}

// It may be too few for a pipe, for what the guard needs, or for the candidate itself; or for the
// sanitizers, who then end it in their own way.
BOOST_AUTO_TEST_CASE(too_few_descriptors_are_an_end) {
    for (int most = 4; most <= 24; ++most) {
        const auto status = status_after("ulimit -n " + std::to_string(most));
        BOOST_TEST_REQUIRE(status.has_value(), "it goes on with " << most << " descriptors");
        const bool is_clear = status == 5 || status == 70 || status == 126 || status == 127;
        BOOST_TEST((is_clear || sanitized), *status << " with " << most << " descriptors");
    }
    BOOST_TEST(status_after("ulimit -n 50").value_or(-1) == 5);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_executed_does_not_stand) {
    const Stage stage;
    const auto expect = [&](const std::string& program, int status, const std::string& why) {
        const Ended ended = run(stage.run_command("ann", {program}), patience);
        BOOST_TEST(ended.status == status);
        BOOST_TEST(ended.errors == "tenure run: '" + program + "': " + why + '\n');
    };
    expect("no-such-program", 127, "No such file or directory");
    expect("/no/such/program", 127, "No such file or directory");
    expect("", 127, "No such file or directory");
    expect("/etc/passwd", 126, "Permission denied");
    expect("/tmp", 126, "Permission denied");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_executed_any_more_ends_it) {
    const Stage stage;
    const auto file =
        std::filesystem::temp_directory_path() / ("tenure-run-test-" + std::to_string(::getpid()));
    std::ofstream(file) << "no program";
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    const Ended ended = run(stage.run_command("ann", {file.string()}), patience);
    std::filesystem::remove(file);
    BOOST_TEST(ended.status == 126);
    BOOST_TEST(ended.errors.find(file.string() + " cannot be started: Exec format error") !=
                   ended.errors.npos,
               ended.errors);
    BOOST_TEST(stage.length_of_line() == 0u);
}

BOOST_AUTO_TEST_CASE(its_events_are_told_as_those_of_a_campaign) {
    const Stage stage;
    std::vector<std::string> words = stage.words("run");
    words.insert(words.end(), {"--name", "ann", "--json", "--", "true"});
    TenureProcess ann(tenure_command(words));
    const std::int64_t token = ann.await("elected").token();
    const Event unelected = ann.await("unelected");
    BOOST_TEST(unelected.reason() == "stopped");
    BOOST_TEST(unelected.token() == token);
    BOOST_TEST(ann.await_end().value_or(-1) == 0);
    BOOST_TEST(ann.history().back().kind == "stopped");
}

}  // namespace
}  // namespace tenure::test
