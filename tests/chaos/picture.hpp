// A run as a picture: a lane for each member and candidate, with who led and what was done to whom.
#pragma once

#include <string>

#include "tests/chaos/history.hpp"

namespace tenure::chaos {

/// An SVG document; a long run is drawn as strips, one below the other.
std::string draw(const History& history, const std::string& title);

}  // namespace tenure::chaos
