// One run: a real cluster, candidates, a ledger and an onlooker; first peace, then the schedule,
// then peace again; and all of it written down in a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <tenure/types.hpp>

#include "tests/chaos/checker.hpp"
#include "tests/chaos/figures.hpp"
#include "tests/chaos/schedule.hpp"

namespace tenure::chaos {

struct RunOptions {
    std::filesystem::path folder;
    std::filesystem::path candidate_program;
    std::filesystem::path ledger_program;
    Schedule schedule{};
    Limits limits{};
    Parties parties{};
    std::size_t spared = 1;
    /// Nothing is done for so long, before and after. The one in the end is longer than
    /// `Limits::patience`.
    Duration settling = std::chrono::seconds(8);
    Duration quiet = std::chrono::seconds(24);
};

/// The terms on which the candidates stand, for the report.
std::string terms_in_words();
/// What `GET /version` said, such as `3.4.23`.
struct RunResult {
    std::string etcd_version;
    bool interrupted = false;
};

/// Returns when all processes have ended. The journals are in the folder then.
/// Throws std::runtime_error when the run could not be made at all.
RunResult run_chaos(const RunOptions& options);

/// Ends a run early, in order. For signal handlers.
void interrupt_run() noexcept;

}  // namespace tenure::chaos
