// One WebSocket to etcd's gateway: a stream of JSON texts in both directions.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "backends/etcd/endpoints.hpp"

namespace tenure::etcd::detail::v3 {

class WebSocket {
public:
    /// Called on the executor, one at a time, and never within a call of ours.
    struct Handlers {
        std::function<void()> opened;
        std::function<void(std::string_view)> message;
        std::function<void()> pong;
        /// The last one, in place of `broken`: what answers there takes no WebSockets.
        std::function<void(Error)> declined;
        /// The last one: it could not be opened, or has broken.
        std::function<void(Error)> broken;
    };

    virtual ~WebSocket() = default;
    /// Queued in order; what is sent before it is open goes out then.
    virtual void send(std::string text) = 0;
    virtual void ping() = 0;
    /// Whether messages are waited for. While they are not, and nothing is being sent, an open
    /// socket gives its context nothing to do: a program may end.
    virtual void receive(bool wanted) = 0;
    /// Ends it at once; no handler is called any more.
    virtual void close() = 0;
};

/// Opens one at `path`, by the deadline or not at all. Call its members on the executor, which
/// must run one thing at a time. `close` it before what its handlers hold goes.
std::shared_ptr<WebSocket> open_web_socket(boost::asio::any_io_executor executor, const Peer& peer,
                                           std::string path, Clock::time_point deadline,
                                           WebSocket::Handlers handlers);

}  // namespace tenure::etcd::detail::v3
