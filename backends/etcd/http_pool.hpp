// A bounded number of keep-alive connections, and a queue before them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>
#include <vector>

#include "backends/etcd/http_connection.hpp"

namespace tenure::etcd::detail {

struct HttpRequest {
    /// Which of the endpoints.
    std::size_t endpoint = 0;
    HttpQuestion question;
    /// Waiting for a connection counts.
    Clock::time_point deadline;
    /// Only on a connection of its own: one that was idle has just turned out to be dead.
    bool on_new_connection = false;
    /// A leadership or a watch hangs on it: it waits for no others.
    bool is_urgent = false;
};

/// Call its members on the executor, which must run one thing at a time.
class HttpPool : public std::enable_shared_from_this<HttpPool> {
public:
    HttpPool(boost::asio::any_io_executor executor, const Endpoints& endpoints);
    ~HttpPool();
    HttpPool(const HttpPool&) = delete;
    HttpPool& operator=(const HttpPool&) = delete;

    /// The handler is called once, by the deadline, and never within this call.
    void ask(HttpRequest request, HttpConnection::Handler handler);
    /// Closes everything; no handler is called any more.
    void close();

private:
    using Connection = std::shared_ptr<HttpConnection>;
    struct Idle {
        std::size_t endpoint;
        Connection connection;
        Clock::time_point since;
    };
    struct Waiting;

    bool has_room_for(const HttpRequest& request) const;
    void queue(HttpRequest request, HttpConnection::Handler handler);
    void run(HttpRequest request, HttpConnection::Handler handler);
    void done(std::size_t endpoint, const HttpConnection& connection, bool is_healthy);
    Connection take(std::size_t endpoint, bool must_be_new);
    void close_idle();

    boost::asio::any_io_executor executor_;
    const Endpoints& endpoints_;
    std::vector<Idle> idle_;
    std::list<Connection> busy_;
    std::list<std::shared_ptr<Waiting>> queue_;
    bool closed_ = false;
};

}  // namespace tenure::etcd::detail
