// A request for each watch, as long as they are few. Several in one body are lost now and then,
// and nothing can be added to one that has been answered; so where they are many, those of one
// root share a watch of all that is below it.
#include <boost/asio/post.hpp>
#include <map>
#include <utility>

#include "backends/etcd/v3/shared_streams.hpp"
#include "backends/etcd/v3/watch_line.hpp"
#include "backends/etcd/v3/watch_stream.hpp"

namespace tenure::etcd::detail::v3 {
namespace {

// Each is a connection, and eight are opened at a time. Beyond these there are at most two for each
// root, and one for each watch that has no root, or one of which etcd refuses the whole.
constexpr std::size_t most_own_streams = 16;

class RequestLine final : public WatchLine, public std::enable_shared_from_this<RequestLine> {
public:
    RequestLine(WatchedPeer peer, Handlers handlers)
        : peer_(std::move(peer)), handlers_(std::move(handlers)) {}
    RequestLine(const RequestLine&) = delete;
    RequestLine& operator=(const RequestLine&) = delete;
    ~RequestLine() override { close(); }

    // There is nothing to open before a watch is asked for.
    void open() {
        const auto weak = weak_from_this();
        SharedStreams::Handlers handlers;
        handlers.answer = [weak](const WatchAnswer& answer) {
            if (const auto self = weak.lock()) self->handlers_.answer(answer);
        };
        handlers.alone = [weak](const WatchRequest& request) {
            if (const auto self = weak.lock()) self->ask_alone(request);
        };
        handlers.broken = [weak](const Error& error) {
            if (const auto self = weak.lock()) self->broken(error);
        };
        shared_ = std::make_shared<SharedStreams>(peer_, std::move(handlers));
        soon([this] { handlers_.opened(); });
    }

    void ask(const WatchRequest& request) override {
        if (own_.size() >= most_own_streams && shared_->ask(request)) return;
        ask_alone(request);
    }

    void cancel(std::int64_t id) override {
        if (!shared_->cancel(id)) forget(id);
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
        if (shared_) shared_->close();
        for (auto& [id, stream] : std::exchange(own_, {}))
            stream->close();
    }

private:
    template <class Function>
    void soon(Function function) {
        boost::asio::post(peer_.executor, [weak = weak_from_this(), function] {
            const auto self = weak.lock();
            if (self && !self->is_over_) function();
        });
    }

    void ask_alone(const WatchRequest& request) {
        const auto weak = weak_from_this();
        WatchStream::Handlers handlers;
        handlers.answer = [weak](const WatchAnswer& answer) {
            if (const auto self = weak.lock()) self->answered(answer);
        };
        handlers.failed = [weak, id = request.id](const Error& error) {
            if (const auto self = weak.lock()) self->failed(id, error);
        };
        auto& stream = own_[request.id];
        stream = std::make_shared<WatchStream>(peer_, request, std::move(handlers));
        stream->open();
    }

    void answered(const WatchAnswer& answer) {
        if (answer.canceled) forget(answer.id);
        handlers_.answer(answer);
    }

    // What is denied is denied to this watch; anything else is wrong with all of them.
    void failed(std::int64_t id, const Error& error) {
        if (error.code != errc::denied) return broken(error);
        forget(id);
        handlers_.answer({.id = id, .canceled = true, .cancel_reason = error.detail});
    }

    void broken(const Error& error) {
        close();
        handlers_.broken(error);
    }

    void forget(std::int64_t id) {
        const auto found = own_.find(id);
        if (found == own_.end()) return;
        found->second->close();
        own_.erase(found);
    }

    WatchedPeer peer_;
    Handlers handlers_;
    std::map<std::int64_t, std::shared_ptr<WatchStream>> own_;
    std::shared_ptr<SharedStreams> shared_;
    bool is_over_ = false;
};

}  // namespace

std::shared_ptr<WatchLine> open_request_line(const boost::asio::any_io_executor& executor,
                                             const Peer& peer, std::chrono::milliseconds time,
                                             std::shared_ptr<SignIn> sign_in,
                                             WatchLine::Handlers handlers) {
    auto line = std::make_shared<RequestLine>(WatchedPeer{executor, peer, time, std::move(sign_in)},
                                              std::move(handlers));
    line->open();
    return line;
}

}  // namespace tenure::etcd::detail::v3
