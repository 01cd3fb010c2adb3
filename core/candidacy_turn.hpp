// One step of the candidacy while it is being worked out.
#pragma once

#include "core/candidacy_machine.hpp"

namespace tenure::detail {

struct CandidacyMachine::Turn {
    Moment at;
    Actions actions;
};

}  // namespace tenure::detail
