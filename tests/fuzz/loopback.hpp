// The far end of one connection after another, on loopback and on the same thread: a target plays
// the server between two steps of the client, so what it does depends on its input alone.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string_view>

#include "backends/etcd/endpoints.hpp"

namespace tenure::fuzz {

class Loopback {
public:
    Loopback();

    boost::asio::io_context& context() { return context_; }
    etcd::Endpoint endpoint() const;

    /// Takes the next connection in place of the one before.
    void accept();
    /// What the client has sent up to the end of a head, or all there is when `enough` says so.
    std::string read_head();
    /// In pieces of this size, between which the client is let run; 0 is all at once.
    void write(std::string_view bytes, std::size_t piece);
    /// No more will come.
    void finish();
    /// Ends the connection, and all that the client still has to do.
    void close();

    /// Lets the client run until it holds. It is a hang when that takes ten seconds.
    void run_until(const std::function<bool()>& done);
    /// Lets the client do what it can do at once.
    void settle();

private:
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::ip::tcp::socket socket_;
};

/// How an input's first byte wants the rest of it to be sent.
std::size_t piece_size(std::uint8_t byte);

}  // namespace tenure::fuzz
