#include "tools/guard.hpp"

#include <fcntl.h>
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
#include <optional>
#include <utility>

namespace tenure::command {
namespace {

using namespace std::chrono_literals;

// What is left of the group may be slow to go, or out of our power (another user's).
constexpr Duration between_looks = 100ms;
constexpr Duration last_wait = 1s;
// A timer on CLOCK_BOOTTIME wakes us in time; this is for a machine where it does not.
constexpr int longest_wait_ms = 1000;

timespec to_timespec(Instant when) {
    const auto since_boot = std::max(when.time_since_epoch(), Duration(1));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
    return {static_cast<time_t>(seconds.count()), (since_boot - seconds).count()};
}

// A handler that this process has set would act on what it shares with the one it came from. What
// is ignored stays so (SIGHUP by nohup), but SIGPIPE, which we ignore ourselves.
void forget_handlers() {
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};
        if (sigaction(number, nullptr, &action) != 0) continue;
        if (action.sa_handler == SIG_IGN && number != SIGPIPE) continue;
        std::signal(number, SIG_DFL);
    }
}

// The sockets of the process we come from, above all. Of the pipes the far ends are closed one by
// one: that the end of the orders is seen must not hang on a call that some containers refuse.
void close_what_is_not_ours(const GuardPipes& pipes) {
    ::close(pipes.sent_orders);
    ::close(pipes.read_reports);
    unsigned from = STDERR_FILENO + 1;
    for (const int kept :
         {std::min(pipes.orders, pipes.reports), std::max(pipes.orders, pipes.reports)}) {
        const auto number = static_cast<unsigned>(kept);
        if (number < from) continue;
        if (number > from) ::close_range(from, number - 1, 0);
        from = number + 1;
    }
    ::close_range(from, ~0U, 0);
}

class Guard {
public:
    Guard(const GuardPipes& pipes, Deadlines deadlines)
        : orders_(pipes.orders), reports_(pipes.reports), deadlines_(deadlines) {}

    [[noreturn]] void run(const ProgramImage& program, const sigset_t& mask);

private:
    void prepare();
    void start(const ProgramImage& program, const sigset_t& mask);
    [[noreturn]] void become(const ProgramImage& program, const sigset_t& mask, pid_t parent);
    void wait();
    void obey();
    void reap();
    void look_at_the_clock();
    void tell();
    void kill();
    bool is_over() const;
    void report(GuardReport::Kind kind, int value) const;
    [[noreturn]] void give_up(int error);
    [[noreturn]] void finish();

    int orders_;
    int reports_;
    int timer_ = -1;
    int children_ = -1;
    Deadlines deadlines_;
    pid_t program_ = -1;
    int status_ = 0;
    bool has_ended_ = false;
    bool was_told_ = false;
    bool was_told_before_the_end_ = false;
    std::optional<Instant> first_kill_;
};

[[noreturn]] void Guard::run(const ProgramImage& program, const sigset_t& mask) {
    prepare();
    start(program, mask);
    for (;;) {
        obey();
        reap();
        if (is_over()) finish();
        look_at_the_clock();
        wait();
    }
}

// Nothing is started that could not be ended.
void Guard::prepare() {
    ::setsid();
    ::prctl(PR_SET_NAME, "run-guard");
    // Who is left behind by the program's first process is ours to wait for.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    // Where it is ignored from outside nobody could be waited for.
    std::signal(SIGCHLD, SIG_DFL);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    children_ = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (children_ < 0) give_up(errno);
    timer_ = ::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (timer_ < 0) give_up(errno);
    if (::fcntl(orders_, F_SETFL, O_NONBLOCK) < 0) give_up(errno);
    // Whoever had the end for reports would seem to be us.
    for (const int own : {orders_, reports_}) {
        if (::fcntl(own, F_SETFD, FD_CLOEXEC) < 0) give_up(errno);
    }
}

