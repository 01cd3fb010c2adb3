// `tenure observe`: says who leads, and each time that changes, without standing.
#include <boost/asio/io_context.hpp>
#include <optional>
#include <tenure/observer.hpp>
#include <tenure/open_store.hpp>

#include "tools/command_line.hpp"
#include "tools/events.hpp"
#include "tools/stop_signals.hpp"

namespace tenure::command {

int observe(const Arguments& arguments) {
    CommandLine line("observe", "say who leads, until SIGINT or SIGTERM");
    if (line.parse(arguments) == CommandLine::Outcome::help_was_printed) return exit_code::success;

    boost::asio::io_context context(1);
    Observer observer(context.get_executor(), open_store(context.get_executor(), line.store()),
                      {.election = line.election()});
    EventWriter events({line.election(), std::nullopt}, line.json() ? Format::json : Format::text,
                       [&] { context.stop(); });
    observer.on_leader([&](const std::optional<Leader>& leader) { events.leader(leader); });
    observer.on_error([&](error_code code, std::string_view doing) { events.error(code, doing); });

    const StopSignals signals(context, [&] {
        observer.stop();
        events.stopped();
        context.stop();
    });
    events.started(line.store());
    observer.start();
    context.run();
    return events.lost_output() ? exit_code::output_lost : exit_code::success;
}

}  // namespace tenure::command
