// A server that is not etcd, though something listens there: what a user meets who gives the
// wrong port.
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

/// Listens on a free port of 127.0.0.1, on a thread of its own.
class BadServer {
public:
    explicit BadServer(Badness badness);
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

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenure::test
