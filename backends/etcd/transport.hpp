// A byte stream to a server, plain or through TLS, as one type: what is built on it with Beast is
// compiled once.
#pragma once

#include <array>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "backends/etcd/tls.hpp"

namespace tenure::etcd::detail {

/// Of a read, a write or a handshake, which has no size.
using IoHandler = boost::asio::any_completion_handler<void(error_code, std::size_t)>;

/// The two kinds. Each keeps itself until its handlers have been called.
class Channel : public std::enable_shared_from_this<Channel> {
public:
    virtual ~Channel() = default;
    virtual void shake_hands(IoHandler handler) = 0;
    void read(boost::asio::mutable_buffer buffer, IoHandler handler);
    virtual void write_some(std::span<const boost::asio::const_buffer> buffers,
                            IoHandler handler) = 0;
    virtual boost::asio::ip::tcp::socket& socket() = 0;
    /// Why a handshake failed, where TLS itself has not the best words.
    virtual std::optional<Error> verdict() const = 0;

    /// Lets go of it when something has come from the other side, or when it is closed.
    void keep_until_answered(std::shared_ptr<void> kept) { kept_ = std::move(kept); }

    void let_go() noexcept { kept_.reset(); }

private:
    virtual void read_some(boost::asio::mutable_buffer buffer, IoHandler handler) = 0;
    bool is_behind_empty_chunks() const;
    void note(const void* bytes, std::size_t size);

    std::shared_ptr<void> kept_;
    /// What has come last.
    std::string tail_;
};

/// A connected socket as a channel; TLS when the peer speaks it.
std::shared_ptr<Channel> make_channel(boost::asio::ip::tcp::socket socket, const Peer& peer);

/// What Beast calls an AsyncStream.
class Transport {
public:
    using executor_type = boost::asio::any_io_executor;

    /// Not open.
    explicit Transport(executor_type executor) : executor_(std::move(executor)) {}
    Transport(executor_type executor, std::shared_ptr<Channel> channel)
        : executor_(std::move(executor)), channel_(std::move(channel)) {}

    executor_type get_executor() const noexcept { return executor_; }
    bool is_open() const noexcept { return channel_ != nullptr; }
    /// Whether there is nothing to be read: neither bytes nor the end.
    bool is_quiet();
    /// Has the system ask the other side for a sign of life when it has been silent for so long,
    /// three times, and end the stream when there is none.
    void watch_over(std::chrono::seconds silence);
    /// At once, without a word to the other side. What is under way ends with an error.
    void close() noexcept;

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        boost::asio::mutable_buffer first;
        for (auto at = boost::asio::buffer_sequence_begin(buffers);
             at != boost::asio::buffer_sequence_end(buffers) && first.size() == 0; ++at) {
            first = *at;
        }
        return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this, first](auto handler) { read_some(first, std::move(handler)); }, token);
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        // More than these are written another time.
        std::array<boost::asio::const_buffer, 16> some;
        std::size_t count = 0;
        for (auto at = boost::asio::buffer_sequence_begin(buffers);
             at != boost::asio::buffer_sequence_end(buffers) && count < some.size(); ++at) {
            some[count++] = *at;
        }
        return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this, some, count](auto handler) {
                write_some({some.data(), count}, std::move(handler));
            },
            token);
    }

private:
    void read_some(boost::asio::mutable_buffer buffer, IoHandler handler);
    void write_some(std::span<const boost::asio::const_buffer> buffers, IoHandler handler);

    executor_type executor_;
    std::shared_ptr<Channel> channel_;
};

/// Beast's ways to end what is under a WebSocket.
inline void beast_close_socket(Transport& transport) {
    transport.close();
}
template <class Handler>
void async_teardown(boost::beast::role_type, Transport& transport, Handler&& handler) {
    transport.close();
    boost::asio::post(
        transport.get_executor(),
        [handler = std::forward<Handler>(handler)]() mutable { std::move(handler)(error_code()); });
}

}  // namespace tenure::etcd::detail
