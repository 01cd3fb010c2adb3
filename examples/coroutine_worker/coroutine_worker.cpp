// The same kind of service written as coroutines: wait until elected, work until asked to
// stop, stand again. By default on a store in this process; a store URL may follow:
//
//     coroutine_worker etcd://127.0.0.1:2379
//
// It leads twice, giving up each time in the middle of a step of work, and leaves.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iostream>
#include <tenure/tenure.hpp>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

// Works in steps of 100 ms until the leadership is over. The step it is in is finished first:
// `hold` keeps the entry in line meanwhile, so nobody else is elected during that step.
asio::awaitable<void> work(tenure::Leadership leadership) {
    const auto hold = leadership.hold();
    const std::stop_token stop = leadership.stop_token();
    for (int step = 1; !stop.stop_requested() && leadership.ensure(150ms); ++step) {
        std::cout << "  step " << step << " under token " << leadership.token() << std::endl;
        co_await pause(100ms);
    }
    std::cout << "  work is done, let go of the entry" << std::endl;
}

asio::awaitable<void> serve(tenure::Election& election) {
    asio::steady_timer enough(co_await asio::this_coro::executor);
    for (int turn = 1; turn <= 2; ++turn) {
        const tenure::Leadership leadership =
            co_await election.async_wait_elected(asio::use_awaitable);
        std::cout << "elected, token " << leadership.token() << std::endl;
        enough.expires_after(250ms);
        enough.async_wait([&election](boost::system::error_code error) {
            if (!error) election.resign();
        });
        co_await work(leadership);
    }
    co_await election.async_stop(asio::use_awaitable);
    std::cout << "stopped" << std::endl;
}

}  // namespace

int main(int count, char** arguments) {
    try {
        asio::io_context io;
        const auto store =
            tenure::open_store(io.get_executor(), count > 1 ? arguments[1] : "memory:");
        tenure::Election election(
            io.get_executor(), store,
            {.election = "example/coroutines", .candidate = "worker", .ttl = 5s});
        election.on_error([](tenure::error_code error, std::string_view doing) {
            std::cerr << doing << ": " << error.message() << std::endl;
        });
        election.start();
        asio::co_spawn(io, serve(election), [&](std::exception_ptr failure) {
            io.stop();
            if (failure) std::rethrow_exception(failure);
        });
        io.run();
    } catch (const std::exception& failure) {
        std::cerr << "coroutine_worker: " << failure.what() << '\n';
        return 1;
    }
}
