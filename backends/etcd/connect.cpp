#include "backends/etcd/connect.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>
#include <vector>

namespace tenure::etcd::detail {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class Attempt final : public Connecting, public std::enable_shared_from_this<Attempt> {
public:
    Attempt(asio::any_io_executor executor, const Endpoint& endpoint, ConnectHandler handler)
        : endpoint_(endpoint),
          handler_(std::move(handler)),
          resolver_(executor),
          socket_(executor),
          timer_(executor) {}

    void start(Clock::time_point deadline) {
        timer_.expires_at(deadline);
        timer_.async_wait([self = shared_from_this()](error_code error) {
            if (!error) self->finish(asio::error::timed_out);
        });
        error_code error;
        const auto address = asio::ip::make_address(endpoint_.host, error);
        if (!error) {
            const std::vector<tcp::endpoint> only{tcp::endpoint(address, endpoint_.port)};
            return try_all(only);
        }
        // The system's resolver cannot be interrupted: when it comes back late, nobody listens.
        resolver_.async_resolve(endpoint_.host, std::to_string(endpoint_.port),
                                [self = shared_from_this()](error_code failure, const auto& found) {
                                    if (failure) return self->finish(failure);
                                    std::vector<tcp::endpoint> addresses;
                                    for (const auto& each : found)
                                        addresses.push_back(each.endpoint());
                                    self->try_all(addresses);
                                });
    }

    void abandon() override {
        handler_ = nullptr;
        end();
    }

private:
    void try_all(const std::vector<tcp::endpoint>& addresses) {
        if (!handler_) return;
        asio::async_connect(socket_, addresses,
                            [self = shared_from_this()](error_code error, const auto&) {
                                if (!error) self->socket_.set_option(tcp::no_delay(true), error);
                                self->finish(error);
                            });
    }

    void finish(error_code error) {
        if (!handler_) return;
        const auto handler = std::exchange(handler_, nullptr);
        tcp::socket socket = std::move(socket_);
        end();
        if (error) socket.close(error_code_sink_);
        handler(error, std::move(socket));
    }

    void end() {
        timer_.cancel();
        resolver_.cancel();
        socket_.close(error_code_sink_);
    }

    Endpoint endpoint_;
    ConnectHandler handler_;
    tcp::resolver resolver_;
    tcp::socket socket_;
    asio::steady_timer timer_;
    error_code error_code_sink_;
};

}  // namespace

std::shared_ptr<Connecting> connect(asio::any_io_executor executor, const Endpoint& endpoint,
                                    Clock::time_point deadline, ConnectHandler handler) {
    auto attempt = std::make_shared<Attempt>(std::move(executor), endpoint, std::move(handler));
    attempt->start(deadline);
    return attempt;
}

Error error_of_transport(error_code code) {
    const bool is_late = code == asio::error::timed_out;
    return {is_late ? errc::timed_out : errc::unreachable,
            is_late ? std::string("did not answer in time") : code.message()};
}

}  // namespace tenure::etcd::detail
