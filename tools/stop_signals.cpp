#include "tools/stop_signals.hpp"

#include <unistd.h>

#include <csignal>

namespace tenure::command {
namespace {

// Not through the context: it may be what does not come to an end.
void exit_at_once_on(int signal) {
    std::signal(signal, [](int number) { _exit(128 + number); });
}

}  // namespace

StopSignals::StopSignals(boost::asio::io_context& context, std::function<void()> stop)
    : signals_(context, SIGINT, SIGTERM) {
    std::signal(SIGPIPE, SIG_IGN);
    signals_.async_wait([this, stop = std::move(stop)](boost::system::error_code error, int) {
        if (error) return;
        signals_.clear();
        exit_at_once_on(SIGINT);
        exit_at_once_on(SIGTERM);
        stop();
    });
}

}  // namespace tenure::command
