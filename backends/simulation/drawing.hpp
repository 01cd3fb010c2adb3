// What both pictures of a timeline have in common.
#pragma once

#include <string>
#include <string_view>
#include <tenure/simulation/timeline.hpp>

namespace tenure::sim::detail {

/// The smallest round time of which at most `most` fit into `length`.
Duration tick_step(Duration length, std::size_t most);
/// As on an axis: "1500 ms", "10 s", "2 m", "1 m 30 s".
std::string short_time(Duration time);
/// As in a text: "12.345 s".
std::string exact_time(Duration time);
/// Its place in `timeline.elections`.
std::size_t index_of(const Timeline& timeline, const std::string& election);
/// The same bytes with '?' for what is not well-formed UTF-8 and for control characters, which
/// neither a terminal nor XML takes.
std::string harmless(std::string_view bytes);
/// How many columns that fills, counting one for each code point.
std::size_t width_of(std::string_view harmless_text);

/// How a fault is shown, and what it is called where there is little room.
enum class FaultKind { hampers_line, cuts_line, stops_process };
struct FaultSign {
    FaultKind kind;
    std::string brief;
    char letter;
};
FaultSign sign_of_fault(const std::string& name);
/// A letter and a few words for what happened, and what that means in general.
struct MarkSign {
    char letter;
    std::string brief;
    std::string meaning;
};
MarkSign sign_of_mark(const std::string& words);

}  // namespace tenure::sim::detail
