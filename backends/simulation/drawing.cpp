#include "backends/simulation/drawing.hpp"

#include <algorithm>
#include <array>

namespace tenure::sim::detail {
namespace {

using namespace std::chrono_literals;

constexpr std::array steps = std::to_array<Duration>(
    {1ms, 2ms, 5ms,  10ms, 20ms, 50ms,  100ms, 200ms, 500ms, 1s, 2s,     5s,     10s,
     20s, 30s, 1min, 2min, 5min, 10min, 20min, 30min, 1h,    2h, 180min, 360min, 720min});

long long whole(Duration time, Duration unit) {
    return static_cast<long long>(time / unit);
}

// Length of the well-formed sequence that begins here; 0 is none. Overlong forms, surrogates
// and what lies above U+10FFFF are none.
std::size_t sequence_length(std::string_view bytes) {
    const auto byte = [&](std::size_t at) {
        return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
    };
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xC0U) != 0x80) return 0;
    }
    const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
    const bool surrogate = lead == 0xED && byte(1) > 0x9F;
    const bool too_large = lead == 0xF4 && byte(1) > 0x8F;
    return overlong || surrogate || too_large ? 0 : length;
}

// C0, DEL, C1, and the two that XML forbids, U+FFFE and U+FFFF.
bool is_control(std::string_view sequence) {
    const auto lead = static_cast<unsigned char>(sequence[0]);
    if (lead == 0xC2) return static_cast<unsigned char>(sequence[1]) < 0xA0;
    return lead < 0x20 || lead == 0x7F || sequence == "\xEF\xBF\xBE" || sequence == "\xEF\xBF\xBF";
}

}  // namespace

Duration tick_step(Duration length, std::size_t most) {
    for (const Duration step : steps) {
        if (length / step <= static_cast<Duration::rep>(most)) return step;
    }
    return steps.back();
}

std::string short_time(Duration time) {
    if (time % 1s != Duration::zero()) return std::to_string(whole(time, 1ms)) + " ms";
    if (time < 2min) return std::to_string(whole(time, 1s)) + " s";
    if (time >= 1h && time % 1h == Duration::zero()) return std::to_string(whole(time, 1h)) + " h";
    const std::string minutes = std::to_string(whole(time, 1min)) + " m";
    const auto seconds = whole(time % 1min, 1s);
    return seconds == 0 ? minutes : minutes + ' ' + std::to_string(seconds) + " s";
}

std::string exact_time(Duration time) {
    std::string fraction = std::to_string(whole(time % 1s, 1ms));
    fraction.insert(0, 3 - fraction.size(), '0');
    return std::to_string(whole(time, 1s)) + '.' + fraction + " s";
}

std::size_t index_of(const Timeline& timeline, const std::string& election) {
    const auto& elections = timeline.elections;
    return static_cast<std::size_t>(std::ranges::find(elections, election) - elections.begin());
}

std::string harmless(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const std::size_t length = sequence_length(bytes);
        const std::string_view sequence = bytes.substr(0, std::max<std::size_t>(length, 1));
        text += length == 0 || is_control(sequence) ? "?" : sequence;
        bytes.remove_prefix(sequence.size());
    }
    return text;
}

std::size_t width_of(std::string_view harmless_text) {
    return static_cast<std::size_t>(std::ranges::count_if(harmless_text, [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80;
    }));
}

FaultSign sign_of_fault(const std::string& name) {
    if (name == "cut off") return {FaultKind::cuts_line, "cut", 'c'};
    if (name == "cut off to the store") return {FaultKind::cuts_line, "cut >", '>'};
    if (name == "cut off from the store") return {FaultKind::cuts_line, "cut <", '<'};
    if (name == "slow") return {FaultKind::hampers_line, name, 's'};
    if (name == "lossy") return {FaultKind::hampers_line, name, 'l'};
    if (name == "paused") return {FaultKind::stops_process, name, 'p'};
    if (name == "asleep") return {FaultKind::stops_process, name, 'z'};
    if (name == "down") return {FaultKind::stops_process, name, 'd'};
    if (name == "outage") return {FaultKind::stops_process, name, 'o'};
    return {FaultKind::stops_process, harmless(name), '?'};
}

MarkSign sign_of_mark(const std::string& words) {
    if (words.starts_with("an operator deletes"))
        return {'D', "deletes", "an operator deletes an entry"};
    if (words == "an operator revokes a session") return {'R', "revokes", words};
    if (words == "history forgotten") return {'H', "forgets", words};
    if (words == "every stream breaks") return {'B', "breaks", words};
    if (words == "every lease starts again") return {'L', "leases", words};
    if (words == "cut off even more") return {'C', "more", words};
    return {'N', "note", "a note of the program's"};
}

}  // namespace tenure::sim::detail
