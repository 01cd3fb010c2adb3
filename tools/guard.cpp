#include "tools/guard.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

namespace tenure::command {
namespace {

using namespace std::chrono_literals;

// What is left of the group may be slow to go, or out of our power (another user's).
constexpr Duration between_kills = 100ms;
constexpr Duration last_wait = 1s;

timespec to_timespec(Instant when) {
    const auto since_boot = std::max(when.time_since_epoch(), Duration(1));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
    return {static_cast<time_t>(seconds.count()), (since_boot - seconds).count()};
}

// A handler that this process has set would act on what it shares with the one it came from.
// Signals that were ignored from outside (by nohup) stay so.
void forget_handlers() {
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};
        if (sigaction(number, nullptr, &action) != 0) continue;
        if (action.sa_handler == SIG_IGN && number != SIGPIPE) continue;
        std::signal(number, SIG_DFL);
    }
}

class Guard {
public:
    Guard(int orders, int reports, Deadlines deadlines)
        : orders_(orders), reports_(reports), deadlines_(deadlines) {}

    [[noreturn]] void run(const ProgramImage& program, const sigset_t& mask);

private:
    void start(const ProgramImage& program, const sigset_t& mask);
    [[noreturn]] void become(const ProgramImage& program, const sigset_t& mask, pid_t parent);
    void wait();
    void obey();
    void reap();
    void look_at_the_clock();
    void tell();
    bool is_over() const;
    void report(GuardReport::Kind kind, int value) const;

    int orders_;
    int reports_;
    int timer_ = ::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    int children_ = -1;
    Deadlines deadlines_;
    pid_t program_ = -1;
    int status_ = 0;
    bool has_ended_ = false;
    bool was_told_ = false;
    bool told_before_the_end_ = false;
};

[[noreturn]] void Guard::run(const ProgramImage& program, const sigset_t& mask) {
    ::setsid();
    // Who is left behind by the program's first process is ours to wait for.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    children_ = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    start(program, mask);
    for (;;) {
        reap();
        if (is_over()) break;
        look_at_the_clock();
        wait();
    }
    report(GuardReport::Kind::ended, status_);
    ::_exit(0);
}

void Guard::start(const ProgramImage& program, const sigset_t& mask) {
    const pid_t guard = ::getpid();
    program_ = ::fork();
    if (program_ == 0) become(program, mask, guard);
    if (program_ < 0) {
        report(GuardReport::Kind::failed, errno);
        ::_exit(0);
    }
    ::setpgid(program_, program_);
    report(GuardReport::Kind::started, program_);
}

[[noreturn]] void Guard::become(const ProgramImage& program, const sigset_t& mask, pid_t parent) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() == parent) {
        ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        forget_handlers();
        ::sigprocmask(SIG_SETMASK, &mask, nullptr);
        ::execve(program.path, program.words, program.environment);
        report(GuardReport::Kind::failed, errno);
    }
    ::_exit(127);
}

void Guard::wait() {
    const Instant now = LeaseClock::now();
    const Instant next = !was_told_              ? std::min(deadlines_.term, deadlines_.kill)
                         : now < deadlines_.kill ? deadlines_.kill
                                                 : now + between_kills;
    const itimerspec when{{}, to_timespec(next)};
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
    std::array<pollfd, 3> polled{
        {{orders_, POLLIN, 0}, {timer_, POLLIN, 0}, {children_, POLLIN, 0}}};
    ::poll(polled.data(), polled.size(), -1);
    if (polled[0].revents != 0) obey();
}

void Guard::obey() {
    Deadlines order{};
    const ssize_t count = ::read(orders_, &order, sizeof order);
    if (count == sizeof order) {
        if (!was_told_) deadlines_ = order;
    } else if (count == 0) {
        orders_ = -1;
        tell();
    }
}

void Guard::reap() {
    signalfd_siginfo information{};
    while (::read(children_, &information, sizeof information) > 0) {
    }
    int status = 0;
    for (pid_t gone = 0; (gone = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        if (gone != program_) continue;
        has_ended_ = true;
        status_ = status;
        told_before_the_end_ = was_told_;
    }
}

void Guard::look_at_the_clock() {
    const Instant now = LeaseClock::now();
    if (has_ended_ || now >= deadlines_.term) tell();
    if (now < deadlines_.kill) return;
    was_told_ = true;
    ::kill(-program_, SIGKILL);
}

// What is stopped could not end.
void Guard::tell() {
    if (was_told_) return;
    was_told_ = true;
    ::kill(-program_, SIGTERM);
    ::kill(-program_, SIGCONT);
}

bool Guard::is_over() const {
    if (!has_ended_) return false;
    const bool is_empty = ::kill(-program_, 0) != 0 && errno == ESRCH;
    return is_empty || LeaseClock::now() > deadlines_.kill + last_wait;
}

void Guard::report(GuardReport::Kind kind, int value) const {
    const GuardReport report{kind, value, told_before_the_end_};
    [[maybe_unused]] const auto written = ::write(reports_, &report, sizeof report);
}

// Out of the way of standard input, output and error, and of what close_range() takes.
constexpr int orders_end = 3;
constexpr int reports_end = 4;

}  // namespace

[[noreturn]] void guard(const ProgramImage& program, const sigset_t& mask, GuardPipes pipes,
                        Deadlines deadlines) {
    // By way of numbers above both, so that neither lands on the other.
    const int orders = ::fcntl(pipes.orders, F_DUPFD, reports_end + 1);
    const int reports = ::fcntl(pipes.reports, F_DUPFD, reports_end + 1);
    ::dup2(orders, orders_end);
    ::dup2(reports, reports_end);
    ::close_range(reports_end + 1, ~0U, 0);
    Guard(orders_end, reports_end, deadlines).run(program, mask);
}

}  // namespace tenure::command
