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

// A listing of a hundred thousand entries still fits.
constexpr std::uint64_t largest_body = 32 * 1024 * 1024;

class Connection final : public HttpConnection, public std::enable_shared_from_this<Connection> {
public:
    Connection(asio::any_io_executor executor, Peer peer)
        : executor_(std::move(executor)),
          peer_(std::move(peer)),
          transport_(executor_),
          timer_(executor_) {}

    void ask(const HttpQuestion& question, Clock::time_point deadline, Handler handler) override {
        handler_ = std::move(handler);
        request_ = to_beast(question, peer_);
        start_timer(deadline);
        if (transport_.is_open()) return write();
        // What the last one has left behind is none of the next one's.
        buffer_.clear();
        connecting_ = connect(executor_, peer_, deadline,
                              [self = shared_from_this()](result<Transport> transport) {
                                  self->connecting_.reset();
                                  if (!transport) return self->fail({}, transport.error());
                                  self->transport_ = std::move(*transport);
                                  self->write();
                              });
    }

    // What has come behind the last answer would be taken for the next one.
    bool is_usable() override {
        return transport_.is_open() && buffer_.size() == 0 && transport_.is_quiet();
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
        http::async_write(transport_, request_,
                          [self = shared_from_this(), round = round_](error_code, std::size_t) {
                              // Who closes before it has read it all may have said why.
                              if (round == self->round_) self->read();
                          });
    }

    void read() {
        if (!handler_) return;
        parser_.emplace();
        parser_->body_limit(largest_body);
        http::async_read(
            transport_, buffer_, *parser_,
            [self = shared_from_this(), round = round_](error_code error, std::size_t) {
                if (round != self->round_) return;
                const bool is_final = error || !is_interim(self->parser_->get().result_int());
                if (is_final) return self->finish(error);
                // Nor is the connection one that died while it was idle.
                self->answered_before_ = false;
                self->read();
            });
    }

    void finish(error_code error) {
        if (!handler_) return;
        if (error) return fail(error, error_of_http(error, buffer_));
        const auto handler = std::exchange(handler_, nullptr);
        HttpOutcome outcome{.sent = std::exchange(may_have_been_sent_, false)};
        ++round_;
        timer_.cancel();
        answered_before_ = true;
        if (!parser_->keep_alive()) end();
        auto answer = parser_->release();
        outcome.answer = {answer.result_int(), std::move(answer.body()), etcd_index_of(answer),
                          origin_of(answer)};
        parser_.reset();
        handler(std::move(outcome));
    }

    void fail(error_code code, Error error) {
        if (!handler_) return;
        const auto handler = std::exchange(handler_, nullptr);
        // Who does not let us in has not heard us.
        const bool sent = std::exchange(may_have_been_sent_, false);
        HttpOutcome outcome{.sent = sent && error.code != errc::untrusted};
        outcome.stale = answered_before_ && code != asio::error::timed_out && !has_answer_begun();
        outcome.error = std::move(error);
        if (parser_ && parser_->is_header_done()) {
            outcome.answer.etcd_index = etcd_index_of(parser_->get());
            outcome.answer.origin = origin_of(parser_->get());
            outcome.answer.body = std::move(parser_->get().body());
        }
        end();
        handler(std::move(outcome));
    }

    void end() {
        answered_before_ = false;
        ++round_;
        timer_.cancel();
        if (connecting_) std::exchange(connecting_, nullptr)->abandon();
        transport_.close();
    }

    bool has_answer_begun() const { return buffer_.size() > 0 || (parser_ && parser_->got_some()); }

    asio::any_io_executor executor_;
    Peer peer_;
    Transport transport_;
    asio::steady_timer timer_;
    std::uint64_t round_ = 0;
    std::shared_ptr<Connecting> connecting_;
    bool answered_before_ = false;
    bool may_have_been_sent_ = false;
    Handler handler_;
    http::request<http::string_body> request_;
    beast::flat_buffer buffer_{most_unread};
    std::optional<http::response_parser<http::string_body>> parser_;
};

}  // namespace

std::shared_ptr<HttpConnection> make_http_connection(asio::any_io_executor executor, Peer peer) {
    return std::make_shared<Connection>(std::move(executor), std::move(peer));
}

}  // namespace tenure::etcd::detail
