// Text that people choose and read is UTF-8, one code point at a time. For the core, the pictures
// and the command alike; it knows none of them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace tenure::detail {

/// How many bytes a sequence has that begins so; 0 where none can.
constexpr std::size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/// Takes the first code point off `text`, which is not empty. None, and nothing taken, where it
/// does not begin with well-formed UTF-8 (Unicode, table 3-7): overlong forms, surrogates and
/// what lies above U+10FFFF are none.
constexpr std::optional<char32_t> take_code_point(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = sequence_length(lead);
    if (length == 0 || length > text.size()) return std::nullopt;
    constexpr std::array<unsigned, 5> lead_bits{0, 0x7F, 0x1F, 0x0F, 0x07};
    // Below these a shorter sequence would have done.
    constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    char32_t point = lead & lead_bits[length];
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0U) != 0x80) return std::nullopt;
        point = (point << 6U) | (byte & 0x3FU);
    }
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (point < least[length] || surrogate || point > 0x10FFFF) return std::nullopt;
    text.remove_prefix(length);
    return point;
}

/// C0, DEL, and C1 (U+0080 to U+009F), which some terminals obey as well.
constexpr bool is_control(char32_t point) {
    return point < 0x20 || (point >= 0x7F && point < 0xA0);
}

/// Calls `visit(bytes, code_point)` for each; a byte that begins none comes alone, and without.
template <class Visit>
void for_each_code_point(std::string_view text, Visit visit) {
    while (!text.empty()) {
        const std::string_view whole = text;
        const std::optional<char32_t> point = take_code_point(text);
        if (!point) text.remove_prefix(1);
        visit(whole.substr(0, whole.size() - text.size()), point);
    }
}

/// How many code points are in what is well-formed.
constexpr std::size_t count_code_points(std::string_view well_formed_text) {
    std::size_t count = 0;
    for (const char byte : well_formed_text)
        count += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80;
    return count;
}

}  // namespace tenure::detail
