// A world full of candidates and faults that a few numbers describe: what the tests of this
// library run by the thousand, and `tenure simulate` draws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tenure/simulation/world.hpp>

namespace tenure::sim {

struct Scenario {
    std::uint64_t seed = 1;
    /// 0: from 2 to 7, as the seed decides.
    unsigned nodes = 0;
    /// In three fifths of it faults begin; in the rest the world is healed, and has to find a
    /// leader.
    Duration lasting = std::chrono::seconds(60);
    /// `lasting` inside is replaced.
    ChaosOptions faults = all_chaos();
    bool trace_messages = false;
};

struct Outcome {
    Trace trace;
    /// The property that did not hold, and the words for it.
    std::string property;
    std::string violation;
    /// Virtual time that was lived through.
    Duration covered{};
    std::uint64_t steps = 0;

    bool is_safe() const { return property.empty(); }
};

/// Runs it to its end, or to the first violation.
Outcome play(const Scenario& scenario);

/// The command that replays and draws it; for faults that the command cannot be told, these in
/// words behind it.
std::string command_of(const Scenario& scenario);

}  // namespace tenure::sim
