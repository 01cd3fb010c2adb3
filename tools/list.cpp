// `tenure list`: who stands in line, the leader first, by one linearizable read.
#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <string>
#include <tenure/observer.hpp>
#include <tenure/open_store.hpp>
#include <vector>

#include "tools/command_line.hpp"
#include "tools/entries.hpp"
#include "tools/events.hpp"
#include "tools/text.hpp"

namespace tenure::command {
namespace {

using Row = std::array<std::string, 5>;

std::vector<Row> rows_of(const std::vector<Entry>& entries) {
    std::vector<Row> rows{{"position", "token", "lease", "candidate", "key"}};
    for (const Entry& entry : entries) {
        rows.push_back({std::to_string(rows.size()), std::to_string(to_integer(entry.created)),
                        hexadecimal(entry.lease), printable(entry.value), printable(entry.key)});
    }
    return rows;
}

bool print_table(const std::vector<Entry>& entries) {
    const std::vector<Row> rows = rows_of(entries);
    std::array<std::size_t, 5> widths{};
    for (const Row& row : rows) {
        for (std::size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], width(row[column]));
    }
    return std::ranges::all_of(rows, [&](const Row& row) {
        std::string text;
        for (std::size_t column = 0; column + 1 < row.size(); ++column)
            text += row[column] + std::string(widths[column] + 2 - width(row[column]), ' ');
        return write_line(text + row.back());
    });
}

bool print_json(const std::vector<Entry>& entries) {
    std::size_t position = 0;
    return std::ranges::all_of(
        entries, [&](const Entry& entry) { return write_line(json_of(entry, ++position)); });
}

}  // namespace

int list(const Arguments& arguments) {
    CommandLine line("list", "print the candidates in line, the leader first");
    if (line.parse(arguments) == CommandLine::Outcome::help_was_printed) return exit_code::success;

    boost::asio::io_context context(1);
    const auto store = open_store(context.get_executor(), line.store());
    // Never started: its constructor knows what an election may be called.
    const Observer name_check(context.get_executor(), store, {.election = line.election()});

    const auto listing = ask<Listing>(context, [&](Reply<Listing> reply) {
        store->list({.prefix = line.election()}, std::move(reply));
    });
    if (!listing) return say_unusable("list", line.store(), listing.error());
    const bool written = line.json() ? print_json(listing->entries) : print_table(listing->entries);
    return written ? exit_code::success : exit_code::output_lost;
}

}  // namespace tenure::command
