// Where `tenure run` plays. The programs are shell scripts that tell by the wall clock, in
// milliseconds, when they were alive.
#pragma once

#include <signal.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <sstream>
#include <string>
#include <vector>

#include "tests/command/tenure_process.hpp"
#include "tests/support/etcd_server.hpp"

namespace tenure::test {

/// Says `up TOKEN GUARD` when it begins and `at MILLISECONDS` while it lives.
inline const std::string beats =
    "echo up $TENURE_TOKEN $PPID\n"
    "while :; do echo at $(date +%s%3N); sleep 0.02; done\n";
inline const std::string heeds_nothing = "trap 'echo term $(date +%s%3N)' TERM\n" + beats;

struct Up {
    std::int64_t token = 0;
    pid_t guard = 0;
};

inline std::int64_t milliseconds_of(Stamp stamp) {
    return std::chrono::duration_cast<milliseconds>(stamp).count();
}

/// Everything under one election of one etcd.
class Stage {
public:
    explicit Stage(std::string ttl = "20s") : ttl_(std::move(ttl)) {}

    std::vector<std::string> words(const std::string& command) const {
        return {command, "--store", etcd.store_url(), "--election", "the job"};
    }
    Command run_command(const std::string& name, const std::vector<std::string>& program) const {
        std::vector<std::string> all = words("run");
        all.insert(all.end(), {"--name", name, "--ttl", ttl_, "--"});
        all.insert(all.end(), program.begin(), program.end());
        return tenure_command(all);
    }
    Command script(const std::string& name, const std::string& text) const {
        return run_command(name, {"sh", "-c", text});
    }
    std::size_t length_of_line() const {
        const std::string table = run_tenure(words("list")).output;
        return static_cast<std::size_t>(std::ranges::count(table, '\n')) - 1;
    }
    void await_line(std::size_t length) const {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (length_of_line() != length)
            BOOST_TEST_REQUIRE((std::chrono::steady_clock::now() < end));
    }

    EtcdServer etcd;

private:
    std::string ttl_;
};

inline Up await_up(ChildProcess& process) {
    const auto line = process.read_until("up ", patience);
    BOOST_TEST_REQUIRE(line.has_value());
    std::istringstream text(*line);
    std::string word;
    Up up;
    text >> word >> up.token >> up.guard;
    return up;
}

/// When the program was first seen alive. Waits for more of its beats: whoever lives beside it has
/// said so by then.
inline std::int64_t first_beat(ChildProcess& process) {
    std::int64_t first = 0;
    for (int beat = 0; beat < 20; ++beat) {
        const auto line = process.read_until("at ", patience);
        BOOST_TEST_REQUIRE(line.has_value());
        if (beat == 0) first = std::stoll(line->substr(3));
    }
    return first;
}

/// When the program last said so, of what was not read yet.

inline std::int64_t last_of(const std::string& output, const std::string& word) {
    const auto at = output.rfind(word + ' ');
    BOOST_TEST_REQUIRE(at != output.npos, "no " << word << " in: " << output);
    return std::stoll(output.substr(at + word.size() + 1));
}

inline bool is_there(pid_t pid) {
    return ::kill(pid, 0) == 0;
}

}  // namespace tenure::test
