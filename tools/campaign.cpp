// `tenure campaign`: stands for election until it is told to stop, and says what happens.
#include <boost/asio/io_context.hpp>

#include "tools/candidate.hpp"
#include "tools/stop_signals.hpp"

namespace tenure::command {

int campaign(const Arguments& arguments) {
    CommandLine line("campaign", "stand for election, and leave the line on SIGINT or SIGTERM");
    const auto options = parse_candidate(line, arguments);
    if (!options) return exit_code::success;
    boost::asio::io_context context(1);
    Candidate candidate(context, *options);
    const StopSignals signals(context, [&] { candidate.stop(); });
    candidate.start();
    context.run();
    return candidate.failure().value_or(exit_code::success);
}

}  // namespace tenure::command
