// How far an exploration goes, by default and when somebody asks for more.
#pragma once

#include "tests/exploration/explorer.hpp"

namespace tenure::exploration {

/// Explores, prints what it was, and asserts that nothing was violated.
///
/// `TENURE_EXPLORE_FAULTS=1` allows each run one fault more, `TENURE_EXPLORE_DEPTH` ends every
/// run after so many steps, `TENURE_EXPLORE_STATES` is the guard for the memory: some 300 bytes
/// a state. Under a sanitizer the guard is low.
Report play(const char* name, Bounds bounds);

}  // namespace tenure::exploration
