#include "tests/support/http_get.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>

namespace tenure::test {
namespace {

using Clock = std::chrono::steady_clock;

class Socket {
public:
    explicit Socket(int flags) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)) {
        if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { ::close(fd_); }
    int get() const { return fd_; }

private:
    int fd_;
};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

bool ready(int fd, short events, Clock::time_point until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd polled{fd, events, 0};
    return left > 0 && ::poll(&polled, 1, static_cast<int>(left)) == 1;
}

bool bound_to(const Socket& socket, std::uint16_t port) {
    const sockaddr_in address = loopback(port);
    return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

std::optional<std::string> http_get(std::uint16_t port, const std::string& path,
                                    std::chrono::milliseconds bound) {
    return http_send(port, "GET", path, {}, bound);
}

std::optional<std::string> http_send(std::uint16_t port, const std::string& verb,
                                     const std::string& target, const std::string& form,
                                     std::chrono::milliseconds bound) {
    const auto until = Clock::now() + bound;
    const Socket socket(SOCK_NONBLOCK);
    const sockaddr_in address = loopback(port);
    const int connected =
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (connected != 0 && errno != EINPROGRESS) return std::nullopt;
    if (!ready(socket.get(), POLLOUT, until)) return std::nullopt;
    std::string request = verb + ' ' + target + " HTTP/1.0\r\nHost: 127.0.0.1\r\n";
    if (!form.empty()) {
        request += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
                   std::to_string(form.size()) + "\r\n";
    }
    request += "\r\n" + form;
    if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
        return std::nullopt;
    }
    std::string answer;
    while (ready(socket.get(), POLLIN, until)) {
        std::array<char, 16384> buffer{};
        const ssize_t count = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
        if (count == 0) return answer;
        if (count < 0) return std::nullopt;
        answer.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return std::nullopt;
}

std::uint16_t free_port() {
    const Socket socket(0);
    if (!bound_to(socket, 0)) throw std::system_error(errno, std::generic_category(), "no port");
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::system_error(errno, std::generic_category(), "getsockname");
    }
    return ntohs(address.sin_port);
}

std::uint16_t free_server_port() {
    constexpr std::uint16_t lowest = 16'384;
    std::uint32_t first_outgoing = 32'768;
    std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first_outgoing;
    if (first_outgoing <= lowest + 100U) return free_port();
    std::random_device chance;
    for (int attempt = 0; attempt < 1000; ++attempt) {
        const auto port = static_cast<std::uint16_t>(lowest + chance() % (first_outgoing - lowest));
        if (bound_to(Socket(0), port)) return port;
    }
    throw std::runtime_error("no free port for a server");
}

}  // namespace tenure::test
