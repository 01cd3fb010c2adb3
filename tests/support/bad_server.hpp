// A server that is not etcd, though something listens there: what a user meets who gives the
// wrong port. Or one that is nearly etcd, and says what a test puts into its mouth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tenure::test {

enum class Badness {
    /// HTTP 200 with a line of text.
    plain_text,
    /// HTTP 404 with a page.
    html,
    /// A greeting that is no HTTP, as SSH sends it, before anything was asked.
    banner,
    /// Bytes that mean nothing, after the request.
    garbage,
    /// HTTP 200 with JSON that is none of etcd's.
    other_json,
    /// HTTP 200 with a body that never ends.
    endless_body,
    /// HTTP 200 with a length, and less than that before the end.
    cut_body,
    /// Accepts, and never answers.
    silent,
    /// Closes each connection when the request has come.
    closing,
};

/// What is said, byte for byte, and what is done then.
struct Speech {
    enum class Then {
        /// The next request is answered, too.
        go_on,
        close,
        /// Says no more, and keeps the connection.
        fall_silent,
        /// Says `more` again and again, as fast as it is taken.
        repeat,
        /// The same, one byte every few milliseconds.
        drip,
    };
    std::string text{};
    Then then = Then::go_on;
    std::string more{};
};

/// What is said to whom.
struct Script {
    /// To each request that is none of those below.
    Speech unary{.then = Speech::Then::fall_silent};
    /// To one that asks for a WebSocket; when this is empty, it is opened.
    std::string upgrade{};
    /// On an open WebSocket, once the client has sent something; to a request for a stream of
    /// watches; and to a poll of the v2 keys API.
    Speech stream{.then = Speech::Then::fall_silent};
};

/// Listens on a free port of 127.0.0.1, on a thread of its own.
class BadServer {
public:
    explicit BadServer(Badness badness);
    explicit BadServer(const Script& script);
    ~BadServer();
    BadServer(const BadServer&) = delete;
    BadServer& operator=(const BadServer&) = delete;

    std::uint16_t port() const noexcept;
    /// `127.0.0.1:PORT`.
    std::string address() const;
    /// `etcd://127.0.0.1:PORT`.
    std::string store_url() const;
    /// Requests, or what came in their place, so far.
    std::size_t requests() const noexcept;
    /// Connections so far.
    std::size_t accepted() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenure::test
