// All watches over one WebSocket.
#include <utility>

#include "backends/etcd/v3/watch_line.hpp"
#include "backends/etcd/v3/web_socket.hpp"

namespace tenure::etcd::detail::v3 {
namespace {

class SocketLine final : public WatchLine, public std::enable_shared_from_this<SocketLine> {
public:
    explicit SocketLine(Handlers handlers) : handlers_(std::move(handlers)) {}
    SocketLine(const SocketLine&) = delete;
    SocketLine& operator=(const SocketLine&) = delete;
    ~SocketLine() override { close(); }

    void open(const boost::asio::any_io_executor& executor, const Peer& peer,
              Clock::time_point deadline) {
        // `this` is safe: close() silences the socket.
        socket_ = open_web_socket(executor, peer, "/v3/watch", deadline,
                                  {.opened = handlers_.opened,
                                   .message = [this](std::string_view text) { received(text); },
                                   .pong = handlers_.pong,
                                   .declined = handlers_.declined,
                                   .broken = handlers_.broken});
    }
    void ask(const WatchRequest& request) override { socket_->send(encode(request)); }
    void cancel(std::int64_t id) override { socket_->send(encode_watch_cancel(id)); }
    void ping() override { socket_->ping(); }
    void receive(bool wanted) override { socket_->receive(wanted); }
    void close() override { socket_->close(); }

private:
    void received(std::string_view text) {
        // What we call may let go of us.
        const auto self = shared_from_this();
        const auto answer = decode_watch_message(text);
        if (answer) return handlers_.answer(*answer);
        close();
        handlers_.broken(answer.error());
    }

    Handlers handlers_;
    std::shared_ptr<WebSocket> socket_;
};

}  // namespace

std::shared_ptr<WatchLine> open_socket_line(const boost::asio::any_io_executor& executor,
                                            const Peer& peer, Clock::time_point deadline,
                                            WatchLine::Handlers handlers) {
    auto line = std::make_shared<SocketLine>(std::move(handlers));
    line->open(executor, peer, deadline);
    return line;
}

}  // namespace tenure::etcd::detail::v3
