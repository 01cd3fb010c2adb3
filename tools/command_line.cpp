#include "tools/command_line.hpp"

#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>
#include <iostream>
#include <stdexcept>

namespace tenure::command {
namespace {

namespace po = boost::program_options;

// No guessing: an abbreviation that works today is another option's name tomorrow.
constexpr int style = po::command_line_style::allow_long | po::command_line_style::long_allow_next |
                      po::command_line_style::long_allow_adjacent;

bool asks_for_help(const Arguments& arguments) {
    for (const std::string& argument : arguments) {
        if (argument == "--help" || argument == "-h") return true;
    }
    return false;
}

// Without a description of positional arguments the parser would drop them silently.
void refuse_stray(const po::parsed_options& parsed) {
    for (const po::option& option : parsed.options) {
        if (option.position_key >= 0) {
            throw std::invalid_argument("unexpected argument '" + option.value.front() + "'");
        }
    }
}

}  // namespace

CommandLine::CommandLine(std::string command, std::string summary, Common common)
    : command_(std::move(command)), summary_(std::move(summary)), options_("Options") {
    if (common == Common::nothing) return;
    add()("store", po::value(&store_)->required()->value_name("URL"),
          "where the election is: memory:, memory:NAME, etcd://HOST:PORT[,HOST:PORT] or, through "
          "TLS, etcds://…; docs/command.md has more");
    add()("election", po::value(&election_)->required()->value_name("NAME"),
          "the election, the same name for all candidates");
}

CommandLine::Outcome CommandLine::parse(const Arguments& arguments) {
    add()("json", po::bool_switch(&json_), "print one JSON object a line");
    add()("help", "print this text");
    if (asks_for_help(arguments)) {
        print_help();
        return Outcome::help_was_printed;
    }
    try {
        const auto parsed = po::command_line_parser(arguments).options(options_).style(style).run();
        refuse_stray(parsed);
        po::variables_map values;
        po::store(parsed, values);
        po::notify(values);
    } catch (const po::error& wrong) {
        throw std::invalid_argument(wrong.what());
    }
    return Outcome::run;
}

void CommandLine::print_help() const {
    std::cout << "tenure " << command_ << ": " << summary_ << "\n\n" << options_ << std::flush;
}

}  // namespace tenure::command
