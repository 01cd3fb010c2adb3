#include "tests/chaos/picture.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <tenure/simulation/timeline.hpp>

namespace tenure::chaos {
namespace {

using namespace std::chrono_literals;

// More than that in one strip cannot be told apart.
constexpr Duration longest_strip = 3min;

// In the words that the timeline knows.
const char* word_for(FaultKind kind) {
    switch (kind) {
        case FaultKind::member_killed:
        case FaultKind::etcd_restarted:
        case FaultKind::member_restarted:
        case FaultKind::candidate_killed:
        case FaultKind::candidate_restarted: return "down";
        case FaultKind::member_paused:
        case FaultKind::candidate_paused: return "paused";
        case FaultKind::member_cut:
        case FaultKind::member_silent:
        case FaultKind::candidate_cut:
        case FaultKind::candidate_silent: return "cut off";
        case FaultKind::candidate_unheard: return "cut off from the store";
        case FaultKind::member_slow:
        case FaultKind::candidate_slow: return "slow";
        case FaultKind::connections_dropped: return "every stream breaks";
        case FaultKind::connections_half_open: return "connections half open";
        case FaultKind::compacted: return "history forgotten";
        case FaultKind::lease_revoked: return "an operator revokes a session";
        case FaultKind::key_deleted: return "an operator deletes the leader's key";
    }
    return "";
}

class Strip {
public:
    Strip(const History& history, Instant from, Instant to)
        : history_(history), from_(from), to_(to) {
        timeline_.length = to - from;
        timeline_.elections = {"chaos"};
    }

    std::string draw(const std::string& title) {
        add_lanes();
        for (const Leading& leading : history_.leadings)
            add(leading);
        for (const Fault& fault : history_.faults)
            add(fault);
        for (sim::Lane& lane : timeline_.lanes) {
            stack(lane.leaderships);
            stack(lane.faults);
        }
        std::ranges::sort(timeline_.marks, {}, &sim::Mark::at);
        return sim::to_svg(timeline_, title);
    }

private:
    void add_lanes() {
        std::set<std::string> members, candidates;
        for (const Fault& fault : history_.faults) {
            if (victim_of(fault.kind) == Victim::member) members.insert(fault.whom);
        }
        for (const Life& life : history_.lives)
            candidates.insert(life.id.who);
        timeline_.lanes.push_back({.name = "etcd", .leaderships = {}, .faults = {}});
        for (const auto* names : {&members, &candidates}) {
            for (const std::string& name : *names)
                timeline_.lanes.push_back({.name = name, .leaderships = {}, .faults = {}});
        }
    }

    Duration inside(Instant at) const { return std::clamp(at, from_, to_) - from_; }
    sim::Lane* lane(const std::string& name) {
        const auto found = std::ranges::find(timeline_.lanes, name, &sim::Lane::name);
        return found == timeline_.lanes.end() ? nullptr : &*found;
    }

    void add(const Leading& leading) {
        sim::Lane* const own = lane(leading.id.who);
        if (own == nullptr || leading.last.after < from_ || leading.first.before > to_) return;
        sim::LeadershipSpan span{.from = inside(leading.first.before),
                                 .to = inside(leading.last.before),
                                 .election = "chaos",
                                 .token = leading.token,
                                 .leases = {}};
        for (const Leading::Lease& lease : leading.leases) {
            if (lease.at > to_ || lease.until < from_) continue;
            span.leases.push_back({std::max(inside(lease.at), span.from), lease.until - from_});
        }
        own->leaderships.push_back(std::move(span));
    }

    void add(const Fault& fault) {
        sim::Lane* const own = lane(fault.whom);
        if (own == nullptr || fault.to < from_ || fault.from > to_) return;
        if (is_instant(fault.kind)) {
            timeline_.marks.push_back({inside(fault.from), fault.whom, word_for(fault.kind)});
        } else {
            own->faults.push_back({inside(fault.from), inside(fault.to), word_for(fault.kind)});
        }
    }

    // Those that overlap lie in different rows.
    template <class Span>
    static void stack(std::vector<Span>& spans) {
        std::ranges::sort(spans, {}, &Span::from);
        std::vector<Duration> rows;
        for (Span& span : spans) {
            const auto free =
                std::ranges::find_if(rows, [&](Duration taken) { return taken <= span.from; });
            span.row = static_cast<std::size_t>(free - rows.begin());
            if (free == rows.end()) rows.emplace_back();
            rows[span.row] = span.to;
        }
    }

    const History& history_;
    Instant from_, to_;
    sim::Timeline timeline_;
};

double height_of(const std::string& svg) {
    const std::string name = " height=\"";
    const auto found = svg.find(name);
    return found == std::string::npos ? 0 : std::atof(svg.c_str() + found + name.size());
}

std::string clock_time(Duration since) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
    const std::string rest = std::to_string(seconds % 60);
    return std::to_string(seconds / 60) + (rest.size() < 2 ? ":0" : ":") + rest;
}

}  // namespace

std::string draw(const History& history, const std::string& title) {
    const Duration length = std::max<Duration>(history.end - history.begin, 1s);
    const auto strips = (length + longest_strip - Duration(1)) / longest_strip;
    const Duration strip_length = length / strips + Duration(1);
    if (strips <= 1) return Strip(history, history.begin, history.end).draw(title);
    std::string body;
    double height = 0;
    for (Duration from{}; from < length; from += strip_length) {
        const Duration to = std::min(from + strip_length, length);
        const std::string name = title + ", from " + clock_time(from) + " to " + clock_time(to);
        const std::string strip =
            Strip(history, history.begin + from, history.begin + to).draw(name);
        const auto y = static_cast<long>(height);
        body += "<svg y=\"" + std::to_string(y) + "\"" + strip.substr(4);
        height += height_of(strip) + 8;
    }
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1240\" height=\"" +
           std::to_string(static_cast<long>(height)) + "\">\n" + body + "</svg>\n";
}

}  // namespace tenure::chaos
