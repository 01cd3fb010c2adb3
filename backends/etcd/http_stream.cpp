#include "backends/etcd/http_stream.hpp"

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "backends/etcd/beast_http.hpp"
#include "backends/etcd/connect.hpp"
#include "backends/etcd/line_splitter.hpp"

namespace tenure::etcd::detail {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

// Room for a thousand changes of large values in one message.
constexpr std::size_t longest_line = 64 * 1024 * 1024;
constexpr std::size_t longest_refusal = 64 * 1024;
// How long a silent peer goes unasked for a sign of life.
constexpr std::chrono::seconds longest_silence{3};

class Stream final : public HttpStream, public std::enable_shared_from_this<Stream> {
public:
    Stream(const asio::any_io_executor& executor, Peer peer, const HttpQuestion& question,
           Handlers handlers)
        : peer_(std::move(peer)),
          request_(to_beast(question, peer_)),
          handlers_(std::move(handlers)),
          timer_(executor),
          transport_(executor) {}

    void open(Clock::time_point deadline) {
        timer_.expires_at(deadline);
        timer_.async_wait([self = shared_from_this()](error_code error) {
            if (!error && !self->has_begun_) {
                self->fail(error_of_transport(asio::error::timed_out));
            }
        });
        connecting_ = connect(transport_.get_executor(), peer_, deadline,
                              [self = shared_from_this()](result<Transport> transport) {
                                  self->connecting_.reset();
                                  if (!transport) return self->fail(transport.error());
                                  self->transport_ = std::move(*transport);
                                  self->transport_.watch_over(longest_silence);
                                  self->write();
                              });
    }

    void close() override {
        if (std::exchange(is_over_, true)) return;
        timer_.cancel();
        if (connecting_) std::exchange(connecting_, nullptr)->abandon();
        transport_.close();
    }

private:
    void write() {
        http::async_write(transport_, request_,
                          [self = shared_from_this()](error_code, std::size_t) {
                              // Who closes before it has read it all may have said why.
                              self->read_head();
                          });
    }

    void read_head() {
        if (is_over_) return;
        parser_.emplace();
        parser_->body_limit(boost::none);
        http::async_read_header(transport_, buffer_, *parser_,
                                [self = shared_from_this()](error_code error, std::size_t) {
                                    if (error) return self->fail(self->error_of(error));
                                    const bool is_final =
                                        !is_interim(self->parser_->get().result_int());
                                    is_final ? self->read_piece() : self->read_head();
                                });
    }

    void read_piece() {
        if (is_over_) return;
        if (parser_->is_done()) return end();
        auto& body = parser_->get().body();
        body.data = piece_.data();
        body.size = piece_.size();
        http::async_read_some(transport_, buffer_, *parser_,
                              [self = shared_from_this()](error_code error, std::size_t) {
                                  if (error == http::error::need_buffer) error = {};
                                  self->take_piece();
                                  if (error) return self->fail(self->error_of(error));
                                  self->read_piece();
                              });
    }

    void take_piece() {
        if (is_over_) return;
        const std::size_t size = piece_.size() - parser_->get().body().size;
        const std::string_view piece(piece_.data(), size);
        if (parser_->get().result_int() != 200) {
            refusal_.append(piece.substr(0, longest_refusal - refusal_.size()));
            if (refusal_.size() == longest_refusal) end();
            return;
        }
        const bool fits = lines_.feed(piece, [this](std::string_view line) {
            if (is_over_) return;
            has_begun_ = true;
            timer_.cancel();
            handlers_.line(line);
        });
        if (!fits) fail({errc::bad_answer, "sends a message without an end"});
    }

    void end() {
        const unsigned status = parser_->get().result_int();
        if (status == 200) return fail({errc::unreachable, "ended the stream"});
        if (is_over_) return;
        close();
        handlers_.refused({status, std::move(refusal_)});
    }

    void fail(Error error) {
        if (is_over_) return;
        close();
        handlers_.broken(std::move(error));
    }

    Error error_of(error_code error) const {
        const bool is_cut =
            error == http::error::end_of_stream || error == http::error::partial_message;
        if (is_cut && has_begun_) return {errc::unreachable, "closed the stream"};
        return error_of_http(error, buffer_);
    }

    Peer peer_;
    http::request<http::string_body> request_;
    Handlers handlers_;
    asio::steady_timer timer_;
    std::shared_ptr<Connecting> connecting_;
    Transport transport_;
    beast::flat_buffer buffer_{most_unread};
    std::optional<http::response_parser<http::buffer_body>> parser_;
    std::array<char, 8192> piece_{};
    LineSplitter lines_{longest_line};
    std::string refusal_;
    bool has_begun_ = false;
    bool is_over_ = false;
};

}  // namespace

std::shared_ptr<HttpStream> open_http_stream(const asio::any_io_executor& executor,
                                             const Peer& peer, const HttpQuestion& question,
                                             Clock::time_point deadline,
                                             HttpStream::Handlers handlers) {
    auto stream = std::make_shared<Stream>(executor, peer, question, std::move(handlers));
    stream->open(deadline);
    return stream;
}

}  // namespace tenure::etcd::detail
