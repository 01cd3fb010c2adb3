// One keep-alive connection: a request at a time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "backends/etcd/endpoints.hpp"
#include "backends/etcd/origin.hpp"

namespace tenure::etcd::detail {

enum class Method { get, put, post, del };

/// What is asked of an endpoint.
struct HttpQuestion {
    Method method = Method::get;
    /// Path and query, percent-encoded.
    std::string target;
    std::string body{};
    /// Of the body.
    std::string content_type{};
    /// The header of that name; none when it is empty. Never part of an error.
    std::string authorization{};
    /// Whether a member that is cut off from the others has to say so, and to end a stream.
    bool needs_leader = false;
};

struct HttpAnswer {
    unsigned status = 0;
    std::string body{};
    /// The header X-Etcd-Index of the v2 API; 0 without it.
    std::int64_t etcd_index = 0;
    /// From the headers of the v2 API; nothing without them.
    Origin origin{};
};

/// What came of one request: an answer, or an error.
struct HttpOutcome {
    std::optional<Error> error{};
    /// Whether the server may have seen the request.
    bool sent = false;
    /// Nobody was asked: it is our own doing, and says nothing about the endpoint.
    bool is_local = false;
    /// The server has closed a connection that had been idle, without a word.
    bool stale = false;
    /// With an error: what of it had come, if its head had.
    HttpAnswer answer{};
};

class HttpConnection {
public:
    using Handler = std::function<void(HttpOutcome)>;

    virtual ~HttpConnection() = default;
    /// Connects first when it is not open. The handler is called once, by the deadline, and never
    /// within this call. Requires: no other request is under way, and none has failed.
    virtual void ask(const HttpQuestion& question, Clock::time_point deadline, Handler handler) = 0;
    /// Whether another request may be tried on it: open, and nothing has come unasked.
    virtual bool is_usable() = 0;
    /// Closes it; a handler that waits is not called any more.
    virtual void close() = 0;
};

/// Call its members on the executor, which must run one thing at a time.
std::shared_ptr<HttpConnection> make_http_connection(boost::asio::any_io_executor executor,
                                                     Peer peer);

}  // namespace tenure::etcd::detail
