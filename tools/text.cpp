#include "tools/text.hpp"

#include "text/utf8.hpp"

namespace tenure::command {
namespace {

std::string escaped(std::string_view sequence) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char character : sequence) {
        const auto byte = static_cast<unsigned char>(character);
        text.append("\\x").append(1, digits[byte >> 4U]).append(1, digits[byte & 0xFU]);
    }
    return text;
}

}  // namespace

std::string well_formed(std::string_view bytes) {
    std::string text;
    detail::for_each_code_point(bytes, [&](std::string_view sequence, const auto& point) {
        text += point ? sequence : "\xEF\xBF\xBD";
    });
    return text;
}

std::string printable(std::string_view bytes) {
    std::string text;
    detail::for_each_code_point(
        well_formed(bytes), [&](std::string_view sequence, const auto& point) {
            text += detail::is_control(*point) ? escaped(sequence) : std::string(sequence);
        });
    return text;
}

std::size_t width(std::string_view well_formed_text) {
    return detail::count_code_points(well_formed_text);
}

}  // namespace tenure::command
