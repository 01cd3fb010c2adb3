#include "tests/support/bad_server.hpp"

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <thread>
#include <utility>

#include "tests/support/etcd_server.hpp"
#include "tests/support/web_socket_frames.hpp"

namespace tenure::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Then = Speech::Then;

std::string http_answer(const std::string& status, const std::string& type,
                        const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Speech speech_of(Badness badness) {
    switch (badness) {
        case Badness::plain_text: return {http_answer("200 OK", "text/plain", "It works here\n")};
        case Badness::html:
            return {http_answer("404 Not Found", "text/html",
                                "<html><body><h1>404 Not Found</h1></body></html>\r\n")};
        case Badness::banner: return {"SSH-2.0-OpenSSH_9.2p1\r\n"};
        case Badness::garbage:
            return {std::string("\x16\x03\x01\x00\xff\x00\x80\x7f\r\n\x00\x01\xfe garbage \r\n\r\n",
                                27)};
        case Badness::other_json:
            return {http_answer("200 OK", "application/json", R"([{"status": "all is well"}])")};
        case Badness::endless_body:
            return {
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
                Then::repeat, "1000\r\n" + std::string(0x1000, ' ') + "\r\n"};
        case Badness::cut_body:
            return {
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500"
                "\r\n\r\n{\"header\":{\"cluster_id\":\"14841639068965",
                Then::close};
        case Badness::silent: return {{}, Then::fall_silent};
        case Badness::closing: return {{}, Then::close};
    }
    return {};
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

class BadServer::Impl {
public:
    Impl(Script script, bool opens_web_sockets, bool greets)
        : script_(std::move(script)),
          opens_web_sockets_(opens_web_sockets),
          greets_(greets),
          acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          port_(acceptor_.local_endpoint().port()) {
        accept();
        thread_ = std::thread([this] { context_.run(); });
    }

    ~Impl() {
        context_.stop();
        thread_.join();
    }

    std::uint16_t port() const { return port_; }
    std::size_t requests() const { return requests_.load(); }
    std::size_t accepted() const { return accepted_.load(); }

private:
    struct Guest {
        Guest(asio::io_context& context, tcp::socket accepted)
            : socket(std::move(accepted)), timer(context) {}
        tcp::socket socket;
        asio::steady_timer timer;
        std::array<char, 4096> buffer{};
        std::string answer;
        std::size_t dripped = 0;
        bool has_web_socket = false;
    };
    using GuestPointer = std::shared_ptr<Guest>;

    void accept() {
        acceptor_.async_accept([this](error_code error, tcp::socket socket) {
            if (!error) {
                ++accepted_;
                const auto guest = std::make_shared<Guest>(context_, std::move(socket));
                greets_ ? say(guest, script_.unary) : read(guest);
            }
            accept();
        });
    }

    void read(const GuestPointer& guest) {
        guest->socket.async_read_some(
            asio::buffer(guest->buffer), [this, guest](error_code error, std::size_t count) {
                if (error) return;
                ++requests_;
                hear(guest, std::string_view(guest->buffer.data(), count));
            });
    }

    void hear(const GuestPointer& guest, std::string_view request) {
        const bool is_stream =
            guest->has_web_socket || has(request, "POST /v3/watch ") || has(request, "wait=true");
        if (is_stream) return say(guest, script_.stream);
        const bool is_upgrade = has(request, "Upgrade: websocket");
        if (!is_upgrade || !opens_web_sockets_) return say(guest, script_.unary);
        guest->has_web_socket = script_.upgrade.empty();
        say(guest, {guest->has_web_socket ? accept_upgrade(request) : script_.upgrade});
    }

    void say(const GuestPointer& guest, const Speech& speech) {
        guest->answer = speech.text;
        asio::async_write(
            guest->socket, asio::buffer(guest->answer),
            [this, guest, then = speech.then, more = speech.more](error_code error, std::size_t) {
                if (!error) go_on(guest, then, more);
            });
    }

    void go_on(const GuestPointer& guest, Then then, const std::string& more) {
        switch (then) {
            case Then::go_on: return read(guest);
            case Then::close: {
                // Not at once and altogether: what the guest still says would make the end of the
                // connection overtake what was said to it.
                error_code ignored;
                guest->socket.shutdown(tcp::socket::shutdown_send, ignored);
                return listen(guest);
            }
            case Then::fall_silent: return listen(guest);
            case Then::repeat: return say(guest, {more, then, more});
            case Then::drip: return drip(guest, more);
        }
    }

    // Until the guest has had enough.
    void listen(const GuestPointer& guest) {
        guest->socket.async_read_some(asio::buffer(guest->buffer),
                                      [this, guest](error_code error, std::size_t) {
                                          if (error) return;
                                          ++requests_;
                                          listen(guest);
                                      });
    }

    void drip(const GuestPointer& guest, const std::string& more) {
        guest->timer.expires_after(std::chrono::milliseconds(5));
        guest->timer.async_wait([this, guest, more](error_code) {
            const char byte = more[guest->dripped++ % more.size()];
            say(guest, {std::string(1, byte), Then::drip, more});
        });
    }

    Script script_;
    bool opens_web_sockets_;
    bool greets_;
    asio::io_context context_;
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::atomic<std::size_t> requests_{0};
    std::atomic<std::size_t> accepted_{0};
    std::thread thread_;
};

BadServer::BadServer(Badness badness)
    : impl_(
          std::make_unique<Impl>(Script{.unary = speech_of(badness), .stream = speech_of(badness)},
                                 false, badness == Badness::banner)) {}
BadServer::BadServer(const Script& script) : impl_(std::make_unique<Impl>(script, true, false)) {}
BadServer::~BadServer() = default;

std::uint16_t BadServer::port() const noexcept {
    return impl_->port();
}

std::string BadServer::address() const {
    return "127.0.0.1:" + std::to_string(port());
}

std::string BadServer::store_url() const {
    return "etcd://" + address() + api_query();
}

std::size_t BadServer::requests() const noexcept {
    return impl_->requests();
}

std::size_t BadServer::accepted() const noexcept {
    return impl_->accepted();
}

}  // namespace tenure::test
