// One watch over a request of its own, whose answer goes on.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "backends/etcd/http_stream.hpp"
#include "backends/etcd/v3/messages.hpp"
#include "backends/etcd/v3/sign_in.hpp"

namespace tenure::etcd::detail::v3 {

/// Whom a watch is asked of.
struct WatchedPeer {
    boost::asio::any_io_executor executor;
    Peer peer;
    /// How long a watch may take to be opened.
    std::chrono::milliseconds time;
    /// Where there is a user.
    std::shared_ptr<SignIn> sign_in{};
};

/// Call its members on the executor, which must run one thing at a time. `close` it before what
/// its handlers hold goes.
class WatchStream : public std::enable_shared_from_this<WatchStream> {
public:
    /// Called on the executor, one at a time, and never within a call of ours.
    struct Handlers {
        /// By the id that was asked for. With `canceled`, the last one.
        std::function<void(const WatchAnswer&)> answer;
        /// The last one: it could not be opened, or has broken.
        std::function<void(const Error&)> failed;
    };

    WatchStream(WatchedPeer peer, const WatchRequest& request, Handlers handlers);
    ~WatchStream() { close(); }
    WatchStream(const WatchStream&) = delete;
    WatchStream& operator=(const WatchStream&) = delete;

    void open();
    /// Ends it at once; no handler is called any more.
    void close();

private:
    void start(const std::string& token);
    void received(std::string_view text);
    void refused(const HttpAnswer& answer);
    void not_signed_in(const Error& error);
    void fail(const Error& error);
    void token_refused(const Error& error);

    WatchedPeer peer_;
    WatchRequest request_;
    Handlers handlers_;
    std::string token_;
    std::shared_ptr<HttpStream> http_;
    bool is_second_try_ = false;
    /// Something has come of it.
    bool has_begun_ = false;
    bool is_over_ = false;
};

}  // namespace tenure::etcd::detail::v3
