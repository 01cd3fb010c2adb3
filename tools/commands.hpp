// What `tenure` can do, and how it says how that went.
#pragma once

#include <string>
#include <vector>

namespace tenure::command {

/// What follows the command's own name.
using Arguments = std::vector<std::string>;

/// As in sysexits.h; docs/command.md lists them.
namespace exit_code {
constexpr int success = 0;
constexpr int unsafe = 1;
constexpr int usage = 64;
constexpr int store_unusable = 69;
constexpr int internal = 70;
constexpr int cannot_write = 73;
constexpr int output_lost = 74;
}  // namespace exit_code

/// Each runs until it is done and returns the exit code.
/// Throws std::invalid_argument for what the user got wrong.
int campaign(const Arguments& arguments);
int observe(const Arguments& arguments);
int list(const Arguments& arguments);
int simulate(const Arguments& arguments);

}  // namespace tenure::command
