// `tenure run`: stands for election, and runs a program while it leads, and never longer.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>

#include "tools/candidate.hpp"
#include "tools/guarded_program.hpp"
#include "tools/stop_signals.hpp"
#include "tools/text.hpp"

namespace tenure::command {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// Of the longest time that a leadership was good for. What the program has from SIGTERM to SIGKILL
// when the lease is not renewed: a renewal is due when half of it is left at the least, so there is
// time to try again before.
constexpr int part_for_the_end = 4;
// How long before the end of the lease's time a program is killed that was told to stop: the entry
// may be removed as soon as that time is over.
constexpr int part_after_the_end = 10;
// How often the guard is told of a later deadline.
constexpr int part_between_looks = 20;
constexpr Duration shortest_look = 20ms;

int exit_code_of(const std::error_code& why_it_cannot_start) {
    const bool is_missing = why_it_cannot_start == std::errc::no_such_file_or_directory;
    return is_missing ? exit_code::not_found : exit_code::cannot_execute;
}

class Runner {
public:
    Runner(asio::io_context& context, const CandidateOptions& options, Program program)
        : context_(context),
          next_look_(context),
          program_(std::move(program)),
          candidate_(context, options) {
        program_.environment["TENURE_ELECTION"] = options.candidacy.election;
        program_.environment["TENURE_CANDIDATE"] = options.candidacy.candidate;
        Election& election = candidate_.election();
        election.on_elected([this](const Leadership& leadership) { rise(leadership); });
        election.on_unelected([this](LossReason) { fall(); });
    }

    void start() { candidate_.start(); }
    void stop() {
        // A program that has ended by itself has had the last word.
        was_told_to_stop_ = was_told_to_stop_ || !candidate_.is_stopping();
        candidate_.stop();
    }

    int outcome() const {
        if (const auto failure = candidate_.failure()) return *failure;
        return was_told_to_stop_ ? exit_code::success : status_;
    }

private:
    void rise(const Leadership& leadership) {
        leadership_ = leadership;
        hold_ = leadership.hold();
        // One that was killed may need a moment.
        if (!running_) launch();
    }

    // The leadership is over, and nobody was told yet. Where that is not by our own will, another
    // may lead already.
    void invalidated() {
        if (running_ && !candidate_.is_stopping()) running_->kill();
    }

    // The entry stays while the program winds up, where it is still ours to keep.
    void fall() {
        if (!running_) return hold_.reset();
        if (!candidate_.is_stopping()) return;
        deadlines_.kill -= longest_ / part_after_the_end;
        running_->tell_to_end(deadlines_.kill);
        look();
    }

    void launch() {
        if (!leadership_.valid()) return hold_.reset();
        longest_ = Duration::zero();
        deadlines_ = deadlines();
        token_ = leadership_.token();
        program_.environment["TENURE_TOKEN"] = std::to_string(token_);
        try {
            running_ = std::make_unique<GuardedProgram>(
                context_, program_, deadlines_,
                [this](const GuardedProgram::End& end) { over(end); });
        } catch (const std::system_error& failure) {
            return give_up(failure.code());
        }
        when_over_.emplace(leadership_.stop_token(), [this] { invalidated(); });
        look();
    }

    // The clock is read first: if this process waits in between, the deadline is early, never late.
    Deadlines deadlines() {
        const Instant now = LeaseClock::now();
        const Duration left = leadership_.remaining();
        longest_ = std::max(longest_, left);
        return {now + left - longest_ / part_for_the_end, now + left};
    }

    void look() {
        if (!running_) return;
        if (leadership_.valid()) {
            deadlines_ = deadlines();
            running_->extend(deadlines_);
        } else if (LeaseClock::now() >= deadlines_.kill) {
            running_->kill();
        }
        const Duration until_kill = deadlines_.kill - LeaseClock::now();
        const Duration pause = std::min(longest_ / part_between_looks, until_kill);
        next_look_.expires_after(std::max(pause, shortest_look));
        next_look_.async_wait([this](boost::system::error_code error) {
            if (!error) look();
        });
    }

    void over(const GuardedProgram::End& end) {
        when_over_.reset();
        next_look_.cancel();
        running_.reset();
        if (end.not_started) return give_up(end.not_started);
        if (end.guard_was_killed) {
            note("was killed, as its guard was");
            return leave(exit_code::internal);
        }
        const std::string status = " with " + std::to_string(end.status);
        note((end.was_told ? "had to end, and ended" : "has ended by itself") + status);
        if (!end.was_told) return leave(end.status);
        // Elected again before the program of the leadership before was gone.
        if (leadership_.token() != token_) return launch();
        hold_.reset();
        await_the_end();
    }

    // Its time ran low, and so the program is gone. If the lease is renewed after all, that would
    // be to lead without a program.
    void await_the_end() {
        if (running_ || !leadership_.valid()) return;
        if (leadership_.ensure(longest_ / part_for_the_end)) {
            return candidate_.election().resign();
        }
        next_look_.expires_after(std::max(longest_ / part_between_looks, shortest_look));
        next_look_.async_wait([this](boost::system::error_code error) {
            if (!error) await_the_end();
        });
    }

    void leave(int status) {
        status_ = status;
        hold_.reset();
        candidate_.stop();
    }

    void give_up(const std::error_code& error) {
        note("cannot be started: " + error.message());
        leave(exit_code_of(error));
    }

    void note(const std::string& words) {
        candidate_.events().note(printable(program_.words.front()) + ' ' + words);
    }

    asio::io_context& context_;
    asio::steady_timer next_look_;
    Program program_;
    Candidate candidate_;
    Leadership leadership_;
    Leadership::Hold hold_;
    Deadlines deadlines_{};
    Duration longest_{};
    /// Of the leadership that the program runs under.
    std::int64_t token_ = 0;
    std::unique_ptr<GuardedProgram> running_;
    std::optional<std::stop_callback<std::function<void()>>> when_over_;
    bool was_told_to_stop_ = false;
    int status_ = exit_code::success;
};

}  // namespace

int run(const Arguments& arguments) {
    const auto separator = std::ranges::find(arguments, "--");
    CommandLine line("run",
                     "run a program while it leads, and never longer:\n"
                     "tenure run OPTIONS -- COMMAND [ARGUMENT...]");
    const bool has_command = separator != arguments.end() && separator + 1 != arguments.end();
    std::optional<CandidateOptions> options;
    try {
        options = parse_candidate(line, {arguments.begin(), separator});
        if (options && !has_command) throw std::invalid_argument("no command given");
    } catch (const std::invalid_argument& wrong) {
        if (has_command) throw;
        throw std::invalid_argument(wrong.what() + std::string("; the command goes behind '--'"));
    }
    if (!options) return exit_code::success;
    if (!line.json()) options->format = Format::aside;

    Program program;
    program.words.assign(separator + 1, arguments.end());
    try {
        program.path = find_program(program.words.front());
    } catch (const std::system_error& failure) {
        std::fprintf(stderr, "tenure run: %s\n", printable(failure.what()).c_str());
        return exit_code_of(failure.code());
    }
    asio::io_context context(1);
    Runner runner(context, *options, std::move(program));
    const StopSignals signals(context, [&] { runner.stop(); });
    runner.start();
    context.run();
    return runner.outcome();
}

}  // namespace tenure::command
