// A request for each watch. Several in one body are lost now and then, and nothing can be added to
// one that has been answered.
#include <boost/asio/post.hpp>
#include <map>
#include <utility>

#include "backends/etcd/http_stream.hpp"
#include "backends/etcd/v3/watch_line.hpp"

namespace tenure::etcd::detail::v3 {
namespace {

class RequestLine final : public WatchLine, public std::enable_shared_from_this<RequestLine> {
public:
    RequestLine(const boost::asio::any_io_executor& executor, Peer peer,
                std::chrono::milliseconds time, std::shared_ptr<SignIn> sign_in, Handlers handlers)
        : executor_(executor),
          peer_(std::move(peer)),
          time_(time),
          sign_in_(std::move(sign_in)),
          handlers_(std::move(handlers)) {}
    RequestLine(const RequestLine&) = delete;
    RequestLine& operator=(const RequestLine&) = delete;
    ~RequestLine() override { close(); }

    // There is nothing to open before a watch is asked for.
    void open() {
        soon([this] { handlers_.opened(); });
    }

    void ask(const WatchRequest& request) override {
        streams_[request.id].request = request;
        sign(request.id);
    }

    void cancel(std::int64_t id) override {
        forget(id);
        soon([this, id] { handlers_.answer({.id = id, .canceled = true}); });
    }

    // The system looks whether the other side lives.
    void ping() override {
        soon([this] { handlers_.pong(); });
    }

    // What is not asked for keeps nothing open.
    void receive(bool) override {}

    void close() override {
        is_over_ = true;
        for (auto& [id, stream] : std::exchange(streams_, {})) {
            if (stream.http) stream.http->close();
        }
    }

private:
    struct Stream {
        WatchRequest request;
        std::string token{};
        bool is_second_try = false;
        std::shared_ptr<HttpStream> http{};
    };

    template <class Function>
    void soon(Function function) {
        boost::asio::post(executor_, [weak = weak_from_this(), function] {
            const auto self = weak.lock();
            if (self && !self->is_over_) function();
        });
    }

    void sign(std::int64_t id) {
        if (!sign_in_) return start(id, {});
        sign_in_->token([weak = weak_from_this(), id](const result<std::string>& token) {
            const auto self = weak.lock();
            if (!self || self->is_over_) return;
            if (token) return self->start(id, *token);
            // Not within the call that asks.
            self->soon([line = self.get(), id, error = token.error()] { line->failed(id, error); });
        });
    }

    void start(std::int64_t id, std::string token) {
        const auto found = streams_.find(id);
        if (found == streams_.end()) return;
        Stream& stream = found->second;
        stream.token = std::move(token);
        // `this` is safe: close() comes before our end, and silences the streams.
        stream.http = open_http_stream(
            executor_, peer_,
            {.method = Method::post,
             .target = "/v3/watch",
             .body = encode(stream.request),
             .content_type = "application/json",
             .authorization = stream.token,
             .needs_leader = true},
            Clock::now() + time_,
            {.line = [this, id](std::string_view text) { received(id, text); },
             .refused = [this, id](const HttpAnswer& answer) { refused(id, answer); },
             .broken = [this, id](const Error& error) { failed(id, error); }});
    }

    void received(std::int64_t id, std::string_view text) {
        // What we call may let go of us.
        const auto self = shared_from_this();
        auto answer = decode_watch_message(text);
        if (!answer) return failed(id, answer.error());
        answer->id = id;
        if (answer->canceled) {
            if (is_about_token(answer->cancel_reason) && try_again(id)) return;
            forget(id);
        }
        handlers_.answer(*answer);
    }

    void refused(std::int64_t id, const HttpAnswer& answer) {
        const auto self = shared_from_this();
        const Error error = error_of_answer(answer.status, answer.body);
        if (is_about_token(error.detail) && try_again(id)) return;
        failed(id, error);
    }

    // What is denied is denied to this watch; anything else is wrong with all of them.
    void failed(std::int64_t id, const Error& error) {
        const auto self = shared_from_this();
        if (error.code == errc::denied) {
            forget(id);
            return handlers_.answer({.id = id, .canceled = true, .cancel_reason = error.detail});
        }
        close();
        handlers_.broken(error);
    }

    bool try_again(std::int64_t id) {
        const auto found = streams_.find(id);
        if (!sign_in_ || found == streams_.end()) return false;
        Stream& stream = found->second;
        if (std::exchange(stream.is_second_try, true)) return false;
        std::exchange(stream.http, nullptr)->close();
        sign_in_->forget(stream.token);
        sign(id);
        return true;
    }

    void forget(std::int64_t id) {
        const auto found = streams_.find(id);
        if (found == streams_.end()) return;
        if (found->second.http) found->second.http->close();
        streams_.erase(found);
    }

    boost::asio::any_io_executor executor_;
    Peer peer_;
    std::chrono::milliseconds time_;
    std::shared_ptr<SignIn> sign_in_;
    Handlers handlers_;
    std::map<std::int64_t, Stream> streams_;
    bool is_over_ = false;
};

}  // namespace

std::shared_ptr<WatchLine> open_request_line(const boost::asio::any_io_executor& executor,
                                             const Peer& peer, std::chrono::milliseconds time,
                                             std::shared_ptr<SignIn> sign_in,
                                             WatchLine::Handlers handlers) {
    auto line = std::make_shared<RequestLine>(executor, peer, time, std::move(sign_in),
                                              std::move(handlers));
    line->open();
    return line;
}

}  // namespace tenure::etcd::detail::v3
