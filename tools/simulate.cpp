// `tenure simulate`: plays candidates and faults in a simulated world, and draws what came.
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <cerrno>
#include <charconv>
#include <clocale>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <tenure/simulation/scenario.hpp>
#include <tenure/simulation/timeline.hpp>

#include "tools/command_line.hpp"
#include "tools/duration.hpp"
#include "tools/events.hpp"
#include "tools/text.hpp"
#include "tools/trace_json.hpp"

namespace tenure::command {
namespace {

namespace po = boost::program_options;
using Kind = sim::TraceEvent::Kind;

struct SimulateOptions {
    sim::Scenario scenario;
    /// As they were written; empty is all.
    std::string faults;
    std::optional<std::int64_t> drift;
    std::optional<std::string> svg_file;
    Format format = Format::text;
};

template <class Number>
Number parse_number(std::string_view option, std::string_view text, Number least, Number most) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc() || rest != end || number < least || number > most) {
        throw std::invalid_argument(std::string(option) + ": '" + std::string(text) +
                                    "' is not a whole number from " + std::to_string(least) +
                                    " to " + std::to_string(most));
    }
    return number;
}

// Short, so that it is easily typed again.
std::uint64_t some_seed() {
    std::random_device device;
    return 1 + device() % 999'999;
}

struct Words {
    std::string seed, nodes, lasting, faults, drift, svg_file;
};

SimulateOptions read(const Words& words) {
    SimulateOptions options;
    options.scenario.seed = words.seed.empty()
                                ? some_seed()
                                : parse_number<std::uint64_t>("--seed", words.seed, 0, UINT64_MAX);
    if (!words.nodes.empty()) {
        options.scenario.nodes = parse_number<unsigned>("--nodes", words.nodes, 1, 20);
    }
    options.scenario.lasting = parse_duration("--for", words.lasting);
    if (words.faults != "all") {
        options.faults = words.faults;
        options.scenario.faults = sim::parse_faults(words.faults);
    }
    if (!words.drift.empty()) {
        options.drift = parse_number<std::int64_t>("--drift", words.drift, 0, 500'000);
        options.scenario.faults.drift = *options.drift;
    }
    if (!words.svg_file.empty()) options.svg_file = words.svg_file;
    return options;
}

// Empty when help was printed. An option that is given must have a value.
std::optional<SimulateOptions> parse(const Arguments& arguments) {
    Words words;
    CommandLine line("simulate", "play elections under faults in a simulated world, and draw it",
                     CommandLine::Common::nothing);
    const auto value = [](std::string& into, const char* name, const std::string& option) {
        return po::value<std::string>()->value_name(name)->notifier(
            [&into, option](const std::string& text) {
                if (text.empty()) throw std::invalid_argument(option + ": '' is no value");
                into = text;
            });
    };
    line.add()("seed", value(words.seed, "N", "--seed"),
               "what decides everything; another one each time when not given");
    line.add()("nodes", value(words.nodes, "N", "--nodes"),
               "how many candidates, from 1 to 20; the seed decides when not given");
    line.add()("for", value(words.lasting, "DURATION", "--for")->default_value("60s"),
               "virtual time: 1500ms, 10s, 2m; faults begin in the first three fifths of it");
    line.add()("faults", value(words.faults, "NAMES", "--faults")->default_value("all"),
               "which faults, separated by commas: all, none, or names such as "
               "partitions,pauses,crashes,outages");
    line.add()("drift", value(words.drift, "PPM", "--drift"),
               "each clock runs up to so much fast or slow; above 50000 the promise ends");
    line.add()("timeline", value(words.svg_file, "FILE", "--timeline"),
               "write the picture as SVG, too");
    if (line.parse(arguments) == CommandLine::Outcome::help_was_printed) return std::nullopt;
    SimulateOptions options = read(words);
    if (line.json()) options.format = Format::json;
    return options;
}

/// The command that plays the same again.
std::string command_of(const SimulateOptions& options) {
    const sim::Scenario& scenario = options.scenario;
    std::string words = "tenure simulate --seed " + std::to_string(scenario.seed);
    if (scenario.nodes > 0) words += " --nodes " + std::to_string(scenario.nodes);
    words += " --for " + format_duration(scenario.lasting);
    if (!options.faults.empty()) words += " --faults " + options.faults;
    if (options.drift) words += " --drift " + std::to_string(*options.drift);
    return words;
}

std::size_t count(const sim::Trace& trace, Kind kind) {
    return static_cast<std::size_t>(std::ranges::count(trace, kind, &sim::TraceEvent::kind));
}

std::size_t nodes_of(const sim::Timeline& timeline) {
    return timeline.lanes.size() - 1;
}

std::string title_of(const SimulateOptions& options, const sim::Timeline& timeline) {
    const std::size_t nodes = nodes_of(timeline);
    return "seed " + std::to_string(options.scenario.seed) + ", " + std::to_string(nodes) +
           (nodes == 1 ? " node, " : " nodes, ") + format_duration(options.scenario.lasting) +
           " of virtual time";
}

sim::TerminalOptions terminal() {
    sim::TerminalOptions options;
    std::setlocale(LC_CTYPE, "");
    options.unicode = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    if (isatty(STDOUT_FILENO) == 0) return options;
    const auto is_set = [](const char* name) {
        const char* const text = std::getenv(name);
        return text != nullptr && *text != '\0';
    };
    const char* const kind = std::getenv("TERM");
    options.colour = !is_set("NO_COLOR") && kind != nullptr && std::string_view(kind) != "dumb";
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        options.columns = std::clamp<std::size_t>(size.ws_col, 60, 160);
    }
    return options;
}

