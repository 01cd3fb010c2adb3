// The server's side of a WebSocket, by hand: so that it may be wrong where a test wants it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenure::test {

/// The answer that opens a WebSocket, to a request whose head this is; empty when it asks for none.
std::string accept_upgrade(std::string_view request);

enum class Opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10,
};

/// One frame, not masked, as servers send them.
std::string frame(Opcode opcode, std::string_view payload, bool is_last = true);

}  // namespace tenure::test
