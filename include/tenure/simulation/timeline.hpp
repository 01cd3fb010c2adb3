// A trace as a picture: a lane for each node, with the store on top.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tenure/simulation/trace.hpp>
#include <vector>

namespace tenure::sim {

/// What was wrong with a node or the store for a while, by the fault's name.
struct FaultSpan {
    Duration from{};
    Duration to{};
    std::string what;
    /// Those of a lane that overlap lie in different rows, from 0 on.
    std::size_t row = 0;

    friend bool operator==(const FaultSpan&, const FaultSpan&) = default;
};

/// From `at` on a lease was good until `until`.
struct LeaseMark {
    Duration at{};
    Duration until{};
    friend bool operator==(const LeaseMark&, const LeaseMark&) = default;
};

/// For how long a candidate believed that it leads.
struct LeadershipSpan {
    Duration from{};
    /// Not after the end of its lease, even when it was noticed later.
    Duration to{};
    std::string election;
    std::int64_t token = 0;
    /// How it was extended; the first is at `from`.
    std::vector<LeaseMark> leases;
    /// As with faults: a node may lead several elections at once.
    std::size_t row = 0;

    /// How long it would still last if it were not extended after `at`.
    Duration remaining(Duration at) const;

    friend bool operator==(const LeadershipSpan&, const LeadershipSpan&) = default;
};

struct Lane {
    std::string name;
    std::vector<LeadershipSpan> leaderships;
    std::vector<FaultSpan> faults;
    /// Parts per million that its clock ran fast, at last; negative is slow.
    std::int64_t clock_rate = 0;

    std::size_t leadership_rows() const;
    std::size_t fault_rows() const;

    friend bool operator==(const Lane&, const Lane&) = default;
};

/// Something that happened at once: an operator's deletion, a compaction, a note of a program's.
struct Mark {
    Duration at{};
    /// The lane.
    std::string who;
    std::string what;

    friend bool operator==(const Mark&, const Mark&) = default;
};

struct Timeline {
    Duration length{};
    /// The store first, then the nodes in the order in which they appeared.
    std::vector<Lane> lanes;
    /// Those that were led, in the order of their names.
    std::vector<std::string> elections;
    std::vector<Mark> marks;
    /// Where it ended badly.
    std::optional<Mark> violation;

    /// The most that was ever left of a lease: what is drawn at full height.
    Duration longest_lease() const;

    friend bool operator==(const Timeline&, const Timeline&) = default;
};

/// `length` is where the picture ends: what lasts then is drawn to there, what comes later not.
Timeline make_timeline(const Trace& trace, Duration length);

/// A whole document that a browser opens; light or dark as the reader prefers. Any bytes may
/// stand in the names and the title.
std::string to_svg(const Timeline& timeline, const std::string& title);

struct TerminalOptions {
    /// No line is longer. At least 40.
    std::size_t columns = 80;
    /// With escape codes.
    bool colour = false;
    /// With blocks and other signs in UTF-8; only ASCII otherwise.
    bool unicode = true;
};
/// Lines of text: for each lane its leaderships, as high as what is left of the lease, and below
/// them the faults.
std::string to_terminal(const Timeline& timeline, const TerminalOptions& options);

}  // namespace tenure::sim
