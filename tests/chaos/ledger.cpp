// The resource that a leader writes to: it takes a write only when no greater token was seen
// before, which is all that a resource has to do to be safe from leaders of the past. A datagram is
// a write, `TOKEN WHO`; each goes into the journal in the order in which it was judged.
#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/signal_set.hpp>
#include <charconv>
#include <iostream>
#include <string>
#include <string_view>
#include <tenure/error.hpp>

#include "tests/chaos/arguments.hpp"
#include "tests/chaos/journal.hpp"

namespace tenure::chaos {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

class Ledger {
public:
    explicit Ledger(const Arguments& arguments)
        : journal_(arguments.text("journal")),
          socket_(context_, udp::endpoint(asio::ip::address_v4::loopback(), 0)),
          signals_(context_, SIGTERM, SIGINT) {
        signals_.async_wait([this](error_code, int) { context_.stop(); });
        receive();
    }

    void run() {
        std::cout << socket_.local_endpoint().port() << std::endl;
        context_.run();
    }

private:
    void receive() {
        socket_.async_receive_from(asio::buffer(buffer_), sender_,
                                   [this](error_code error, std::size_t size) {
                                       if (!error) judge({buffer_.data(), size});
                                       receive();
                                   });
    }

    void judge(std::string_view text) {
        std::int64_t token = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), token);
        const auto blank = text.find(' ');
        if (read.ec != std::errc() || blank == std::string_view::npos) return;
        const bool accepted = token >= newest_;
        journal_.write(
            "write", {{"token", token}, {"from", text.substr(blank + 1)}, {"accepted", accepted}});
        newest_ = std::max(newest_, token);
        const std::string answer = accepted ? "accepted" : "refused " + std::to_string(newest_);
        error_code ignored;
        socket_.send_to(asio::buffer(answer), sender_, 0, ignored);
    }

    asio::io_context context_{1};
    Journal journal_;
    udp::socket socket_;
    udp::endpoint sender_;
    asio::signal_set signals_;
    std::array<char, 512> buffer_{};
    std::int64_t newest_ = 0;
};

}  // namespace
}  // namespace tenure::chaos

int main(int count, char** words) {
    try {
        tenure::chaos::Ledger ledger({count, words, {{"journal", ""}}});
        ledger.run();
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "chaos_ledger: " << error.what() << std::endl;
        return 1;
    }
}
