// A request whose answer goes on: a line of text now and then, on a connection of its own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "backends/etcd/http_connection.hpp"

namespace tenure::etcd::detail {

class HttpStream {
public:
    /// Called on the executor, one at a time, and never within a call of ours.
    struct Handlers {
        std::function<void(std::string_view)> line;
        /// The last one, with the whole answer: its status is not 200.
        std::function<void(HttpAnswer)> refused;
        /// The last one: it could not be opened, has broken, or has ended.
        std::function<void(Error)> broken;
    };

    virtual ~HttpStream() = default;
    /// Ends it at once; no handler is called any more.
    virtual void close() = 0;
};

/// Opens one, with its first line by the deadline or not at all; after that a peer that gives the
/// system no sign of life for a while ends it. Call its members on the executor, which must run
/// one thing at a time. `close` it before what its handlers hold goes.
std::shared_ptr<HttpStream> open_http_stream(const boost::asio::any_io_executor& executor,
                                             const Peer& peer, const HttpQuestion& question,
                                             Clock::time_point deadline,
                                             HttpStream::Handlers handlers);

}  // namespace tenure::etcd::detail
