#include "tests/support/bad_server.hpp"

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <thread>
#include <utility>

#include "tests/support/etcd_server.hpp"

namespace tenure::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::string http_answer(const std::string& status, const std::string& type,
                        const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string answer_of(Badness badness) {
    switch (badness) {
        case Badness::plain_text: return http_answer("200 OK", "text/plain", "It works here\n");
        case Badness::html:
            return http_answer("404 Not Found", "text/html",
                               "<html><body><h1>404 Not Found</h1></body></html>\r\n");
        case Badness::banner: return "SSH-2.0-OpenSSH_9.2p1\r\n";
        case Badness::garbage:
            return std::string("\x16\x03\x01\x00\xff\x00\x80\x7f\r\n\x00\x01\xfe garbage \r\n\r\n",
                               27);
        case Badness::other_json:
            return http_answer("200 OK", "application/json", R"([{"status": "all is well"}])");
        case Badness::endless_body:
            return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n";
        case Badness::cut_body:
            return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500"
                   "\r\n\r\n{\"header\":{\"cluster_id\":\"14841639068965";
        case Badness::silent:
        case Badness::closing: break;
    }
    return {};
}

}  // namespace

class BadServer::Impl {
public:
    explicit Impl(Badness badness)
        : badness_(badness),
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

private:
    struct Guest {
        explicit Guest(tcp::socket accepted) : socket(std::move(accepted)) {}
        tcp::socket socket;
        std::array<char, 4096> buffer{};
        std::string answer;
    };
    using GuestPointer = std::shared_ptr<Guest>;

    void accept() {
        acceptor_.async_accept([this](error_code error, tcp::socket socket) {
            if (!error) {
                auto guest = std::make_shared<Guest>(std::move(socket));
                if (badness_ == Badness::banner) {
                    say(guest, answer_of(badness_));
                } else {
                    read(guest);
                }
            }
            accept();
        });
    }

    void read(const GuestPointer& guest) {
        guest->socket.async_read_some(asio::buffer(guest->buffer),
                                      [this, guest](error_code error, std::size_t) {
                                          if (error) return;
                                          ++requests_;
                                          if (badness_ == Badness::closing) return;
                                          if (badness_ == Badness::silent) return read(guest);
                                          say(guest, answer_of(badness_));
                                      });
    }

    void say(const GuestPointer& guest, std::string text) {
        guest->answer = std::move(text);
        asio::async_write(guest->socket, asio::buffer(guest->answer),
                          [this, guest](error_code error, std::size_t) {
                              if (error || badness_ == Badness::cut_body) return;
                              if (badness_ != Badness::endless_body) return read(guest);
                              say(guest, "1000\r\n" + std::string(0x1000, ' ') + "\r\n");
                          });
    }

    Badness badness_;
    asio::io_context context_;
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::atomic<std::size_t> requests_{0};
    std::thread thread_;
};

BadServer::BadServer(Badness badness) : impl_(std::make_unique<Impl>(badness)) {}
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

}  // namespace tenure::test
