// The scripts of this folder, run by node with the npm modules at hand.
#pragma once

#include <string>
#include <vector>

#include "tests/support/child_process.hpp"

namespace tenure::test {

/// `script` is a file of this folder. Throws std::runtime_error, saying what to run, when the
/// modules are not installed.
Command node_command(const std::string& script, std::vector<std::string> arguments);

}  // namespace tenure::test
