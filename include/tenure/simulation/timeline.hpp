// A trace as a picture: a lane for each node, with the store on top.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tenure/simulation/trace.hpp>
#include <vector>

namespace tenure::sim {

/// What a node or the store was for a while.
struct Span {
    Duration from{};
    Duration to{};
    /// A fault's name, or the election of a leadership.
    std::string what;
    /// Of a leadership.
    std::int64_t token = 0;

    friend bool operator==(const Span&, const Span&) = default;
};

/// How much of a leadership's lease was left: at `at` until `until`.
struct LeaseMark {
    Duration at{};
    Duration until{};
    friend bool operator==(const LeaseMark&, const LeaseMark&) = default;
};

struct Lane {
    std::string name;
    std::vector<Span> leaderships;
    std::vector<Span> faults;
    std::vector<LeaseMark> leases;

    friend bool operator==(const Lane&, const Lane&) = default;
};

struct Timeline {
    Duration length{};
    /// The store first, then the nodes in the order in which they appeared.
    std::vector<Lane> lanes;
    /// Short words for things that happen at once: an operator's deletion, a compaction.
    struct Mark {
        Duration at{};
        std::string who;
        std::string what;
        friend bool operator==(const Mark&, const Mark&) = default;
    };
    std::vector<Mark> marks;
    /// Where it ended badly.
    std::optional<Mark> violation;

    friend bool operator==(const Timeline&, const Timeline&) = default;
};

/// `length` is where the picture ends; what lasts then is drawn to there.
Timeline make_timeline(const Trace& trace, Duration length);

/// A whole document that a browser opens; light or dark as the reader prefers.
std::string to_svg(const Timeline& timeline, const std::string& title);

struct TerminalOptions {
    std::size_t columns = 80;
    bool colour = false;
};
std::string to_terminal(const Timeline& timeline, const TerminalOptions& options);

}  // namespace tenure::sim
