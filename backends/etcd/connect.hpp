// From an endpoint to a stream that is open, TLS included, within a time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "backends/etcd/endpoints.hpp"
#include "backends/etcd/transport.hpp"

namespace tenure::etcd::detail {

/// An attempt under way.
class Connecting {
public:
    virtual ~Connecting() = default;
    /// The handler will not be called any more. Call it on the executor.
    virtual void abandon() = 0;
};

using ConnectHandler = std::function<void(result<Transport>)>;

/// Calls the handler on the executor, once, by the deadline; never within this call. A name is
/// looked up, and its addresses are tried in turn.
std::shared_ptr<Connecting> connect(boost::asio::any_io_executor executor, const Peer& peer,
                                    Clock::time_point deadline, ConnectHandler handler);

/// In words what an error of a socket, or of TLS, means, and which of ours it is.
Error error_of_transport(error_code code);

}  // namespace tenure::etcd::detail
