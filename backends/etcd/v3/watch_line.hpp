// What carries the watches of a store to one endpoint: a WebSocket for all of them, or a request
// for each.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "backends/etcd/endpoints.hpp"
#include "backends/etcd/v3/messages.hpp"
#include "backends/etcd/v3/sign_in.hpp"

namespace tenure::etcd::detail::v3 {

class WatchLine {
public:
    /// Called on the executor, one at a time, and never within a call of ours.
    struct Handlers {
        std::function<void()> opened;
        /// One whose line carries it on by another stream may be told once more that it was
        /// `created`.
        std::function<void(const WatchAnswer&)> answer;
        std::function<void()> pong;
        /// The last one, in place of `broken`: what answers there does not take this kind.
        std::function<void(Error)> declined;
        /// The last one: the line could not be opened, or has broken, for one watch or for all.
        std::function<void(Error)> broken;
    };

    virtual ~WatchLine() = default;
    /// Requires: it has been opened.
    virtual void ask(const WatchRequest& request) = 0;
    /// An answer with `canceled` follows.
    virtual void cancel(std::int64_t id) = 0;
    virtual void ping() = 0;
    /// Whether anything is waited for. While it is not, an open line gives its context nothing to
    /// do: a program may end.
    virtual void receive(bool wanted) = 0;
    /// Ends it at once; no handler is called any more.
    virtual void close() = 0;
};

/// Each opens one, by the deadline or not at all. Call its members on the executor, which must run
/// one thing at a time. `close` it before what its handlers hold goes.
std::shared_ptr<WatchLine> open_socket_line(const boost::asio::any_io_executor& executor,
                                            const Peer& peer, Clock::time_point deadline,
                                            WatchLine::Handlers handlers);
/// Each watch has `time` to be opened. `sign_in` where there is a user.
std::shared_ptr<WatchLine> open_request_line(const boost::asio::any_io_executor& executor,
                                             const Peer& peer, std::chrono::milliseconds time,
                                             std::shared_ptr<SignIn> sign_in,
                                             WatchLine::Handlers handlers);

}  // namespace tenure::etcd::detail::v3
