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

/// The same for any request with a form as its body.
std::optional<std::string> http_send(std::uint16_t port, const std::string& verb,
                                     const std::string& target, const std::string& form,
                                     std::chrono::milliseconds bound);

/// A port on 127.0.0.1 that nothing listened on a moment ago.
std::uint16_t free_port();

/// The same, below those that the system gives to outgoing connections: for a server that goes and
/// comes back while others keep connecting. One of these might get its port meanwhile, and even
/// connect to itself.
std::uint16_t free_server_port();

}  // namespace tenure::test
