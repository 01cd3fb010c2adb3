// Makes other people's bytes fit to print: a candidate's value may be anything.
#pragma once

#include <string>
#include <string_view>

namespace tenure::command {

/// The same text with U+FFFD in place of each byte that is not part of well-formed UTF-8.
std::string well_formed(std::string_view bytes);

/// Well-formed, and on one line: control characters become `\x0a` and the like, so that no
/// value can fake a line of ours or steer the reader's terminal.
std::string printable(std::string_view bytes);

/// How many columns it fills, counting one for each code point.
std::size_t width(std::string_view well_formed_text);

}  // namespace tenure::command