bool print_text(const SimulateOptions& options, const sim::Outcome& outcome,
                const sim::Timeline& timeline) {
    std::ostringstream out;
    out << title_of(options, timeline) << "\n\n"
        << sim::to_terminal(timeline, terminal()) << '\n'
        << count(outcome.trace, Kind::elected) << " times elected, in " << outcome.steps
        << " steps; " << (outcome.is_safe() ? "every property held" : "NOT SAFE")
        << ". The same again:\n"
        << command_of(options);
    return write_line(out.str());
}

bool print_json(const SimulateOptions& options, const sim::Outcome& outcome,
                const sim::Timeline& timeline) {
    for (const sim::TraceEvent& event : outcome.trace) {
        if (!write_line(boost::json::serialize(json_of(event)))) return false;
    }
    boost::json::object summary;
    summary["event"] = "summary";
    summary["seed"] = options.scenario.seed;
    summary["nodes"] = nodes_of(timeline);
    summary["safe"] = outcome.is_safe();
    if (!outcome.is_safe()) summary["property"] = outcome.property;
    summary["elected"] = count(outcome.trace, Kind::elected);
    summary["steps"] = outcome.steps;
    summary["again"] = command_of(options);
    summary["at"] = virtual_stamp(outcome.covered);
    return write_line(boost::json::serialize(summary));
}

// False when it cannot be written; then that has been said.
bool write_svg(const std::string& file, const std::string& document) {
    errno = 0;
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << document;
    out.close();
    if (out) return true;
    const std::string why = errno != 0 ? std::strerror(errno) : "it cannot be written";
    std::cerr << "tenure simulate: --timeline: " << printable(file) << ": " << why << std::endl;
    return false;
}

void tell_violation(const SimulateOptions& options, const sim::Outcome& outcome) {
    const auto violation =
        std::ranges::find(outcome.trace, Kind::violation, &sim::TraceEvent::kind);
    const std::string words =
        violation == outcome.trace.end() ? outcome.violation : violation->what;
    std::cerr << "tenure simulate: a property does not hold: " << printable(words)
              << "\ntenure simulate: this plays it again and draws it: " << command_of(options)
              << " --timeline out.svg" << std::endl;
}

}  // namespace

int simulate(const Arguments& arguments) {
    const auto options = parse(arguments);
    if (!options) return exit_code::success;
    const sim::Outcome outcome = sim::play(options->scenario);
    const sim::Timeline timeline = sim::make_timeline(outcome.trace, outcome.covered);
    const bool printed = options->format == Format::json ? print_json(*options, outcome, timeline)
                                                         : print_text(*options, outcome, timeline);
    bool drawn = true;
    if (options->svg_file) {
        drawn = write_svg(*options->svg_file, sim::to_svg(timeline, title_of(*options, timeline)));
    }
    if (!outcome.is_safe()) {
        tell_violation(*options, outcome);
        return exit_code::unsafe;
    }
    if (!drawn) return exit_code::cannot_write;
    return printed ? exit_code::success : exit_code::output_lost;
}

}  // namespace tenure::command
