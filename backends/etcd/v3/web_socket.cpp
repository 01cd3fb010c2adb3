#include "backends/etcd/v3/web_socket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <utility>

#include "backends/etcd/connect.hpp"
#include "backends/etcd/v3/messages.hpp"

namespace tenure::etcd::detail::v3 {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

// Room for a thousand changes of large values in one message.
constexpr std::size_t largest_message = 64 * 1024 * 1024;

class Stream final : public WebSocket, public std::enable_shared_from_this<Stream> {
public:
    Stream(const asio::any_io_executor& executor, Peer peer, std::string path, Handlers handlers)
        : executor_(executor),
          peer_(std::move(peer)),
          path_(std::move(path)),
          handlers_(std::move(handlers)),
          timer_(executor),
          stream_(executor) {}

    void open(Clock::time_point deadline) {
        timer_.expires_at(deadline);
        timer_.async_wait([self = shared_from_this()](error_code error) {
            if (!error && !self->is_open_) self->fail(error_of_transport(asio::error::timed_out));
        });
        connecting_ = connect(executor_, peer_, deadline,
                              [self = shared_from_this()](result<Transport> transport) {
                                  self->connecting_.reset();
                                  if (!transport) return self->fail(transport.error());
                                  self->stream_.next_layer() = std::move(*transport);
                                  self->shake_hands();
                              });
    }

    void send(std::string text) override {
        if (is_over_) return;
        outgoing_.push_back(std::move(text));
        write_next();
    }

    void ping() override {
        if (!is_open_ || std::exchange(is_pinging_, true)) return;
        stream_.async_ping({}, [self = shared_from_this()](error_code error) {
            self->is_pinging_ = false;
            if (error) self->fail(self->error_of(error));
        });
    }

    void receive(bool wanted) override {
        is_wanted_ = wanted;
        read_next();
    }

    void close() override {
        if (std::exchange(is_over_, true)) return;
        is_open_ = false;
        timer_.cancel();
        if (connecting_) std::exchange(connecting_, nullptr)->abandon();
        stream_.next_layer().close();
    }

private:
    void shake_hands() {
        // Our own timer bounds the handshake, and pings are ours to send.
        stream_.set_option({websocket::stream_base::none(), websocket::stream_base::none(), false});
        stream_.read_message_max(largest_message);
        stream_.control_callback([this](websocket::frame_type type, beast::string_view) {
            if (type == websocket::frame_type::pong && !is_over_) handlers_.pong();
        });
        stream_.async_handshake(response_, to_string(peer_.endpoint), path_,
                                [self = shared_from_this()](error_code error) {
                                    if (self->is_over_) return;
                                    if (error) return self->handshake_failed(error);
                                    self->is_open_ = true;
                                    self->timer_.cancel();
                                    self->handlers_.opened();
                                    self->write_next();
                                    self->read_next();
                                });
    }

    void write_next() {
        if (!is_open_ || is_writing_ || outgoing_.empty()) return;
        is_writing_ = true;
        stream_.async_write(asio::buffer(outgoing_.front()),
                            [self = shared_from_this()](error_code error, std::size_t) {
                                self->is_writing_ = false;
                                if (error) return self->fail(self->error_of(error));
                                self->outgoing_.pop_front();
                                self->write_next();
                            });
    }

    void read_next() {
        if (!is_open_ || is_reading_ || !is_wanted_) return;
        is_reading_ = true;
        stream_.async_read(incoming_, [self = shared_from_this()](error_code error, std::size_t) {
            self->is_reading_ = false;
            if (error) return self->fail(self->error_of(error));
            if (self->is_over_) return;
            const std::string message = beast::buffers_to_string(self->incoming_.data());
            self->incoming_.consume(self->incoming_.size());
            self->handlers_.message(message);
            self->read_next();
        });
    }

    void handshake_failed(error_code error) {
        const auto status = response_.result_int();
        // Rather than "not now" (5xx), or "not you".
        const bool never = error == websocket::error::upgrade_declined &&
                           (status < 500 || status == 501) && status != 401 && status != 403 &&
                           status != 429;
        if (!never) return fail(error_of(error));
        close();
        handlers_.declined(error_of(error));
    }

    void fail(Error error) {
        if (is_over_) return;
        close();
        handlers_.broken(std::move(error));
    }

    Error error_of(error_code error) const {
        if (error == websocket::error::upgrade_declined) {
            Error refusal = error_of_answer(response_.result_int(), response_.body());
            refusal.detail = "does not open a WebSocket: it " + refusal.detail;
            return refusal;
        }
        if (error == websocket::error::message_too_big) {
            return {errc::bad_answer, "sends a message without an end"};
        }
        const auto& http = beast::http::make_error_code(beast::http::error::bad_version).category();
        const bool is_cut = error == beast::http::error::end_of_stream ||
                            error == beast::http::error::partial_message ||
                            error == websocket::error::closed;
        if (is_cut) return {errc::unreachable, "closed the stream"};
        const auto& mine = websocket::make_error_code(websocket::error::bad_opcode).category();
        if (error.category() != http && error.category() != mine) return error_of_transport(error);
        return {errc::bad_answer, "does not speak WebSocket: " + error.message()};
    }

    asio::any_io_executor executor_;
    Peer peer_;
    std::string path_;
    Handlers handlers_;
    asio::steady_timer timer_;
    std::shared_ptr<Connecting> connecting_;
    websocket::stream<Transport> stream_;
    websocket::response_type response_;
    beast::flat_buffer incoming_;
    std::deque<std::string> outgoing_;
    bool is_open_ = false;
    bool is_over_ = false;
    bool is_wanted_ = false;
    bool is_reading_ = false;
    bool is_writing_ = false;
    bool is_pinging_ = false;
};

}  // namespace

std::shared_ptr<WebSocket> open_web_socket(asio::any_io_executor executor, const Peer& peer,
                                           std::string path, Clock::time_point deadline,
                                           WebSocket::Handlers handlers) {
    auto socket = std::make_shared<Stream>(executor, peer, std::move(path), std::move(handlers));
    socket->open(deadline);
    return socket;
}

}  // namespace tenure::etcd::detail::v3
