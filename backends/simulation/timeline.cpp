// Reads a trace into lanes. How they are drawn is in terminal.cpp and svg.cpp.
#include <tenure/simulation/timeline.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

namespace tenure::sim {
namespace {

using Kind = TraceEvent::Kind;

constexpr std::string_view store = "store";
constexpr std::string_view checker = "checker";
constexpr std::string_view clock_note = "clock rate ";

/// Gives each span the lowest row that is free; they come in the order in which they begin.
template <class Span>
void stack(std::vector<Span>& spans) {
    std::vector<Duration> rows;
    for (Span& span : spans) {
        const auto free =
            std::ranges::find_if(rows, [&](Duration taken) { return taken <= span.from; });
        span.row = static_cast<std::size_t>(free - rows.begin());
        if (free == rows.end()) rows.emplace_back();
        rows[span.row] = span.to;
    }
}

template <class Span>
std::size_t rows_of(const std::vector<Span>& spans) {
    std::size_t rows = 0;
    for (const Span& span : spans)
        rows = std::max(rows, span.row + 1);
    return rows;
}

class Reader {
public:
    explicit Reader(Duration length) {
        timeline_.length = length;
        lane(std::string(store));
    }

    void read(const TraceEvent& event) {
        if (event.at > timeline_.length) return;
        if (event.kind == Kind::violation) {
            if (!timeline_.violation) timeline_.violation = mark_of(event);
            return;
        }
        if (event.who == checker) return;
        Lane& own = lane(event.who);
        switch (event.kind) {
            case Kind::note: return note(own, event);
            case Kind::fault_begins:
                open_faults_[{event.who, event.what}] = own.faults.size();
                own.faults.push_back({event.at, timeline_.length, event.what});
                return;
            case Kind::fault_ends: return end_fault(own, event);
            case Kind::rises:
                // A trace that does not say that it fell: it has, or this could not be.
                end_leadership(own, event);
                open_leaderships_[{event.who, event.election}] = own.leaderships.size();
                own.leaderships.push_back({event.at,
                                           timeline_.length,
                                           event.election,
                                           event.token,
                                           {{event.at, event.until}}});
                return;
            case Kind::extended: return extend(own, event);
            case Kind::falls: return end_leadership(own, event);
            default: return;
        }
    }

    Timeline finish() {
        for (Lane& lane : timeline_.lanes) {
            for (LeadershipSpan& span : lane.leaderships) {
                span.to = std::clamp(span.leases.back().until, span.from, span.to);
                timeline_.elections.push_back(span.election);
            }
            stack(lane.leaderships);
            stack(lane.faults);
        }
        auto& elections = timeline_.elections;
        std::ranges::sort(elections);
        elections.erase(std::unique(elections.begin(), elections.end()), elections.end());
        return std::move(timeline_);
    }

private:
    using Key = std::pair<std::string, std::string>;

    static Mark mark_of(const TraceEvent& event) { return {event.at, event.who, event.what}; }

    Lane& lane(const std::string& name) {
        auto& lanes = timeline_.lanes;
        const auto found = std::ranges::find(lanes, name, &Lane::name);
        if (found != lanes.end()) return *found;
        lanes.push_back({.name = name, .leaderships = {}, .faults = {}});
        return lanes.back();
    }

    // A clock's rate belongs to the lane as a whole; it happens at the beginning, to all.
    void note(Lane& own, const TraceEvent& event) {
        if (!event.what.starts_with(clock_note)) {
            timeline_.marks.push_back(mark_of(event));
            return;
        }
        const char* const digits = event.what.data() + clock_note.size();
        std::from_chars(digits, event.what.data() + event.what.size(), own.clock_rate);
    }

    void end_fault(Lane& own, const TraceEvent& event) {
        const auto open = open_faults_.extract({event.who, event.what});
        if (open) own.faults[open.mapped()].to = event.at;
    }

    void extend(Lane& own, const TraceEvent& event) {
        const auto open = open_leaderships_.find({event.who, event.election});
        if (open == open_leaderships_.end()) return;
        own.leaderships[open->second].leases.push_back({event.at, event.until});
    }

    void end_leadership(Lane& own, const TraceEvent& event) {
        const auto open = open_leaderships_.extract({event.who, event.election});
        if (open) own.leaderships[open.mapped()].to = event.at;
    }

    Timeline timeline_;
    /// Where in their lanes those are that last.
    std::map<Key, std::size_t> open_faults_;
    std::map<Key, std::size_t> open_leaderships_;
};

}  // namespace

Duration LeadershipSpan::remaining(Duration at) const {
    Duration left{};
    for (const LeaseMark& lease : leases) {
        if (lease.at <= at) left = lease.until - at;
    }
    return std::max(left, Duration::zero());
}

std::size_t Lane::leadership_rows() const {
    return rows_of(leaderships);
}

std::size_t Lane::fault_rows() const {
    return rows_of(faults);
}

Duration Timeline::longest_lease() const {
    Duration longest{};
    for (const Lane& lane : lanes) {
        for (const LeadershipSpan& span : lane.leaderships) {
            for (const LeaseMark& lease : span.leases)
                longest = std::max(longest, lease.until - lease.at);
        }
    }
    return longest;
}

Timeline make_timeline(const Trace& trace, Duration length) {
    // Nobody has to look at more; and drawing would count past the end of time.
    Reader reader(std::min<Duration>(length, std::chrono::hours(1'000'000)));
    for (const TraceEvent& event : trace)
        reader.read(event);
    return reader.finish();
}

}  // namespace tenure::sim
