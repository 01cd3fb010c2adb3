#include "backends/etcd/transport.hpp"

#include <netinet/tcp.h>
#include <openssl/x509v3.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace tenure::etcd::detail {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;

// The handlers run where the stream's own are: everything here is on one strand.
template <class Self>
auto keeping(std::shared_ptr<Self> self, IoHandler handler) {
    return [self = std::move(self), handler = std::move(handler)](
               error_code error, std::size_t size) mutable { std::move(handler)(error, size); };
}

template <int name>
using KeepAliveOption = asio::detail::socket_option::integer<IPPROTO_TCP, name>;

using Buffers = std::span<const asio::const_buffer>;

// Kept by value: whoever gave them may forget them.
struct KeptBuffers {
    explicit KeptBuffers(Buffers given) : count(given.size()) {
        std::copy(given.begin(), given.end(), buffers.begin());
    }
    using value_type = asio::const_buffer;
    using const_iterator = const asio::const_buffer*;
    const_iterator begin() const { return buffers.data(); }
    const_iterator end() const { return buffers.data() + count; }
    std::array<asio::const_buffer, 16> buffers;
    std::size_t count;
};

class Plain final : public Channel {
public:
    explicit Plain(tcp::socket socket) : socket_(std::move(socket)) {}

    void shake_hands(IoHandler handler) override {
        asio::post(socket_.get_executor(), [handler = std::move(handler)]() mutable {
            std::move(handler)(error_code(), 0);
        });
    }
    void read_some(asio::mutable_buffer buffer, IoHandler handler) override {
        socket_.async_read_some(buffer, keeping(shared_from_this(), std::move(handler)));
    }
    void write_some(Buffers buffers, IoHandler handler) override {
        socket_.async_write_some(KeptBuffers(buffers),
                                 keeping(shared_from_this(), std::move(handler)));
    }
    tcp::socket& socket() override { return socket_; }
    std::optional<Error> verdict() const override { return std::nullopt; }

private:
    tcp::socket socket_;
};

class Secure final : public Channel {
public:
    Secure(tcp::socket socket, const Peer& peer)
        : tls_(peer.tls),
          name_(tls_->server_name.empty() ? peer.endpoint.host : tls_->server_name),
          stream_(std::move(socket), *tls_->context) {}

    void shake_hands(IoHandler handler) override {
        expect(name_);
        stream_.async_handshake(ssl::stream_base::client,
                                [self = shared_from_this(), handler = std::move(handler)](
                                    error_code error) mutable { std::move(handler)(error, 0); });
    }
    void read_some(asio::mutable_buffer buffer, IoHandler handler) override {
        stream_.async_read_some(buffer, [self = shared_from_this(), handler = std::move(handler)](
                                            error_code error, std::size_t size) mutable {
            // Whether the end is one is for the protocol above to say.
            if (error == ssl::error::stream_truncated) error = asio::error::eof;
            std::move(handler)(error, size);
        });
    }
    void write_some(Buffers buffers, IoHandler handler) override {
        stream_.async_write_some(KeptBuffers(buffers),
                                 keeping(shared_from_this(), std::move(handler)));
    }
    tcp::socket& socket() override { return stream_.next_layer(); }

    std::optional<Error> verdict() const override {
        const long found = ::SSL_get_verify_result(handle());
        if (!tls_->verifies || found == X509_V_OK) return std::nullopt;
        std::string why = ::X509_verify_cert_error_string(found);
        if (found == X509_V_ERR_HOSTNAME_MISMATCH || found == X509_V_ERR_IP_ADDRESS_MISMATCH) {
            why = "it is not for '" + name_ + "'";
        }
        return Error(errc::untrusted, "shows a certificate that is not to be trusted: " + why);
    }

private:
    ::SSL* handle() const { return const_cast<Secure*>(this)->stream_.native_handle(); }

    // The name is sent, for servers of many names, and the certificate has to be for it.
    void expect(const std::string& name) {
        error_code not_an_address;
        asio::ip::make_address(name, not_an_address);
        ::X509_VERIFY_PARAM* const rules = ::SSL_get0_param(handle());
        if (not_an_address) {
            ::SSL_set_tlsext_host_name(handle(), name.c_str());
            ::X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
            ::X509_VERIFY_PARAM_set1_host(rules, name.c_str(), 0);
        } else {
            ::X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str());
        }
    }

    std::shared_ptr<const Tls> tls_;
    std::string name_;
    ssl::stream<tcp::socket> stream_;
};

}  // namespace

std::shared_ptr<Channel> make_channel(tcp::socket socket, const Peer& peer) {
    if (peer.tls) return std::make_shared<Secure>(std::move(socket), peer);
    return std::make_shared<Plain>(std::move(socket));
}

// Beast 1.81 asserts that behind a body of no chunks its parser is never shown less than two bytes.
// There are at least two, for a line's end has to come, but they may come one by one.
void Channel::read(asio::mutable_buffer buffer, IoHandler handler) {
    read_some(buffer, [self = shared_from_this(), buffer, handler = std::move(handler)](
                          error_code error, std::size_t size) mutable {
        if (size > 0) self->let_go();
        const bool is_too_little =
            !error && size == 1 && buffer.size() > 1 && self->is_behind_empty_chunks();
        self->note(buffer.data(), size);
        if (!is_too_little) return std::move(handler)(error, size);
        const asio::mutable_buffer rest = buffer + 1;
        self->read_some(rest, [self, rest, handler = std::move(handler)](error_code failure,
                                                                         std::size_t more) mutable {
            self->note(rest.data(), more);
            std::move(handler)(failure, failure ? 0 : more + 1);
        });
    });
}

bool Channel::is_behind_empty_chunks() const {
    return tail_ == "\r\n\r\n0\r\n";
}

void Channel::note(const void* bytes, std::size_t size) {
    constexpr std::size_t enough = 7;
    const std::string_view come(static_cast<const char*>(bytes), size);
    tail_ += come.substr(come.size() - std::min(come.size(), enough));
    if (tail_.size() > enough) tail_.erase(0, tail_.size() - enough);
}

bool Transport::is_quiet() {
    if (!channel_) return true;
    char byte = 0;
    error_code error;
    channel_->socket().non_blocking(true, error);
    if (error) return false;
    channel_->socket().receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
    return error == asio::error::would_block;
}

void Transport::watch_over(std::chrono::seconds silence) {
    if (!channel_) return;
    const int seconds = std::max(1, static_cast<int>(silence.count()));
    tcp::socket& socket = channel_->socket();
    error_code ignored;
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    socket.set_option(KeepAliveOption<TCP_KEEPIDLE>(seconds), ignored);
    socket.set_option(KeepAliveOption<TCP_KEEPINTVL>(seconds), ignored);
    socket.set_option(KeepAliveOption<TCP_KEEPCNT>(3), ignored);
}

void Transport::close() noexcept {
    if (!channel_) return;
    error_code ignored;
    const auto channel = std::exchange(channel_, nullptr);
    channel->socket().close(ignored);
    channel->let_go();
}

void Transport::read_some(asio::mutable_buffer buffer, IoHandler handler) {
    if (channel_) return channel_->read(buffer, std::move(handler));
    asio::post(executor_, [handler = std::move(handler)]() mutable {
        std::move(handler)(asio::error::bad_descriptor, 0);
    });
}

void Transport::write_some(Buffers buffers, IoHandler handler) {
    if (channel_) return channel_->write_some(buffers, std::move(handler));
    asio::post(executor_, [handler = std::move(handler)]() mutable {
        std::move(handler)(asio::error::bad_descriptor, 0);
    });
}

}  // namespace tenure::etcd::detail
