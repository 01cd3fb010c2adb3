// Safety rule 13: options are checked where an object is made, and what is wrong is named.
#pragma once

#include <tenure/options.hpp>
#include <tenure/scheduler.hpp>

#include "core/candidacy_machine.hpp"
#include "core/observer_machine.hpp"
#include "core/session_machine.hpp"

namespace tenure::detail {

/// Each throws std::invalid_argument that names what is wrong.
SessionMachine::Config check(const SessionOptions& options);
CandidacyMachine::Config check(const CandidacyOptions& options,
                               const SessionMachine::Config& session);
ObserverMachine::Config check(const ObserverOptions& options);

/// Of the observer that runs beside a candidacy.
ObserverOptions follower_part(const std::string& election, const SessionMachine::Config& session);
SessionOptions session_part(const ElectionOptions& options);
CandidacyOptions candidacy_part(const ElectionOptions& options);

/// The given seed, or one from the scheduler. Throws std::invalid_argument when there is none.
std::uint64_t seed_from(const std::optional<std::uint64_t>& seed,
                        const std::shared_ptr<Scheduler>& scheduler);

}  // namespace tenure::detail
