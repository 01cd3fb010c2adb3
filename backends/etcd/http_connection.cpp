#include "backends/etcd/http_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "backends/etcd/connect.hpp"

namespace tenure::etcd::detail {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

// A listing of a hundred thousand entries still fits.
constexpr std::uint64_t largest_body = 32 * 1024 * 1024;

bool is_not_http(error_code error) {
    return error.category() == make_error_code(http::error::bad_version).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

class Connection final : public HttpConnection, public std::enable_shared_from_this<Connection> {
public:
    Connection(asio::any_io_executor executor, Endpoint endpoint)
        : executor_(std::move(executor)), endpoint_(std::move(endpoint)), stream_(executor_) {}

    void post(std::string path, std::string body, Clock::time_point deadline,
              Handler handler) override {
        handler_ = std::move(handler);
        request_ = {http::verb::post, path, 11, std::move(body)};
        request_.set(http::field::host, to_string(endpoint_));
        request_.set(http::field::content_type, "application/json");
        request_.prepare_payload();
        stream_.expires_at(deadline);
        if (connected_) return write();
        connecting_ = connect(executor_, endpoint_, deadline,
                              [self = shared_from_this()](error_code error, tcp::socket socket) {
                                  self->connecting_.reset();
                                  if (error) return self->finish(error);
                                  self->stream_.socket() = std::move(socket);
                                  self->connected_ = true;
                                  self->write();
                              });
    }

    bool is_usable() override {
        if (!connected_ || !stream_.socket().is_open()) return false;
        // Nothing may be there to be read: neither bytes nor the end of the stream.
        char byte = 0;
        error_code error;
        tcp::socket& socket = stream_.socket();
        socket.non_blocking(true, error);
        if (error) return false;
        socket.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
        return error == asio::error::would_block;
    }

    void close() override {
        handler_ = nullptr;
        if (connecting_) std::exchange(connecting_, nullptr)->abandon();
        stream_.close();
    }

private:
    void write() {
        may_have_been_sent_ = true;
        http::async_write(stream_, request_,
                          [self = shared_from_this()](error_code error, std::size_t) {
                              if (error) return self->finish(error);
                              self->read();
                          });
    }

    void read() {
        parser_.emplace();
        parser_->body_limit(largest_body);
        http::async_read(
            stream_, buffer_, *parser_,
            [self = shared_from_this()](error_code error, std::size_t) { self->finish(error); });
    }

    void finish(error_code error) {
        if (!handler_) return;
        const auto handler = std::exchange(handler_, nullptr);
        HttpOutcome outcome{.sent = std::exchange(may_have_been_sent_, false)};
        if (error) {
            outcome.stale = answered_before_ && error != beast::error::timeout && !has_begun();
            outcome.error = error_of(error);
            stream_.close();
        } else {
            answered_before_ = true;
            stream_.expires_never();
            if (!parser_->keep_alive()) stream_.close();
            auto answer = parser_->release();
            outcome.status = answer.result_int();
            outcome.body = std::move(answer.body());
        }
        handler(std::move(outcome));
    }

    // Whether any of the answer has come.
    bool has_begun() const { return buffer_.size() > 0 || (parser_ && parser_->got_some()); }

    Error error_of(error_code error) const {
        if (error == beast::error::timeout) return error_of_transport(asio::error::timed_out);
        if (error == http::error::end_of_stream) {
            return {errc::unreachable, "closed the connection without an answer"};
        }
        if (error == http::error::partial_message) {
            return {errc::unreachable, "broke off in the middle of the answer"};
        }
        if (error == http::error::body_limit) {
            return {errc::bad_answer, "sends an answer without an end"};
        }
        if (!is_not_http(error)) return error_of_transport(error);
        return {errc::bad_answer, "answered " + quote(beast::buffers_to_string(buffer_.data())) +
                                      ", which is not HTTP: " + error.message()};
    }

    asio::any_io_executor executor_;
    Endpoint endpoint_;
    beast::tcp_stream stream_;
    std::shared_ptr<Connecting> connecting_;
    bool connected_ = false;
    bool answered_before_ = false;
    bool may_have_been_sent_ = false;
    Handler handler_;
    http::request<http::string_body> request_;
    beast::flat_buffer buffer_;
    std::optional<http::response_parser<http::string_body>> parser_;
};

}  // namespace

std::shared_ptr<HttpConnection> make_http_connection(asio::any_io_executor executor,
                                                     Endpoint endpoint) {
    return std::make_shared<Connection>(std::move(executor), std::move(endpoint));
}

}  // namespace tenure::etcd::detail
