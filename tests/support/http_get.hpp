// The plainest HTTP there is, for looking at a server that a test has started.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace tenure::test {

/// The whole answer of 127.0.0.1, head and body; empty when there is none within `bound`.
std::optional<std::string> http_get(std::uint16_t port, const std::string& path,
                                    std::chrono::milliseconds bound);

/// A port on 127.0.0.1 that nothing listened on a moment ago.
std::uint16_t free_port();

}  // namespace tenure::test
