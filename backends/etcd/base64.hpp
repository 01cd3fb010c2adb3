// Keys and values travel as base64 in etcd's JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenure::etcd::detail {

std::string to_base64(std::string_view bytes);
/// Empty when it is not base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace tenure::etcd::detail
