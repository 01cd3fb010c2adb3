// What happened in a run, on one clock: CLOCK_BOOTTIME, which all processes of a machine share. The
// checker and the report read nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tenure/types.hpp>
#include <vector>

#include "tests/chaos/fault.hpp"

namespace tenure::chaos {

/// A moment that is known to lie between two readings of the clock.
struct Moment {
    Instant after{};
    Instant before{};
};

/// A process of a candidate: which candidate, and which of its processes, counted from 1.
struct LifeId {
    std::string who;
    int number = 0;
    friend auto operator<=>(const LifeId&, const LifeId&) = default;
};

struct Life {
    enum class End {
        /// It still ran when the run ended badly.
        none,
        /// By the chaos: SIGKILL.
        killed,
        /// It was told to by SIGTERM, and did within the bound.
        in_order,
        /// The same, and it did not.
        too_late,
        /// By itself.
        by_itself,
    };
    LifeId id;
    Instant from{};
    std::optional<Instant> to{};
    End end = End::none;
    /// The exit status, or minus the signal.
    int status = 0;
};

/// What samples of `Leadership::valid()` said of one leadership: it was valid at `first` and at
/// `last`, and so all the time between.
struct Leading {
    LifeId id;
    std::int64_t token = 0;
    Moment first{};
    Moment last{};
    /// From `at` on it would have been valid until `until`.
    struct Lease {
        Instant at{};
        Instant until{};
    };
    std::vector<Lease> leases{};
};

/// What the election told its user, as it was told.
struct Told {
    enum class Kind { elected, unelected, leader, error };
    LifeId id;
    Instant at{};
    Kind kind{};
    /// Of `leader`: 0 for nobody.
    std::int64_t token = 0;
};

struct Fault {
    FaultKind kind{};
    /// `member-2`, `ann`, or `etcd`.
    std::string whom;
    Instant from{};
    /// When the process was there again, and served; or the line was good again.
    Instant to{};
};

/// A write at the ledger.
struct Write {
    Instant at{};
    LifeId id;
    std::int64_t token = 0;
    bool accepted = false;
};

/// One linearizable read of the election's entries, past all candidates and lines.
struct Look {
    struct Entry {
        LifeId owner;
        std::int64_t token = 0;
    };
    Instant asked{};
    Instant answered{};
    bool succeeded = false;
    /// Of etcd's own election: it grows when etcd's leader changes.
    std::int64_t term = 0;
    std::vector<Entry> entries{};
};

/// An operator's hand on the key or the lease behind a leadership, at this time or later.
struct Deposal {
    Instant at{};
    std::int64_t token = 0;
    /// Etcd said that it is done; else it may have come to nothing.
    bool done = false;
};

/// What a process had.
struct Belongings {
    enum class When { before, after };
    /// A candidate, with the number of its process, or another of the run's processes with 0.
    LifeId id;
    When when{};
    std::int64_t resident_kilobytes = 0;
    std::int64_t descriptors = 0;
    std::int64_t connections = 0;
};

struct Beat {
    LifeId id;
    Instant at{};
};

struct History {
    Instant begin{};
    /// From when on there were faults, and until when.
    Instant chaos_from{};
    Instant chaos_to{};
    /// When the candidates were told to stop.
    Instant end{};

    std::vector<Life> lives{};
    std::vector<Leading> leadings{};
    std::vector<Told> told{};
    std::vector<Fault> faults{};
    std::vector<Write> writes{};
    std::vector<Look> looks{};
    std::vector<Deposal> deposals{};
    std::vector<Belongings> belongings{};
    std::vector<Beat> beats{};
    /// A leadership that was valid after it had not been: token and who.
    std::vector<Told> revivals{};
    /// Entries that were there when all candidates had left.
    std::optional<std::size_t> entries_left{};
    /// A member of etcd or the ledger that ended by itself, or would not come back.
    std::vector<std::string> others_lost{};
};

}  // namespace tenure::chaos
