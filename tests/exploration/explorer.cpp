#include "tests/exploration/explorer.hpp"

#include <algorithm>
#include <ctime>
#include <deque>
#include <fstream>
#include <ostream>
#include <sstream>

namespace tenure::exploration {
namespace {

/// A set of digests by open addressing, for millions of them.
class Seen {
public:
    Seen() : slots_(1U << 16U) {}

    /// Whether it is new.
    bool insert(Digest digest) {
        if (digest == Digest{}) digest.low = 1;
        if (2 * size_ >= slots_.size()) grow();
        Digest& slot = find(digest);
        if (slot == digest) return false;
        slot = digest;
        ++size_;
        return true;
    }

private:
    Digest& find(const Digest& digest) {
        std::size_t at = digest.low & (slots_.size() - 1);
        while (slots_[at] != Digest{} && slots_[at] != digest)
            at = (at + 1) & (slots_.size() - 1);
        return slots_[at];
    }
    void grow() {
        std::vector<Digest> old(2 * slots_.size());
        old.swap(slots_);
        for (const Digest& digest : old) {
            if (digest != Digest{}) find(digest) = digest;
        }
    }

    std::vector<Digest> slots_;
    std::size_t size_ = 0;
};

double processor_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

std::size_t peak_megabytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        std::size_t kilobytes = 0;
        if (word == "VmHWM:" && status >> kilobytes) return kilobytes / 1024;
    }
    return 0;
}

class Walk {
public:
    Walk(const Bounds& bounds, const Limits& limits) : start_(bounds), limits_(limits) {}

    Report run();

private:
    struct Place {
        World world;
        std::uint32_t record;
    };
    /// How a state was reached first: from where, and by which of its steps.
    struct Record {
        std::uint32_t parent;
        std::uint16_t step;
    };

    void visit(const Place& place);
    void enter(World world, std::uint32_t parent, std::size_t step);
    std::string path_to(std::uint32_t record, const Step* last) const;

    const World start_;
    const Limits limits_;
    Report report_;
    Seen seen_;
    std::vector<Record> records_;
    std::deque<Place> layer_, next_;
};

void Walk::enter(World world, std::uint32_t parent, std::size_t step) {
    const Digest digest = canonical(world);
    if (!seen_.insert(digest)) return;
    const auto record = static_cast<std::uint32_t>(records_.size());
    records_.push_back({parent, static_cast<std::uint16_t>(step)});
    for (const Candidate& candidate : world.candidates) {
        report_.session_states.insert(candidate.session.state());
        report_.candidacy_states.insert(candidate.candidacy.state());
    }
    if (digest.high % limits_.liveness_sample == 0) {
        ++report_.fair_runs;
        try {
            check_fair_run(world);
        } catch (const Violation& violation) {
            report_.violation = violation.what() + path_to(record, nullptr);
            return;
        }
    }
    next_.push_back({std::move(world), record});
}

void Walk::visit(const Place& place) {
    const std::vector<Step> choices = steps(place.world);
    for (std::size_t i = 0; i < choices.size() && report_.violation.empty(); ++i) {
        ++report_.transitions;
        World world = place.world;
        try {
            apply(world, choices[i]);
        } catch (const Violation& violation) {
            report_.violation = violation.what() + path_to(place.record, &choices[i]);
            return;
        }
        enter(std::move(world), place.record, i);
    }
}

Report Walk::run() {
    const double began = processor_seconds();
    enter(start_, 0, 0);
    while (!next_.empty() && report_.depth < limits_.depth && report_.violation.empty()) {
        layer_.swap(next_);
        for (; !layer_.empty() && report_.violation.empty(); layer_.pop_front()) {
            if (records_.size() >= limits_.states) break;
            visit(layer_.front());
        }
        if (!layer_.empty()) break;
        ++report_.depth;
    }
    report_.closed = layer_.empty() && next_.empty();
    report_.states = records_.size();
    report_.seconds = processor_seconds() - began;
    report_.peak_megabytes = peak_megabytes();
    return report_;
}

std::string Walk::path_to(std::uint32_t record, const Step* last) const {
    std::vector<std::uint16_t> chosen;
    for (; record != 0; record = records_[record].parent)
        chosen.push_back(records_[record].step);
    std::ostringstream out;
    out << ", after " << chosen.size() + (last ? 1 : 0) << " steps:\n";
    World world = start_;
    std::ranges::reverse(chosen);
    for (const std::uint16_t choice : chosen) {
        const Step step = steps(world)[choice];
        out << "  " << describe(world, step) << '\n';
        apply(world, step);
        out << "      " << describe(world) << '\n';
    }
    if (last) out << "  " << describe(world, *last) << '\n';
    return out.str();
}

}  // namespace

Report explore(const Bounds& bounds, const Limits& limits) {
    return Walk(bounds, limits).run();
}

Report& Report::operator+=(const Report& other) {
    session_states.insert(other.session_states.begin(), other.session_states.end());
    candidacy_states.insert(other.candidacy_states.begin(), other.candidacy_states.end());
    return *this;
}

std::ostream& operator<<(std::ostream& out, const Report& report) {
    out << report.states << " states, " << report.transitions << " transitions, "
        << (report.closed ? "to closure at depth " : "every run of depth ") << report.depth << ", "
        << report.fair_runs << " fair runs, " << report.seconds << " s, at most "
        << report.peak_megabytes << " MB";
    if (!report.violation.empty()) out << "\nVIOLATION: " << report.violation;
    return out;
}

}  // namespace tenure::exploration
