#include "tools/guarded_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect_pipe.hpp>
#include <boost/asio/read.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace tenure::command {
namespace {

namespace asio = boost::asio;

[[noreturn]] void fail(int error, const std::string& what) {
    throw std::system_error(error, std::generic_category(), what);
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& changes) {
    std::vector<std::string> variables;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string variable = *each;
        if (!changes.contains(variable.substr(0, variable.find('='))))
            variables.push_back(variable);
    }
    for (const auto& [name, value] : changes)
        variables.push_back(name + '=' + value);
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// 0, or why it cannot be executed.
int error_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return errno;
    if (!S_ISREG(status.st_mode)) return EACCES;
    return ::access(path.c_str(), X_OK) == 0 ? 0 : errno;
}

int status_of(int wait_status) {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

}  // namespace

std::string find_program(const std::string& name) {
    if (name.empty() || name.find('/') != name.npos) {
        if (const int error = error_of(name)) fail(error, '\'' + name + '\'');
        return name;
    }
    const char* const variable = std::getenv("PATH");
    const std::string folders = variable ? variable : "/usr/local/bin:/usr/bin:/bin";
    int worst = ENOENT;
    for (std::size_t at = 0; at <= folders.size();) {
        const std::size_t end = std::min(folders.find(':', at), folders.size());
        // An empty one is the working directory.
        const std::string folder = end == at ? "." : folders.substr(at, end - at);
        const std::string path = folder + '/' + name;
        const int error = error_of(path);
        if (error == 0) return path;
        if (error == EACCES) worst = error;
        at = end + 1;
    }
    fail(worst, '\'' + name + '\'');
}

GuardedProgram::GuardedProgram(asio::io_context& context, const Program& program,
                               Deadlines deadlines, std::function<void(End)> ended)
    : orders_(context), reports_(context), ended_(std::move(ended)) {
    start(program, deadlines);
    read();
}

GuardedProgram::~GuardedProgram() {
    if (guard_ < 0) return;
    kill();
    ::kill(guard_, SIGKILL);
    ::waitpid(guard_, nullptr, 0);
}

void GuardedProgram::start(const Program& program, Deadlines deadlines) {
    std::vector<std::string> words = program.words;
    std::vector<std::string> variables = environment_with(program.environment);
    const auto word_pointers = pointers_to(words);
    const auto variable_pointers = pointers_to(variables);
    asio::readable_pipe orders(orders_.get_executor());
    asio::writable_pipe reports(orders_.get_executor());
    boost::system::error_code error;
    asio::connect_pipe(orders, orders_, error);
    if (!error) asio::connect_pipe(reports_, reports, error);
    if (error) fail(error.value(), "pipe");
    const GuardPipes pipes{orders.native_handle(), reports.native_handle(), orders_.native_handle(),
                           reports_.native_handle()};
    ::fcntl(pipes.sent_orders, F_SETFL, O_NONBLOCK);

    // No handler of ours may run between fork() and the guard's own loop.
    sigset_t all;
    sigset_t mask;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    const pid_t guard_pid = ::fork();
    if (guard_pid == 0) {
        guard({program.path.c_str(), word_pointers.data(), variable_pointers.data()}, mask, pipes,
              deadlines);
    }
    const int fork_error = errno;
    pthread_sigmask(SIG_SETMASK, &mask, nullptr);
    if (guard_pid < 0) fail(fork_error, "fork");
    guard_ = guard_pid;
}

void GuardedProgram::extend(Deadlines deadlines) {
    send(deadlines);
}

void GuardedProgram::tell_to_end(Instant kill) {
    send({Instant::min(), kill});
}

// Not by the guard alone: it may be stopped. A program that has ended by itself, as a report says
// that was not read yet, was not killed.
void GuardedProgram::kill() {
    if (has_ended_ || report_waits()) return send({Instant::min(), Instant::min()});
    was_killed_by_us_ = true;
    if (group_ > 0) ::kill(-group_, SIGKILL);
    send({Instant::min(), Instant::min()});
    if (guard_ > 0) ::kill(guard_, SIGCONT);
}

bool GuardedProgram::report_waits() {
    pollfd reports{reports_.native_handle(), POLLIN, 0};
    return ::poll(&reports, 1, 0) > 0;
}

// One that does not fit into the pipe is dropped: a guard that does not read knows of an earlier
// deadline, and that is safe.
void GuardedProgram::send(Deadlines deadlines) {
    if (has_ended_) return;
    [[maybe_unused]] const auto written =
        ::write(orders_.native_handle(), &deadlines, sizeof deadlines);
}

void GuardedProgram::read() {
    asio::async_read(reports_, asio::buffer(report_),
                     [this](boost::system::error_code error, std::size_t) {
                         if (error == asio::error::operation_aborted) return;
                         if (error) return finish();
                         take(report_.front());
                         read();
                     });
}

void GuardedProgram::take(const GuardReport& report) {
    switch (report.kind) {
        case GuardReport::Kind::started: group_ = report.value; return;
        case GuardReport::Kind::failed:
            end_.not_started = {report.value, std::generic_category()};
            return;
        case GuardReport::Kind::ended:
            has_ended_ = true;
            end_.status = status_of(report.value);
            end_.was_told = report.was_told || was_killed_by_us_;
            return;
    }
}

// The guard is gone. If it did not say that the program is, somebody has killed it.
void GuardedProgram::finish() {
    if (!has_ended_ && !end_.not_started) {
        end_.guard_was_killed = true;
        if (group_ > 0) ::kill(-group_, SIGKILL);
    }
    has_ended_ = true;
    ::waitpid(std::exchange(guard_, -1), nullptr, 0);
    const auto ended = std::move(ended_);
    ended(end_);
}

}  // namespace tenure::command
