// Walks every interleaving of a model, the shortest first, and remembers where it has been.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <set>
#include <string>

#include "tests/exploration/model.hpp"

namespace tenure::exploration {

struct Limits {
    /// So many steps deep, or until nothing new is found.
    std::size_t depth = 1000;
    /// A guard for the memory: the layer that exceeds it is not gone through to its end.
    std::size_t states = 4000000;
    /// From one state in so many a run without faults must lead to a leader.
    std::size_t liveness_sample = 64;
};

struct Report {
    std::size_t states = 0;
    std::size_t transitions = 0;
    /// Every run of so many steps was gone through.
    std::size_t depth = 0;
    /// There is nothing beyond.
    bool closed = false;
    std::size_t fair_runs = 0;
    /// By any candidate's machines.
    std::set<detail::SessionMachine::State> session_states;
    std::set<detail::CandidacyMachine::State> candidacy_states;
    /// Of the processor.
    double seconds = 0;
    std::size_t peak_megabytes = 0;
    /// What does not hold, and the shortest way there; empty when all is well.
    std::string violation;

    /// Adds what the other has reached.
    Report& operator+=(const Report& other);
};

Report explore(const Bounds& bounds, const Limits& limits);

/// Nothing is lost or late any more: throws `Violation` unless soon one leads of those who want
/// to, and who does not want to has left.
void check_fair_run(World world);

std::ostream& operator<<(std::ostream& out, const Report& report);

}  // namespace tenure::exploration
