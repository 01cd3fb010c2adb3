// A whole schedule of faults as one value: printed with the seed, it says all that went wrong.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <tenure/types.hpp>

namespace tenure::sim {

/// Every so often one of these befalls a node or the store. The numbers are weights against each
/// other; 0 is never.
struct ChaosOptions {
    /// For how long faults begin. At the end everything is healed, once, and it is over.
    Duration lasting = std::chrono::seconds(40);
    /// The pause between one fault and the next, at most.
    Duration gap = std::chrono::seconds(3);
    /// The longest that one of them lasts.
    Duration longest = std::chrono::seconds(12);

    // Lines.
    unsigned partitions = 4;
    unsigned one_way_partitions = 4;
    /// Latency up to `slowest`, one way.
    unsigned slow_lines = 5;
    /// First as slow as that, so that answers come after they were given up, and then cut off.
    unsigned dying_lines = 3;
    /// A part of the requests and of the replies is lost.
    unsigned lossy_lines = 4;
    Duration slowest = std::chrono::milliseconds(1800);

    // Processes.
    unsigned pauses = 2;
    unsigned sleeps = 2;
    unsigned crashes = 2;
    /// So many of a thousand tasks wait for the processor, each up to `longest_lag`.
    unsigned lags_per_mille = 3;
    Duration longest_lag = std::chrono::milliseconds(1500);

    // The store.
    unsigned outages = 1;
    unsigned store_pauses = 1;
    unsigned lease_restarts = 1;
    unsigned compactions = 1;
    unsigned cut_watches = 1;
    unsigned stalled_watches = 1;
    /// In every other world each lease ends up to so much late.
    Duration late_expiry = std::chrono::seconds(1);

    // An operator.
    unsigned deletions = 1;
    unsigned revocations = 1;

    // Done to elections that are followed, as if their own program did it.
    unsigned resignations = 2;
    /// Most are started again later, and some of these stopped again at once.
    unsigned stops = 0;
    unsigned proclamations = 0;

    /// Each clock runs fast or slow by up to so many parts per million, the store's too. Within
    /// a margin of a tenth of the TTL nothing may go wrong up to 50'000.
    std::int64_t drift = 45'000;

    friend bool operator==(const ChaosOptions&, const ChaosOptions&) = default;
};

/// Nothing goes wrong.
ChaosOptions no_chaos();
/// The usual, and elections stop, start and proclaim as well.
ChaosOptions all_chaos();
/// Faults by name, separated by commas: "partitions,crashes", "all", "none". Throws
/// std::invalid_argument that names the word that is not known, and those that are.
ChaosOptions parse_faults(std::string_view names);
/// What `parse_faults` makes these of; nothing for what it cannot make.
std::optional<std::string> fault_names(const ChaosOptions& options);
/// Every member by its name, on one line.
std::ostream& operator<<(std::ostream& out, const ChaosOptions& options);

}  // namespace tenure::sim
