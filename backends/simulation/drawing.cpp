#include "backends/simulation/drawing.hpp"

#include <algorithm>
#include <array>

#include "text/utf8.hpp"

namespace tenure::sim::detail {
namespace {

using namespace std::chrono_literals;

constexpr std::array steps = std::to_array<Duration>(
    {1ms, 2ms, 5ms,  10ms, 20ms, 50ms,  100ms, 200ms, 500ms, 1s, 2s,     5s,     10s,
     20s, 30s, 1min, 2min, 5min, 10min, 20min, 30min, 1h,    2h, 180min, 360min, 720min});

long long whole(Duration time, Duration unit) {
    return static_cast<long long>(time / unit);
}

// As `is_control`, and the two that XML forbids.
bool is_harmful(char32_t point) {
    return tenure::detail::is_control(point) || point == 0xFFFE || point == 0xFFFF;
}

}  // namespace

Duration tick_step(Duration length, std::size_t most) {
    for (const Duration step : steps) {
        if (length / step <= static_cast<Duration::rep>(most)) return step;
    }
    return std::max(steps.back(), length / static_cast<Duration::rep>(most) + Duration(1));
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
    tenure::detail::for_each_code_point(bytes, [&](std::string_view sequence, const auto& point) {
        text += !point || is_harmful(*point) ? "?" : sequence;
    });
    return text;
}

std::size_t width_of(std::string_view harmless_text) {
    return tenure::detail::count_code_points(harmless_text);
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
    if (name == "watches stall") return {FaultKind::hampers_line, "stall", 'w'};
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
    if (words == "the other way is cut, too") return {'C', "both", words};
    if (words.starts_with("resigns ")) return {'Q', "resigns", "its user resigns"};
    if (words.starts_with("stops ")) return {'S', "stops", "its user stops"};
    return {'N', "note", "a note of the program's"};
}

}  // namespace tenure::sim::detail
