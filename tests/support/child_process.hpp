// Another process under a test's control. It never outlives the test: the destructor kills
// it by its pid, and the kernel does when the test itself is killed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tenure::test {

using std::chrono::milliseconds;

struct Command {
    /// The program, looked for in PATH, and its arguments.
    std::vector<std::string> words;
    /// Set in the child on top of this process's environment; an empty value takes the
    /// variable away.
    std::map<std::string, std::string> environment{};
};

/// What came of a process that has ended.
struct Ended {
    /// The exit status, or minus the signal that killed it.
    int status = 0;
    std::string output;
    std::string errors;
};

/// A child with an empty standard input, whose output is read as it comes, so that it never
/// blocks on a full pipe.
///
/// Start it on a thread that lives as long as the child should: when that thread ends, the
/// kernel kills the child. Thread safety: the reading calls and `signal` from any thread.
class ChildProcess {
public:
    /// Throws std::runtime_error when the program cannot be started.
    explicit ChildProcess(Command command);
    /// Kills it if it still runs, and reaps it.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    pid_t pid() const noexcept;
    /// Does nothing once the child has been reaped. After SIGSTOP none of its threads runs any
    /// more.
    void signal(int number);
    /// The exit status, or minus the signal that killed it; empty when it still runs after
    /// `bound`.
    std::optional<int> wait(milliseconds bound);

    /// The next line of standard output, without its end; empty when there is none within
    /// `bound`, or no more will come.
    std::optional<std::string> read_line(milliseconds bound);
    std::optional<std::string> read_error_line(milliseconds bound);
    /// Reads lines of standard output until one contains `part`, and gives that one.
    std::optional<std::string> read_until(const std::string& part, milliseconds bound);
    /// All that was not read yet.
    std::string rest_of_output();
    std::string rest_of_errors();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Runs it to its end. Throws std::runtime_error when that takes longer than `bound`.
Ended run(Command command, milliseconds bound);

}  // namespace tenure::test
