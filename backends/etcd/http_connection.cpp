#include "backends/etcd/http_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "backends/etcd/beast_http.hpp"
#include "backends/etcd/connect.hpp"

namespace tenure::etcd::detail {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

// A listing of a hundred thousand entries still fits.
constexpr std::uint64_t largest_body = 32 * 1024 * 1024;

class Connection final : public HttpConnection, public std::enable_shared_from_this<Connection> {
public:
    Connection(asio::any_io_executor executor, Endpoint endpoint)
        : executor_(std::move(executor)),
          endpoint_(std::move(endpoint)),
          socket_(executor_),
          timer_(executor_) {}

    void ask(const HttpQuestion& question, Clock::time_point deadline, Handler handler) override {
        handler_ = std::move(handler);
        request_ = to_beast(question, endpoint_);
        start_timer(deadline);
        if (socket_.is_open()) return write();
        // What the last one has left behind is none of the next one's.
        buffer_.clear();
        connecting_ = connect(executor_, endpoint_, deadline,
                              [self = shared_from_this()](error_code error, tcp::socket socket) {
                                  self->connecting_.reset();
                                  if (error) return self->finish(error);
                                  self->socket_ = std::move(socket);
                                  self->write();
                              });
    }

    bool is_usable() override {
        if (!socket_.is_open()) return false;
        // Nothing may be there to be read: neither bytes nor the end of the stream.
        char byte = 0;
        error_code error;
        socket_.non_blocking(true, error);
        if (error) return false;
        socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
        return error == asio::error::would_block;
    }

    void close() override {
        handler_ = nullptr;
        end();
    }

private:
    // Ours and not Beast's: that one never fires while more and more of an answer comes.
    void start_timer(Clock::time_point deadline) {
        timer_.expires_at(deadline);
        timer_.async_wait([self = shared_from_this(), round = ++round_](error_code error) {
            if (!error && round == self->round_) self->finish(asio::error::timed_out);
        });
    }

    void write() {
        may_have_been_sent_ = true;
        http::async_write(
            socket_, request_,
            [self = shared_from_this(), round = round_](error_code error, std::size_t) {
                if (round != self->round_) return;
                if (error) return self->finish(error);
                self->read();
            });
    }

    void read() {
        if (!handler_) return;
        parser_.emplace();
        parser_->body_limit(largest_body);
        http::async_read(
            socket_, buffer_, *parser_,
            [self = shared_from_this(), round = round_](error_code error, std::size_t) {
                if (round == self->round_) self->finish(error);
            });
    }

    void finish(error_code error) {
        if (!handler_) return;
        const auto handler = std::exchange(handler_, nullptr);
        HttpOutcome outcome{.sent = std::exchange(may_have_been_sent_, false)};
        ++round_;
        timer_.cancel();
        if (error) {
            outcome.stale =
                answered_before_ && error != asio::error::timed_out && !has_answer_begun();
            outcome.error = error_of_http(error, buffer_);
            if (parser_ && parser_->is_header_done()) {
                outcome.answer.etcd_index = etcd_index_of(parser_->get());
            }
            end();
        } else {
            answered_before_ = true;
            if (!parser_->keep_alive()) end();
            auto answer = parser_->release();
            outcome.answer = {answer.result_int(), std::move(answer.body()), etcd_index_of(answer)};
            parser_.reset();
        }
        handler(std::move(outcome));
    }

    void end() {
        answered_before_ = false;
        ++round_;
        timer_.cancel();
        if (connecting_) std::exchange(connecting_, nullptr)->abandon();
        error_code ignored;
        socket_.close(ignored);
    }

    bool has_answer_begun() const { return buffer_.size() > 0 || (parser_ && parser_->got_some()); }

    asio::any_io_executor executor_;
    Endpoint endpoint_;
    tcp::socket socket_;
    asio::steady_timer timer_;
    std::uint64_t round_ = 0;
    std::shared_ptr<Connecting> connecting_;
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
