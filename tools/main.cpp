// The command `tenure`: chooses what to do, and turns what went wrong into one line and an
// exit code. docs/command.md is its manual.
#include <algorithm>
#include <array>
#include <iostream>
#include <stdexcept>
#include <string_view>

#include "tools/commands.hpp"
#include "tools/text.hpp"

namespace tenure::command {
namespace {

struct Command {
    std::string_view name;
    std::string_view summary;
    int (*run)(const Arguments& arguments);
};

constexpr std::array commands{
    Command{"campaign", "stand for election until told to stop", campaign},
    Command{"observe", "say who leads, and each time that changes", observe},
    Command{"list", "print the candidates in line, the leader first", list},
    Command{"run", "run a program while it leads", run},
    Command{"depose", "take the leader's entry away", depose},
    Command{"simulate", "play elections under faults in a simulated world, and draw it", simulate},
};

std::string known_commands() {
    std::string names;
    for (const Command& command : commands)
        names.append(names.empty() ? "" : ", ").append(command.name);
    return names;
}

void print_help() {
    std::cout << "tenure COMMAND OPTIONS: leader election from the command line\n\n";
    for (const Command& command : commands) {
        std::cout << "  " << command.name << std::string(12 - command.name.size(), ' ')
                  << command.summary << '\n';
    }
    std::cout << "\n  tenure COMMAND --help   what the command takes\n"
                 "  tenure --version        which version this is\n"
              << std::flush;
}

int refuse(std::string_view who, std::string_view what) {
    std::cerr << who << ": " << printable(what) << std::endl;
    return exit_code::usage;
}

int carry_out(const Command& command, const Arguments& arguments) {
    const std::string who = "tenure " + std::string(command.name);
    try {
        return command.run(arguments);
    } catch (const std::invalid_argument& wrong) {
        return refuse(who, wrong.what());
    } catch (const std::exception& failure) {
        std::cerr << who << ": " << printable(failure.what()) << std::endl;
        return exit_code::internal;
    }
}

int choose(Arguments arguments) {
    if (arguments.empty()) {
        return refuse("tenure", "no command given; known are " + known_commands());
    }
    const std::string name = arguments.front();
    arguments.erase(arguments.begin());
    if (name == "--help" || name == "-h") {
        print_help();
        return exit_code::success;
    }
    if (name == "--version") {
        std::cout << "tenure " TENURE_VERSION << std::endl;
        return exit_code::success;
    }
    const auto command = std::ranges::find(commands, name, &Command::name);
    if (command == commands.end()) {
        return refuse("tenure", "unknown command '" + name + "'; known are " + known_commands());
    }
    return carry_out(*command, arguments);
}

}  // namespace
}  // namespace tenure::command

int main(int count, char** values) {
    return tenure::command::choose({values + 1, values + std::max(count, 1)});
}
