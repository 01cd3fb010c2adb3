#include "tests/fuzz/loopback.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>

#include "tests/fuzz/check.hpp"

namespace tenure::fuzz {

using boost::asio::ip::address_v4;
using boost::asio::ip::tcp;
using namespace std::chrono_literals;

Loopback::Loopback()
    : acceptor_(context_, tcp::endpoint(address_v4::loopback(), 0)), socket_(context_) {
    acceptor_.non_blocking(true);
}

etcd::Endpoint Loopback::endpoint() const {
    return {"127.0.0.1", acceptor_.local_endpoint().port()};
}

void Loopback::accept() {
    error_code error;
    run_until([&] {
        acceptor_.accept(socket_, error);
        return !error;
    });
    socket_.non_blocking(true);
    socket_.set_option(tcp::no_delay(true));
}

std::string Loopback::read_head() {
    std::string head;
    run_until([&] {
        std::array<char, 2048> buffer{};
        error_code error;
        const std::size_t count = socket_.read_some(boost::asio::buffer(buffer), error);
        head.append(buffer.data(), count);
        const bool is_over = error && error != boost::asio::error::would_block;
        return is_over || head.find("\r\n\r\n") != std::string::npos;
    });
    return head;
}

void Loopback::write(std::string_view bytes, std::size_t piece) {
    while (!bytes.empty()) {
        const std::string_view now = bytes.substr(0, piece == 0 ? bytes.size() : piece);
        error_code error;
        boost::asio::write(socket_, boost::asio::buffer(now), error);
        if (error) return;
        bytes.remove_prefix(now.size());
        settle();
    }
}

void Loopback::finish() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void Loopback::close() {
    error_code ignored;
    socket_.close(ignored);
    settle();
}

void Loopback::run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    settle();
    while (!done()) {
        demand(std::chrono::steady_clock::now() < end, "an end comes in time");
        context_.restart();
        context_.run_one_for(1ms);
    }
}

void Loopback::settle() {
    context_.restart();
    // Whoever gives itself work for ever would hang here, and be found by its time.
    context_.poll();
}

std::size_t piece_size(std::uint8_t byte) {
    constexpr std::array<std::size_t, 4> sizes{0, 1, 7, 100};
    return sizes[byte % sizes.size()];
}

}  // namespace tenure::fuzz
