// What happened in a simulated world, in order: for a person to read, for a picture, and to
// compare two runs by.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <tenure/types.hpp>
#include <vector>

namespace tenure::sim {

struct TraceEvent {
    enum class Kind {
        /// Something said by `Node::note`.
        note,
        /// Node `who` appeared, or its program was started anew.
        started,
        /// A fault begins at `who`, named by `what`; `fault_ends` bears the same name.
        fault_begins,
        fault_ends,
        /// A request or a reply on the line of `who`; only with `WorldOptions::trace_messages`.
        sent,
        received,
        lost,
        /// The store's entries: `what` is the entry's key and value, `token` its number.
        entry_created,
        entry_removed,
        /// A leadership becomes valid, is good for longer, is valid no more. `until` is when the
        /// lease's time is over, in the world's time.
        rises,
        extended,
        falls,
        /// What the election told its user.
        elected,
        unelected,
        leader,
        error,
        /// A property did not hold.
        violation,
    };

    /// The world's time since its beginning.
    Duration at{};
    Kind kind = Kind::note;
    /// The node, or "store".
    std::string who{};
    /// The election, where it is about one.
    std::string election{};
    std::string what{};
    std::int64_t token = 0;
    Duration until{};

    friend bool operator==(const TraceEvent&, const TraceEvent&) = default;
};

using Trace = std::vector<TraceEvent>;

std::string_view to_string(TraceEvent::Kind kind) noexcept;
/// One line: `   12.345678 s  node-1    elected jobs #7`.
std::ostream& operator<<(std::ostream& out, const TraceEvent& event);
/// A line for each event.
std::string to_text(const Trace& trace);
/// The same for the same trace on every platform.
std::uint64_t hash_of(const Trace& trace);

}  // namespace tenure::sim
