// Reads the journals of a run into its history.
#pragma once

#include <filesystem>
#include <string_view>

#include "tests/chaos/history.hpp"

namespace tenure::chaos {

/// All files `*.jsonl` of the folder. Throws std::runtime_error that names the file and the line
/// that cannot be read; the last line of a process that was killed may be cut short.
History read_history(const std::filesystem::path& folder);

/// One journal's text. `name` is the file's: `ann-2` for the second process of ann, else whose it
/// is.
void read_journal(History& history, const std::string& name, std::string_view text);

}  // namespace tenure::chaos