void Guard::start(const ProgramImage& program, const sigset_t& mask) {
    obey();
    if (was_told_ || LeaseClock::now() >= deadlines_.term) {
        was_told_before_the_end_ = true;
        status_ = SIGTERM;
        finish();
    }
    const pid_t guard = ::getpid();
    program_ = ::fork();
    if (program_ == 0) become(program, mask, guard);
    if (program_ < 0) give_up(errno);
    ::setpgid(program_, program_);
    report(GuardReport::Kind::started, program_);
}

[[noreturn]] void Guard::become(const ProgramImage& program, const sigset_t& mask, pid_t parent) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    forget_handlers();
    ::sigprocmask(SIG_SETMASK, &mask, nullptr);
    // Too late: the guard's signal is on its way.
    while (LeaseClock::now() >= deadlines_.kill)
        ::pause();
    if (::getppid() == parent) {
        ::execve(program.path, program.words, program.environment);
        report(GuardReport::Kind::failed, errno);
    }
    ::_exit(127);
}

void Guard::wait() {
    const Instant now = LeaseClock::now();
    Instant next = was_told_ ? deadlines_.kill : std::min(deadlines_.term, deadlines_.kill);
    // Of the rest of the group we may hear nothing.
    if (has_ended_ || first_kill_) next = std::min(next, now + between_looks);
    if (next <= now) next = now + between_looks;
    const itimerspec when{{}, to_timespec(next)};
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
    std::array<pollfd, 3> polled{
        {{orders_, POLLIN, 0}, {timer_, POLLIN, 0}, {children_, POLLIN, 0}}};
    ::poll(polled.data(), polled.size(), longest_wait_ms);
}

// All that has come, before anything is done for the first of it: who comes late shall not act on
// a deadline that has been put off meanwhile.
void Guard::obey() {
    while (orders_ >= 0) {
        Deadlines order{};
        const ssize_t count = ::read(orders_, &order, sizeof order);
        if (count == 0) {
            orders_ = -1;
            return tell();
        }
        if (count != sizeof order) return;
        if (order.term == Instant::min()) {
            deadlines_.kill = std::min(deadlines_.kill, order.kill);
            if (order.kill == Instant::min()) kill();
            tell();
        } else if (!was_told_) {
            deadlines_ = order;
        }
    }
}

void Guard::reap() {
    signalfd_siginfo information{};
    while (::read(children_, &information, sizeof information) > 0) {
    }
    int status = 0;
    pid_t gone = 0;
    while ((gone = ::waitpid(-1, &status, WNOHANG)) > 0) {
        if (gone != program_) continue;
        has_ended_ = true;
        status_ = status;
        was_told_before_the_end_ = was_told_;
    }
}

void Guard::look_at_the_clock() {
    const Instant now = LeaseClock::now();
    if (now >= deadlines_.kill) return kill();
    if (has_ended_ || now >= deadlines_.term) tell();
}

// What is stopped could not end.
void Guard::tell() {
    if (std::exchange(was_told_, true) || program_ < 0) return;
    ::kill(-program_, SIGTERM);
    ::kill(-program_, SIGCONT);
}

void Guard::kill() {
    was_told_ = true;
    if (program_ < 0) return;
    ::kill(-program_, SIGKILL);
    if (!first_kill_) first_kill_ = LeaseClock::now();
}

bool Guard::is_over() const {
    if (!has_ended_) return false;
    const bool is_empty = ::kill(-program_, 0) != 0 && errno == ESRCH;
    return is_empty || (first_kill_ && LeaseClock::now() > *first_kill_ + last_wait);
}

void Guard::report(GuardReport::Kind kind, int value) const {
    const GuardReport report{kind, value, was_told_before_the_end_};
    [[maybe_unused]] const auto written = ::write(reports_, &report, sizeof report);
}

[[noreturn]] void Guard::give_up(int error) {
    report(GuardReport::Kind::failed, error);
    ::_exit(0);
}

[[noreturn]] void Guard::finish() {
    report(GuardReport::Kind::ended, status_);
    ::_exit(0);
}

}  // namespace

[[noreturn]] void guard(const ProgramImage& program, const sigset_t& mask, GuardPipes pipes,
                        Deadlines deadlines) {
    close_what_is_not_ours(pipes);
    Guard(pipes, deadlines).run(program, mask);
}

}  // namespace tenure::command
