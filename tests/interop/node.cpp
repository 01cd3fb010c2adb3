#include "tests/interop/node.hpp"

#include <filesystem>
#include <stdexcept>

namespace tenure::test {

Command node_command(const std::string& script, std::vector<std::string> arguments) {
    const std::filesystem::path folder = TENURE_NPM_FOLDER;
    // The script that installs them writes this file when it is done.
    if (!std::filesystem::exists(folder / "installed")) {
        throw std::runtime_error("the npm modules are missing; run scripts/npm-modules " +
                                 folder.string());
    }
    const std::filesystem::path scripts = TENURE_NODE_SCRIPTS;
    Command command{{"node", scripts / script}, {{"NODE_PATH", folder / "node_modules"}}};
    for (std::string& argument : arguments)
        command.words.push_back(std::move(argument));
    return command;
}

}  // namespace tenure::test
