// The lines that chaos breaks: what is slow arrives late, and what is half open does not know it.
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr auto patience = 10s;

// Both ends of a connection through the proxy.
struct Ends {
    tcp::socket client, server;
};

class Scene {
public:
    Scene()
        : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          proxy(acceptor_.local_endpoint().port()) {}

    Ends connect() {
        Ends ends{tcp::socket(io_), tcp::socket(io_)};
        ends.client.connect({asio::ip::address_v4::loopback(), proxy.port()});
        acceptor_.async_accept(ends.server, [](error_code) {});
        run(patience);
        return ends;
    }

    // What comes within `bound`: "" at the end of the connection, nothing when nothing comes.
    std::optional<std::string> read(tcp::socket& from, steady_clock::duration bound) {
        std::array<char, 64> buffer{};
        std::optional<std::string> got;
        from.async_read_some(asio::buffer(buffer), [&](error_code error, std::size_t count) {
            if (error == asio::error::operation_aborted) return;
            got = std::string(buffer.data(), error ? 0 : count);
        });
        run(bound);
        if (!got) {
            from.cancel();
            run(patience);
        }
        return got;
    }

private:
    void run(steady_clock::duration bound) {
        io_.restart();
        io_.run_for(bound);
    }

    asio::io_context io_;
    tcp::acceptor acceptor_;

public:
    TcpProxy proxy;
};

void write(tcp::socket& to, const std::string& text) {
    asio::write(to, asio::buffer(text));
}

BOOST_AUTO_TEST_SUITE(chaos_lines)

BOOST_AUTO_TEST_CASE(a_slow_line_delivers_late_both_ways_and_is_quick_again_when_healed) {
    constexpr auto delay = 60ms;
    Scene scene;
    Ends ends = scene.connect();
    scene.proxy.slow_down(delay);
    const auto begin = steady_clock::now();
    write(ends.client, "question");
    BOOST_TEST((scene.read(ends.server, patience) == "question"));
    BOOST_TEST((steady_clock::now() - begin >= delay));
    write(ends.server, "answer");
    BOOST_TEST((scene.read(ends.client, patience) == "answer"));
    BOOST_TEST((steady_clock::now() - begin >= 2 * delay));
    scene.proxy.slow_down(1h);
    scene.proxy.heal();
    write(ends.client, "more");
    BOOST_TEST((scene.read(ends.server, patience) == "more"));
}

BOOST_AUTO_TEST_CASE(what_waits_in_a_slow_line_ends_with_its_connection) {
    Scene scene;
    Ends ends = scene.connect();
    scene.proxy.slow_down(1h);
    write(ends.client, "lost");
    scene.proxy.drop_connections();
    BOOST_TEST((scene.read(ends.client, patience) == ""));
    BOOST_TEST((scene.read(ends.server, patience) == ""));
    BOOST_TEST(scene.proxy.open() == 0u);
}

BOOST_AUTO_TEST_CASE(a_half_open_connection_has_ended_for_the_server_alone) {
    Scene scene;
    Ends ends = scene.connect();
    write(ends.client, "before");
    BOOST_TEST((scene.read(ends.server, patience) == "before"));
    scene.proxy.forget_connections();
    BOOST_TEST((scene.read(ends.server, patience) == ""));
    write(ends.client, "into the void");
    BOOST_TEST(!scene.read(ends.client, 50ms).has_value());
    write(ends.client, "and again");
    BOOST_TEST(!scene.read(ends.client, 50ms).has_value());
    BOOST_TEST(scene.proxy.open() == 1u);

    // New ones work, and the old one goes when its client does.
    Ends later = scene.connect();
    write(later.server, "hello");
    BOOST_TEST((scene.read(later.client, patience) == "hello"));
    ends.client.close();
    const auto until = steady_clock::now() + patience;
    while (scene.proxy.open() > 1 && steady_clock::now() < until) {
    }
    BOOST_TEST(scene.proxy.open() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tenure::test
