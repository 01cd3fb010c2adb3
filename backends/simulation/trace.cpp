#include <tenure/simulation/trace.hpp>

#include <array>
#include <ostream>
#include <sstream>

namespace tenure::sim {
namespace {

// Printed by hand: no platform's formatting may change a trace.
std::string in_seconds(Duration at) {
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(at).count();
    std::string fraction = std::to_string(microseconds % 1'000'000);
    fraction.insert(0, 6 - fraction.size(), '0');
    std::string text = std::to_string(microseconds / 1'000'000) + "." + fraction + " s";
    if (text.size() < 14) text.insert(0, 14 - text.size(), ' ');
    return text;
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
}

}  // namespace

std::string_view to_string(TraceEvent::Kind kind) noexcept {
    using Kind = TraceEvent::Kind;
    switch (kind) {
        case Kind::note: return "note";
        case Kind::started: return "started";
        case Kind::fault_begins: return "fault begins:";
        case Kind::fault_ends: return "fault ends:";
        case Kind::sent: return "sends";
        case Kind::received: return "arrives";
        case Kind::lost: return "lost";
        case Kind::entry_created: return "entry created";
        case Kind::entry_removed: return "entry removed";
        case Kind::rises: return "rises";
        case Kind::extended: return "extended";
        case Kind::falls: return "falls";
        case Kind::elected: return "elected";
        case Kind::unelected: return "unelected";
        case Kind::leader: return "leader";
        case Kind::error: return "error";
        case Kind::violation: return "VIOLATION";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, const TraceEvent& event) {
    std::string line = in_seconds(event.at) + "  " + padded(event.who, 8) + "  ";
    line.append(to_string(event.kind));
    if (!event.election.empty()) line += ' ' + event.election;
    if (event.token != 0) line += " #" + std::to_string(event.token);
    if (!event.what.empty()) line += ' ' + event.what;
    const bool lease =
        event.kind == TraceEvent::Kind::rises || event.kind == TraceEvent::Kind::extended;
    if (lease) line += " until" + in_seconds(event.until);
    return out << line;
}

std::string to_text(const Trace& trace) {
    std::ostringstream out;
    for (const TraceEvent& event : trace)
        out << event << '\n';
    return out.str();
}

// FNV-1a over the text and the exact times.
std::uint64_t hash_of(const Trace& trace) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    const auto mix = [&hash](std::string_view bytes) {
        for (const char byte : bytes)
            hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
        hash = (hash ^ 0xffU) * 0x100000001b3U;
    };
    for (const TraceEvent& event : trace) {
        mix(std::to_string(event.at.count()));
        mix(to_string(event.kind));
        mix(event.who);
        mix(event.election);
        mix(event.what);
        mix(std::to_string(event.token));
        mix(std::to_string(event.until.count()));
    }
    return hash;
}

}  // namespace tenure::sim
