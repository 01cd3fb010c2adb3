#include "tests/support/connection_owner.hpp"

#include <filesystem>
#include <fstream>
#include <ios>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>

namespace tenure::test {
namespace {

// As in /proc/net/tcp: the address in the order of its bytes in memory, on a little-endian machine,
// and the port in hexadecimal.
std::string written(std::uint16_t port) {
    std::ostringstream text;
    text << "0100007F:" << std::uppercase << std::hex;
    text.width(4);
    text.fill('0');
    text << port;
    return text.str();
}

// Empty when there is none, or nobody holds it any more.
std::string socket_of(const LocalConnection& connection) {
    std::ifstream table("/proc/net/tcp");
    if (!table) throw std::runtime_error("no /proc/net/tcp");
    const std::string own = written(connection.own_port);
    const std::string other = written(connection.other_port);
    table.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    for (std::string line; std::getline(table, line);) {
        std::istringstream fields(line);
        std::string number, from, to, state, queues, timer, lost, user, timeout, socket;
        fields >> number >> from >> to >> state >> queues >> timer >> lost >> user >> timeout >>
            socket;
        if (from == own && to == other && socket != "0") return "socket:[" + socket + ']';
    }
    return {};
}

}  // namespace

bool holds(pid_t process, const LocalConnection& connection) {
    const std::string socket = socket_of(connection);
    if (socket.empty()) return false;
    std::error_code gone;
    const std::filesystem::path folder = "/proc/" + std::to_string(process) + "/fd";
    for (std::filesystem::directory_iterator each(folder, gone), end; !gone && each != end;
         each.increment(gone)) {
        std::error_code closed;
        if (std::filesystem::read_symlink(each->path(), closed) == socket) return true;
    }
    return false;
}

}  // namespace tenure::test
