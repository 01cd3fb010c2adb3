#include "tests/support/child_process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace tenure::test {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() { close(); }
    int get() const { return fd_; }
    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

private:
    int fd_;
};

[[noreturn]] void fail(const std::string& what, int error) {
    throw std::system_error(error, std::generic_category(), what);
}

struct Pipe {
    Descriptor out, in;
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2", errno);
        out = Descriptor(ends[0]);
        in = Descriptor(ends[1]);
    }
};

std::vector<std::string> environment_with(const std::map<std::string, std::string>& changes) {
    std::vector<std::string> variables;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string variable = *each;
        if (!changes.contains(variable.substr(0, variable.find('=')))) {
            variables.push_back(variable);
        }
    }
    for (const auto& [name, value] : changes) {
        if (!value.empty()) variables.push_back(name + '=' + value);
    }
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

// In the child, between fork and exec: nothing here may allocate or lock.
[[noreturn]] void become(char* const* words, char* const* environment, int input, int output,
                         int errors, int report, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    // Sockets of the test's own are not made so that they close by themselves: a child that had
    // them would keep a line open that the test has cut.
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::execvpe(words[0], words, environment);
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(report, &error, sizeof error);
    ::_exit(127);
}

int status_of(int wait_status) {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -WTERMSIG(wait_status);
}

}  // namespace

struct ChildProcess::State {
    // What one stream has brought. Guarded by `mutex`.
    struct Stream {
        Descriptor end;
        std::string text;
        bool closed = false;
    };

    pid_t pid = -1;
    Descriptor pidfd;
    Descriptor stop{::eventfd(0, EFD_CLOEXEC)};
    std::mutex mutex;
    std::condition_variable arrived;
    Stream output, errors;
    std::optional<int> status;
    std::thread reader;

    void start(Command command);
    void read_all();
    void take(Stream& stream);
    std::optional<std::string> line_of(Stream& stream, Clock::time_point until);
};

void ChildProcess::State::start(Command command) {
    if (command.words.empty()) throw std::invalid_argument("no program to start");
    std::vector<std::string> variables = environment_with(command.environment);
    const auto words = pointers_to(command.words);
    const auto environment = pointers_to(variables);
    Pipe out, err, report;
    const Descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const pid_t parent = ::getpid();
    pid = ::fork();
    if (pid < 0) fail("fork", errno);
    if (pid == 0) {
        become(words.data(), environment.data(), null.get(), out.in.get(), err.in.get(),
               report.in.get(), parent);
    }
    pidfd = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    report.in.close();
    int error = 0;
    if (::read(report.out.get(), &error, sizeof error) == sizeof error) {
        ::waitpid(pid, nullptr, 0);
        fail("cannot start '" + command.words.front() + "'", error);
    }
    output.end = std::move(out.out);
    errors.end = std::move(err.out);
    out.in.close();
    err.in.close();
    reader = std::thread([this] { read_all(); });
}

void ChildProcess::State::read_all() {
    std::array<pollfd, 3> polled{
        {{output.end.get(), POLLIN, 0}, {errors.end.get(), POLLIN, 0}, {stop.get(), POLLIN, 0}}};
    while (polled[0].fd >= 0 || polled[1].fd >= 0) {
        if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) break;
        if (polled[2].revents != 0) break;
        if (polled[0].revents != 0) take(output);
        if (polled[1].revents != 0) take(errors);
        std::lock_guard lock(mutex);
        if (output.closed) polled[0].fd = -1;
        if (errors.closed) polled[1].fd = -1;
    }
    std::lock_guard lock(mutex);
    output.closed = errors.closed = true;
    arrived.notify_all();
}

void ChildProcess::State::take(Stream& stream) {
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(stream.end.get(), buffer.data(), buffer.size());
    std::lock_guard lock(mutex);
    if (count > 0) {
        stream.text.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
        stream.closed = true;
    }
    arrived.notify_all();
}

std::optional<std::string> ChildProcess::State::line_of(Stream& stream, Clock::time_point until) {
    std::unique_lock lock(mutex);
    arrived.wait_until(
        lock, until, [&] { return stream.closed || stream.text.find('\n') != std::string::npos; });
    const auto end = stream.text.find('\n');
    if (end == std::string::npos) {
        if (!stream.closed || stream.text.empty()) return std::nullopt;
        return std::exchange(stream.text, {});
    }
    std::string line = stream.text.substr(0, end);
    stream.text.erase(0, end + 1);
    return line;
}

ChildProcess::ChildProcess(Command command) : state_(std::make_unique<State>()) {
    state_->start(std::move(command));
}

ChildProcess::~ChildProcess() {
    if (!state_->status) {
        signal(SIGKILL);
        wait(std::chrono::seconds(10));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(state_->stop.get(), &one, sizeof one);
    state_->reader.join();
}

pid_t ChildProcess::pid() const noexcept {
    return state_->pid;
}

void ChildProcess::signal(int number) {
    std::lock_guard lock(state_->mutex);
    if (state_->status || ::kill(state_->pid, number) != 0 || number != SIGSTOP) return;
    siginfo_t information{};
    ::waitid(P_PID, static_cast<id_t>(state_->pid), &information, WSTOPPED | WEXITED | WNOWAIT);
}

std::optional<int> ChildProcess::wait(milliseconds bound) {
    const auto until = Clock::now() + bound;
    for (;;) {
        {
            std::lock_guard lock(state_->mutex);
            int wait_status = 0;
            if (!state_->status && ::waitpid(state_->pid, &wait_status, WNOHANG) == state_->pid) {
                state_->status = status_of(wait_status);
            }
            if (state_->status) return state_->status;
        }
        const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
        if (left <= 0) return std::nullopt;
        pollfd ended{state_->pidfd.get(), POLLIN, 0};
        ::poll(&ended, 1, static_cast<int>(left));
    }
}

std::optional<std::string> ChildProcess::read_line(milliseconds bound) {
    return state_->line_of(state_->output, Clock::now() + bound);
}

std::optional<std::string> ChildProcess::read_error_line(milliseconds bound) {
    return state_->line_of(state_->errors, Clock::now() + bound);
}

std::optional<std::string> ChildProcess::read_until(const std::string& part, milliseconds bound) {
    const auto until = Clock::now() + bound;
    for (;;) {
        auto line = state_->line_of(state_->output, until);
        if (!line || line->find(part) != std::string::npos) return line;
    }
}

std::string ChildProcess::rest_of_output() {
    std::lock_guard lock(state_->mutex);
    return std::exchange(state_->output.text, {});
}

std::string ChildProcess::rest_of_errors() {
    std::lock_guard lock(state_->mutex);
    return std::exchange(state_->errors.text, {});
}

Ended run(Command command, milliseconds bound) {
    const auto until = Clock::now() + bound;
    const std::string program = command.words.empty() ? "" : command.words.front();
    ChildProcess child(std::move(command));
    Ended ended;
    // Until standard output is closed, then until the end: the last lines are never missed.
    while (auto line = child.read_line(std::chrono::ceil<milliseconds>(
               std::max(until - Clock::now(), Clock::duration{})))) {
        ended.output += *line + '\n';
    }
    const auto status = child.wait(
        std::chrono::ceil<milliseconds>(std::max(until - Clock::now(), Clock::duration{})));
    if (!status) throw std::runtime_error("'" + program + "' did not end in time");
    ended.status = *status;
    while (auto line = child.read_error_line(milliseconds(1000)))
        ended.errors += *line + '\n';
    return ended;
}

}  // namespace tenure::test
