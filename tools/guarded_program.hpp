// A program that runs while a lease lasts, and what becomes of it.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <functional>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "tools/guard.hpp"

namespace tenure::command {

struct Program {
    /// Its file; see `find_program`.
    std::string path;
    /// Its name and arguments.
    std::vector<std::string> words;
    /// Set on top of this process's own environment.
    std::map<std::string, std::string> environment;
};

/// Where the shell would find it. Throws std::system_error when it is not there, or is no file
/// that may be executed.
std::string find_program(const std::string& name);

/// Thread safety: none; it lives on the context's one thread. SIGPIPE has to be ignored.
class GuardedProgram {
public:
    struct End {
        /// As a shell gives it: the exit code, or 128 + the signal that ended it.
        int status = 0;
        /// It was sent a signal before: its time was over, or `tell_to_end` or `kill` was called.
        bool was_told = false;
        /// Why it could not be executed, in place of all that.
        std::error_code not_started;
        /// Somebody has killed the guard, and so the program.
        bool guard_was_killed = false;
    };

    /// Starts it. `ended` is called once, from the context, when nothing of it is left, and may
    /// destroy this. Throws std::system_error when there is no process to be had.
    GuardedProgram(boost::asio::io_context& context, const Program& program, Deadlines deadlines,
                   std::function<void(End)> ended);
    /// Kills what is left of it. In `ended`, or when the context does not run any more.
    ~GuardedProgram();
    GuardedProgram(const GuardedProgram&) = delete;
    GuardedProgram& operator=(const GuardedProgram&) = delete;

    /// Changes nothing once it was told to end.
    void extend(Deadlines deadlines);
    /// SIGTERM now, and SIGKILL at `kill`, if no deadline comes before.
    void tell_to_end(Instant kill);
    /// SIGKILL now.
    void kill();

private:
    void start(const Program& program, Deadlines deadlines);
    void send(Deadlines deadlines);
    void read();
    void take(const GuardReport& report);
    void finish();
    bool report_waits();

    boost::asio::writable_pipe orders_;
    boost::asio::readable_pipe reports_;
    std::function<void(End)> ended_;
    std::array<GuardReport, 1> report_{};
    End end_;
    pid_t guard_ = -1;
    pid_t group_ = -1;
    bool has_ended_ = false;
    bool was_killed_by_us_ = false;
};

}  // namespace tenure::command
