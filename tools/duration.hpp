// Durations as people write them: `1500ms`, `10s`, `2m`.
#pragma once

#include <string>
#include <string_view>
#include <tenure/types.hpp>

namespace tenure::command {

/// Throws std::invalid_argument that names the option, unless `text` is a duration above zero
/// and at most 24 hours.
Duration parse_duration(std::string_view option, std::string_view text);

/// The shortest of the three forms that says it exactly, to the millisecond.
std::string format_duration(Duration duration);

}  // namespace tenure::command
