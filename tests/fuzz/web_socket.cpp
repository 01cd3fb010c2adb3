// What a server sends over a WebSocket, through the real one. The first byte chooses in which
// pieces it comes, and whether the answer to the upgrade is a good one or part of the input.
#include "backends/etcd/v3/web_socket.hpp"

#include "tests/fuzz/check.hpp"
#include "tests/fuzz/loopback.hpp"
#include "tests/support/web_socket_frames.hpp"

using namespace tenure;
using namespace tenure::fuzz;
using namespace tenure::etcd::detail;
using namespace tenure::etcd::detail::v3;
using namespace std::chrono_literals;

namespace {

struct Heard {
    int opened = 0;
    int messages = 0;
    int pongs = 0;
    /// Of both kinds.
    std::vector<Error> ends;
};

std::shared_ptr<WebSocket> open(Loopback& loopback, Heard& heard) {
    const auto still = [&heard] { demand(heard.ends.empty(), "nothing comes after the end"); };
    const auto count = [still](int& number) {
        return [still, &number](auto&&...) {
            still();
            ++number;
        };
    };
    const auto end = [&heard, still](Error error) {
        still();
        heard.ends.push_back(std::move(error));
    };
    return open_web_socket(loopback.context().get_executor(), {loopback.endpoint()}, "/v3/watch",
                           Clock::now() + 5min,
                           {.opened = count(heard.opened),
                            .message = count(heard.messages),
                            .pong = count(heard.pongs),
                            .declined = end,
                            .broken = end});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Loopback loopback;
    if (size == 0) return 0;
    constexpr std::uint8_t raw_upgrade = 0x04;
    Heard heard;
    const auto socket = open(loopback, heard);
    socket->send("{}");
    socket->receive(true);
    loopback.accept();
    const std::string head = loopback.read_head();
    if ((*data & raw_upgrade) == 0) {
        loopback.write(test::accept_upgrade(head), 0);
        loopback.run_until([&] { return heard.opened > 0; });
        socket->ping();
    }
    loopback.write(text_of(data + 1, size - 1), piece_size(*data));
    loopback.finish();
    loopback.run_until([&] { return !heard.ends.empty(); });
    socket->close();
    loopback.close();
    demand(heard.opened <= 1, "it is opened once");
    demand(heard.opened == 1 || heard.messages == 0, "nothing comes before it is open");
    const Error& error = heard.ends.front();
    demand_readable(error);
    demand(error.code != errc::timed_out, "what is wrong is told apart from what is late");
    return 0;
}
