// Names are text: what is well-formed UTF-8, one code point at a time.
#pragma once

#include <optional>
#include <string_view>

namespace tenure::detail {

/// Takes the first code point off `text`, which is not empty. None, and nothing taken, where it
/// does not begin with well-formed UTF-8 (Unicode, table 3-7): overlong forms, surrogates and
/// what lies above U+10FFFF are none.
std::optional<char32_t> take_code_point(std::string_view& text);

}  // namespace tenure::detail
