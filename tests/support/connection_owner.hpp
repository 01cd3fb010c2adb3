// Whose end of a connection on loopback is, for a proxy that all processes connect to alike.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace tenure::test {

/// As its owner sees it, on 127.0.0.1 at both ends.
struct LocalConnection {
    std::uint16_t own_port = 0;
    std::uint16_t other_port = 0;
};

/// Whether the process holds the end at `own_port`, by what the system says in /proc. The process
/// is to be one that we have started.
bool holds(pid_t process, const LocalConnection& connection);

}  // namespace tenure::test
