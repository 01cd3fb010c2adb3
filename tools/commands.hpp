// What `tenure` can do, and how it says how that went.
#pragma once

#include <optional>
#include <string>
#include <tenure/error.hpp>
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
constexpr int denied = 77;
/// As shells say it of a program.
constexpr int cannot_execute = 126;
constexpr int not_found = 127;
}  // namespace exit_code

/// What to end with when going on is of no use: somebody has to change who is trusted, or who may
/// do what. Nothing for what may pass by itself, a store that is down above all.
inline std::optional<int> final_exit_code(error_code code) {
    if (code == errc::denied) return exit_code::denied;
    if (code == errc::untrusted) return exit_code::store_unusable;
    return std::nullopt;
}

/// Each runs until it is done and returns the exit code.
/// Throws std::invalid_argument for what the user got wrong.
int campaign(const Arguments& arguments);
int observe(const Arguments& arguments);
int list(const Arguments& arguments);
int run(const Arguments& arguments);
int depose(const Arguments& arguments);
int simulate(const Arguments& arguments);

}  // namespace tenure::command
