#include "backends/etcd/connect.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <utility>

#include "backends/etcd/back_off.hpp"

namespace tenure::etcd::detail {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// The other side's alerts are numbered from a thousand on (RFC 8446, section 6.2, for the numbers).
Error error_of_tls(error_code code) {
    const int alert =
        ERR_GET_REASON(static_cast<unsigned long>(code.value())) - SSL_AD_REASON_OFFSET;
    const bool is_about_us = (alert >= 40 && alert <= 49) || alert == 116;
    if (is_about_us) {
        return {errc::untrusted,
                "does not accept our certificate, or the lack of one: " + code.message()};
    }
    return {errc::bad_answer, "does not speak TLS as it is expected to: " + code.message()};
}

Error error_of_handshake(error_code code) {
    Error error = error_of_transport(code);
    if (error.code == errc::unreachable) {
        error.detail =
            "failed during the TLS handshake (does it speak TLS there?): " + error.detail;
    }
    return error;
}

class Attempt final : public Connecting,
                      public BackOff::Turn,
                      public std::enable_shared_from_this<Attempt> {
public:
    Attempt(const asio::any_io_executor& executor, const Peer& peer, ConnectHandler handler)
        : executor_(executor),
          peer_(peer),
          handler_(std::move(handler)),
          resolver_(executor),
          socket_(executor),
          timer_(executor),
          share_(executor) {}

    void start(Clock::time_point deadline) {
        deadline_ = deadline;
        timer_.expires_at(deadline);
        timer_.async_wait([self = shared_from_this()](error_code error) {
            if (!error) self->give_up();
        });
        if (peer_.back_off) return peer_.back_off->ask_for(weak_from_this());
        look_up();
    }

    bool take(BackOff::Admission admission) override {
        if (!handler_) return false;
        admission_ = std::move(admission);
        look_up();
        return true;
    }

    void abandon() override {
        handler_ = nullptr;
        end();
    }

private:
    void look_up() {
        error_code error;
        const Endpoint& endpoint = peer_.endpoint;
        const auto address = asio::ip::make_address(endpoint.host, error);
        if (!error) {
            addresses_.emplace_back(address, endpoint.port);
            return try_next(asio::error::host_not_found);
        }
        // The system's resolver cannot be interrupted: when it comes back late, nobody listens.
        resolver_.async_resolve(endpoint.host, std::to_string(endpoint.port),
                                [self = shared_from_this()](error_code failure, const auto& found) {
                                    if (failure) return self->fail(failure);
                                    for (const auto& each : found)
                                        self->addresses_.push_back(each.endpoint());
                                    self->try_next(asio::error::host_not_found);
                                });
    }

    // Each address has its share of the time to let us connect: one that nobody answers at keeps no
    // other from being tried.
    void try_next(error_code last) {
        if (!handler_) return;
        if (addresses_.empty()) return fail(last);
        const auto left = static_cast<std::int64_t>(addresses_.size());
        const tcp::endpoint address = addresses_.front();
        addresses_.pop_front();
        error_code ignored;
        socket_.close(ignored);
        share_.expires_after((deadline_ - Clock::now()) / left);
        share_.async_wait([self = shared_from_this(), left](error_code error) {
            const bool is_its = static_cast<std::int64_t>(self->addresses_.size()) + 1 == left;
            const bool is_over = error || !self->handler_ || self->channel_ || !is_its;
            if (!is_over) self->socket_.close(self->error_code_sink_);
        });
        socket_.async_connect(address, [self = shared_from_this()](error_code error) {
            self->share_.cancel();
            if (error == asio::error::operation_aborted) error = asio::error::timed_out;
            if (!error) self->socket_.set_option(tcp::no_delay(true), error);
            if (error) return self->try_next(error);
            self->shake_hands();
        });
    }

    void shake_hands() {
        if (!handler_) return;
        channel_ = make_channel(std::move(socket_), peer_);
        channel_->shake_hands([self = shared_from_this()](error_code error, std::size_t) {
            if (!self->handler_) return;
            if (!error) return self->succeed();
            auto verdict = self->channel_->verdict();
            self->finish(verdict ? std::move(*verdict) : error_of_handshake(error));
        });
    }

    // Whether the endpoint works is not known before it says something.
    void succeed() {
        channel_->keep_until_answered(std::move(admission_));
        finish(Transport(executor_, std::move(channel_)));
    }

    // While the endpoint was left alone, what was wrong before still is.
    void give_up() {
        const bool waits = peer_.back_off && !admission_ && peer_.back_off->last_error();
        if (waits) return finish(*peer_.back_off->last_error());
        fail(asio::error::timed_out);
    }

    void fail(error_code error) { finish(error_of_transport(error)); }

    void finish(result<Transport> outcome) {
        if (!handler_) return;
        const auto handler = std::exchange(handler_, nullptr);
        end();
        handler(std::move(outcome));
    }

    void end() {
        timer_.cancel();
        share_.cancel();
        resolver_.cancel();
        socket_.close(error_code_sink_);
        if (channel_) channel_->socket().close(error_code_sink_);
        admission_.reset();
    }

    asio::any_io_executor executor_;
    Peer peer_;
    ConnectHandler handler_;
    tcp::resolver resolver_;
    tcp::socket socket_;
    std::shared_ptr<Channel> channel_;
    asio::steady_timer timer_;
    asio::steady_timer share_;
    Clock::time_point deadline_{};
    /// Not tried yet.
    std::deque<tcp::endpoint> addresses_{};
    error_code error_code_sink_;
    /// While it has its turn.
    BackOff::Admission admission_;
};

}  // namespace

std::shared_ptr<Connecting> connect(asio::any_io_executor executor, const Peer& peer,
                                    Clock::time_point deadline, ConnectHandler handler) {
    auto attempt = std::make_shared<Attempt>(executor, peer, std::move(handler));
    attempt->start(deadline);
    return attempt;
}

Error error_of_transport(error_code code) {
    if (code.category() == asio::error::get_ssl_category()) return error_of_tls(code);
    if (code == asio::error::eof) return {errc::unreachable, "closed the connection"};
    const bool is_late = code == asio::error::timed_out;
    return {is_late ? errc::timed_out : errc::unreachable,
            is_late ? std::string("did not answer in time") : code.message()};
}

}  // namespace tenure::etcd::detail
