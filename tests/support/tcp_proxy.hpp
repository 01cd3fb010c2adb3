// A line on loopback that a test can break: between a store and its server, on a thread of
// its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tenure::test {

/// Passes bytes between those who connect to `port()` and 127.0.0.1:target_port.
/// Each call returns when it has taken effect. Thread safety: any thread.
class TcpProxy {
public:
    explicit TcpProxy(std::uint16_t target_port);
    ~TcpProxy();
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;

    std::uint16_t port() const noexcept;
    /// `127.0.0.1:PORT`.
    std::string address() const;
    /// `etcd://127.0.0.1:PORT`, and the API that the test runs over.
    std::string store_url() const;

    /// Still accepts, but forwards nothing, on open connections either.
    void blackhole();
    /// Forwards requests, and keeps the answers back.
    void hold_answers();
    /// Closes all connections, and each new one as soon as it is accepted.
    void cut();
    /// The same for those who connect from such ports only, until it works as before. `whom` is
    /// asked of each connection that is open, and of each new one; not by the thread that calls.
    void cut_from(std::function<bool(std::uint16_t port)> whom);
    /// Forwards, and cuts each connection that is made from now on after a random number of bytes
    /// of its requests or of its answers.
    void cut_at_random(std::uint32_t seed);
    /// How many were cut so.
    std::size_t cut_by_chance() const;
    /// Works as before. What a blackhole has kept is delivered, as a network would.
    void heal();
    /// Works, but what comes is passed on only so much later, each way, and nothing more is taken
    /// meanwhile.
    void slow_down(std::chrono::milliseconds delay);
    /// Closes all connections; new ones work.
    void drop_connections();
    /// Leaves all connections half open: the server is told that they have ended, and those who
    /// connected are not, as when a machine on the way has restarted. New ones work.
    void forget_connections();

    /// Connections accepted so far, and open now.
    std::size_t accepted() const;
    std::size_t open() const;
    /// The first line that each connection has sent, in the order in which these came:
    /// `POST /v3/kv/range HTTP/1.1`.
    std::vector<std::string> first_lines() const;
    /// How many of these begin with `text`.
    std::size_t count_first_lines(const std::string& text) const;
    /// Whether there are so many of them, at the latest after `bound`.
    bool wait_for_first_lines(const std::string& text, std::size_t count,
                              std::chrono::milliseconds bound) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenure::test
