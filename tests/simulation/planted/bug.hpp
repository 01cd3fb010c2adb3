// Which of the planted bugs is switched on.
#pragma once

#include <string_view>

namespace tenure::testing {

enum class Bug {
    none,
#define TENURE_BUG(name, rule, what) name,
#include "tests/simulation/planted/bugs.inc"
#undef TENURE_BUG
};

/// Set before a world begins, read from then on.
inline Bug planted_bug = Bug::none;

inline bool is_planted(Bug bug) {
    return planted_bug == bug;
}

}  // namespace tenure::testing
