#include "tools/duration.hpp"

#include <charconv>
#include <optional>
#include <stdexcept>

namespace tenure::command {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest = std::chrono::hours(24);

std::optional<milliseconds> unit_named(std::string_view name) {
    if (name == "ms") return milliseconds(1);
    if (name == "s") return std::chrono::seconds(1);
    if (name == "m") return std::chrono::minutes(1);
    return std::nullopt;
}

[[noreturn]] void refuse(std::string_view option, std::string_view text, std::string_view why) {
    throw std::invalid_argument(std::string(option) + ": '" + std::string(text) + "' " +
                                std::string(why));
}

}  // namespace

Duration parse_duration(std::string_view option, std::string_view text) {
    long long count = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, count);
    if (failure == std::errc::invalid_argument) {
        refuse(option, text, "is not a duration; write it as 1500ms, 10s or 2m");
    }
    const auto unit = unit_named({rest, static_cast<std::size_t>(end - rest)});
    if (!unit) refuse(option, text, "is not a duration; write it as 1500ms, 10s or 2m");
    const bool too_many_digits = failure == std::errc::result_out_of_range;
    if (text.front() == '-' || (count == 0 && !too_many_digits)) {
        refuse(option, text, "must be longer than zero");
    }
    if (too_many_digits || count > longest / *unit) {
        refuse(option, text, "is longer than the most that is allowed, 24 hours");
    }
    return count * *unit;
}

std::string format_duration(Duration duration) {
    const auto count = std::chrono::duration_cast<milliseconds>(duration).count();
    if (count % 60'000 == 0 && count != 0) return std::to_string(count / 60'000) + "m";
    if (count % 1'000 == 0) return std::to_string(count / 1'000) + "s";
    return std::to_string(count) + "ms";
}

}  // namespace tenure::command
