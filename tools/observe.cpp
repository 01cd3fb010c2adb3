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
    int outcome = exit_code::success;
    const auto stop = [&] {
        observer.stop();
        events.stopped();
        context.stop();
    };
    observer.on_error([&](error_code code, std::string_view doing) {
        if (outcome != exit_code::success) return;
        const auto final_code = final_exit_code(code);
        events.error(code, doing, final_code.has_value());
        if (!final_code) return;
        outcome = *final_code;
        stop();
    });

    const StopSignals signals(context, stop);
    events.started(without_password(line.store()));
    observer.start();
    context.run();
    return events.lost_output() ? exit_code::output_lost : outcome;
}

}  // namespace tenure::command
