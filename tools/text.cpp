#include "tools/text.hpp"

#include <algorithm>

namespace tenure::command {
namespace {

unsigned char byte_at(std::string_view bytes, std::size_t index) {
    return index < bytes.size() ? static_cast<unsigned char>(bytes[index]) : 0;
}

// Length of the well-formed sequence (Unicode, table 3-7) that begins here; 0 is none.
std::size_t sequence_length(std::string_view bytes) {
    const unsigned lead = byte_at(bytes, 0);
    const unsigned second = byte_at(bytes, 1);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    for (std::size_t index = 1; index < length; ++index) {
        if ((byte_at(bytes, index) & 0xC0) != 0x80) return 0;
    }
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second > 0x9F;
    const bool too_large = lead == 0xF4 && second > 0x8F;
    return overlong || surrogate || too_large ? 0 : length;
}

// C0, DEL, and C1 (U+0080 to U+009F), which some terminals obey as well.
bool is_control(std::string_view sequence) {
    const unsigned lead = byte_at(sequence, 0);
    return lead < 0x20 || lead == 0x7F || (lead == 0xC2 && byte_at(sequence, 1) < 0xA0);
}

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
    while (!bytes.empty()) {
        const std::size_t length = sequence_length(bytes);
        text += length == 0 ? "\xEF\xBF\xBD" : bytes.substr(0, length);
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return text;
}

std::string printable(std::string_view bytes) {
    const std::string clean = well_formed(bytes);
    std::string text;
    for (std::string_view rest = clean; !rest.empty();) {
        const std::string_view sequence = rest.substr(0, sequence_length(rest));
        text += is_control(sequence) ? escaped(sequence) : std::string(sequence);
        rest.remove_prefix(sequence.size());
    }
    return text;
}

std::size_t width(std::string_view well_formed_text) {
    return static_cast<std::size_t>(std::ranges::count_if(well_formed_text, [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
    }));
}

}  // namespace tenure::command
