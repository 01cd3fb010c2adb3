// `tenure depose`: takes the leader's entry away, and so makes the next in line lead.
#include <boost/asio/io_context.hpp>
#include <tenure/observer.hpp>
#include <tenure/open_store.hpp>

#include "tools/command_line.hpp"
#include "tools/entries.hpp"
#include "tools/events.hpp"
#include "tools/text.hpp"

namespace tenure::command {

int depose(const Arguments& arguments) {
    CommandLine line("depose",
                     "take the leader's entry away; it stands again at the tail, and the next in "
                     "line leads");
    if (line.parse(arguments) == CommandLine::Outcome::help_was_printed) return exit_code::success;

    boost::asio::io_context context(1);
    const auto store = open_store(context.get_executor(), line.store());
    // Never started: its constructor knows what an election may be called.
    const Observer name_check(context.get_executor(), store, {.election = line.election()});

    const auto listing = ask<Listing>(context, [&](Reply<Listing> reply) {
        store->list({.prefix = line.election(), .limit = 1}, std::move(reply));
    });
    if (!listing) return say_unusable("depose", line.store(), listing.error());
    if (listing->entries.empty()) {
        const bool said = line.json() || write_line("nobody leads " + printable(line.election()));
        return said ? exit_code::success : exit_code::output_lost;
    }
    // This one or none: who rises in between has another entry.
    const Entry& leader = listing->entries.front();
    const auto removed =
        ask<void>(context, [&](Reply<void> reply) { store->remove(leader, std::move(reply)); });
    if (!removed) return say_unusable("depose", line.store(), removed.error());
    const bool written =
        write_line(line.json() ? json_of(leader, 1)
                               : "deposed " + printable(leader.value) + ", token " +
                                     std::to_string(to_integer(leader.created)));
    return written ? exit_code::success : exit_code::output_lost;
}

}  // namespace tenure::command
