// The process that stands between `tenure run` and the program it runs, so that the program ends
// with the lease whatever happens to `tenure run`: stopped, killed, or waiting for a processor.
#pragma once

#include <sys/types.h>

#include <tenure/types.hpp>

namespace tenure::command {

/// By when the program has to be gone. Sent to the guard as they are, again whenever the lease is
/// good for longer.
struct Deadlines {
    /// SIGTERM is sent.
    Instant term;
    /// SIGKILL is sent.
    Instant kill;
};

/// What the guard says.
struct GuardReport {
    enum class Kind : int {
        /// `value` is the program's pid, and its process group.
        started,
        /// It could not be executed; `value` is errno.
        failed,
        /// `value` is as waitpid() gives it. Nothing of the program's group is left, unless it was
        /// out of the guard's power for a second.
        ended,
    };
    Kind kind;
    int value;
    /// The guard had sent the program a signal before its first process ended.
    bool was_told;
};

/// As execve() takes them.
struct ProgramImage {
    const char* path;
    char* const* words;
    char* const* environment;
};

/// The pipes between the two, all of which fork() gave the guard.
struct GuardPipes {
    /// Its own ends.
    int orders;
    int reports;
    /// The ends of the process that it comes from.
    int sent_orders;
    int read_reports;
};

/// Runs the program in a session and process group of its own, and ends it
/// - when its time is over: SIGTERM to the group at `term`, SIGKILL at `kill`;
/// - when no more orders can come, because their sender is gone: SIGTERM at once, and the same
///   SIGKILL;
/// - when its first process has ended, and others of the group are left: the same.
/// Once it was told to end, no later deadline counts. A program that cannot be started before
/// `term` is not started. The kernel kills the program's first process if the guard is killed. Call
/// it in the child of a fork(), all signals blocked; nothing in it allocates. Of the descriptors
/// the program gets the first three.
/// `mask`: the signals that are blocked in the program.
[[noreturn]] void guard(const ProgramImage& program, const sigset_t& mask, GuardPipes pipes,
                        Deadlines deadlines);

}  // namespace tenure::command
