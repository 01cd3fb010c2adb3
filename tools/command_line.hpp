// The options of one command: what is the same for all, and what it adds.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <string>

#include "tools/commands.hpp"

namespace tenure::command {

class CommandLine {
public:
    enum class Common { store_and_election, nothing };
    /// With `--json` and `--help`, and with `--store` and `--election` unless it takes nothing
    /// of what most commands have in common.
    CommandLine(std::string command, std::string summary,
                Common common = Common::store_and_election);

    boost::program_options::options_description_easy_init add() { return options_.add_options(); }

    enum class Outcome { run, help_was_printed };
    /// Fills the variables that the options were given. Call it once.
    /// Throws std::invalid_argument that names the option that is wrong.
    Outcome parse(const Arguments& arguments);

    const std::string& store() const { return store_; }
    const std::string& election() const { return election_; }
    bool json() const { return json_; }

private:
    void print_help() const;

    std::string command_;
    std::string summary_;
    boost::program_options::options_description options_;
    std::string store_;
    std::string election_;
    bool json_ = false;
};

}  // namespace tenure::command
