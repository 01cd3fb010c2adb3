// The same drivers on Asio: completion tokens, several threads, and contexts that end early.
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <tenure/tenure.hpp>
#include <thread>

namespace tenure::testing {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

ElectionOptions options(const std::string& candidate, Duration ttl = 10s) {
    return {.election = "jobs", .candidate = candidate, .ttl = ttl};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(asio_edge)

BOOST_AUTO_TEST_CASE(a_coroutine_waits_for_its_election_and_for_the_stop) {
    asio::io_context io;
    const auto store = open_store(io.get_executor(), "memory:");
    Election a(io.get_executor(), store, options("a"));
    Election b(io.get_executor(), store, options("b"));
    std::vector<std::string> told;
    const auto serve = [&](Election& election, std::string name) -> asio::awaitable<void> {
        election.start();
        const Leadership leadership = co_await election.async_wait_elected(asio::use_awaitable);
        told.push_back(name + (leadership.valid() ? " leads" : " does not"));
        co_await election.async_stop(asio::use_awaitable);
        told.push_back(name + " stopped");
    };
    asio::co_spawn(io, serve(a, "a"), asio::detached);
    asio::co_spawn(io, serve(b, "b"), asio::detached);
    io.run_for(20s);
    BOOST_TEST(told.size() == 4);
    BOOST_TEST(!a.is_running());
    BOOST_TEST(!b.is_running());
    BOOST_TEST(io.stopped());
}

BOOST_AUTO_TEST_CASE(a_wait_can_be_cancelled) {
    using namespace asio::experimental::awaitable_operators;
    asio::io_context io;
    const auto store = open_store(io.get_executor(), "memory:");
    Election never_started(io.get_executor(), store, options("a"));
    std::size_t first = 9;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            asio::steady_timer timer(io, 10ms);
            const auto which = co_await (never_started.async_wait_elected(asio::use_awaitable) ||
                                         timer.async_wait(asio::use_awaitable));
            first = which.index();
        },
        asio::detached);
    io.run_for(20s);
    BOOST_TEST(first == 1);
}

BOOST_AUTO_TEST_CASE(futures_from_another_thread) {
    asio::thread_pool pool(2);
    const auto store = open_store(pool.get_executor(), "memory:");
    Election a(pool.get_executor(), store, options("a"));
    auto elected = a.async_wait_elected(asio::use_future);
    a.start();
    BOOST_TEST_REQUIRE((elected.wait_for(20s) == std::future_status::ready));
    BOOST_TEST(elected.get().valid());
    auto stopped = a.async_stop(asio::use_future);
    BOOST_TEST_REQUIRE((stopped.wait_for(20s) == std::future_status::ready));
    BOOST_TEST(!a.is_leader());
    pool.join();
}

BOOST_AUTO_TEST_CASE(every_member_from_every_thread) {
    asio::thread_pool pool(2);
    const auto store = open_store(pool.get_executor(), "memory:");
    Election a(pool.get_executor(), store, options("a", 2s));
    Election b(pool.get_executor(), store, options("b", 2s));
    std::atomic<int> inside = 0, overlaps = 0, elected = 0;
    std::promise<void> first;
    for (Election* election : {&a, &b}) {
        election->on_elected([&](const Leadership& leadership) {
            if (++inside > 1 && leadership.valid()) ++overlaps;
            if (++elected == 1) first.set_value();
        });
        election->on_unelected([&](LossReason) { --inside; });
        election->start();
    }
    std::vector<std::thread> users;
    for (int t = 0; t < 3; ++t) {
        users.emplace_back([&, t] {
            for (int i = 0; i < 300; ++i) {
                Election& election = (i + t) % 2 ? a : b;
                const Leadership leadership = election.leadership();
                leadership.ensure(1ms);
                const auto hold = leadership.hold();
                election.current_leader();
                if (i % 7 == 0) election.resign();
                if (i % 11 == 0) election.proclaim(std::to_string(i));
                if (i % 97 == 0) election.stop();
                if (i % 97 == 3) election.start();
                std::this_thread::yield();
            }
        });
    }
    for (auto& user : users)
        user.join();
    a.start();
    b.start();
    auto again = a.async_wait_elected(asio::use_future);
    b.stop();
    BOOST_TEST((again.wait_for(20s) == std::future_status::ready));
    // Who waits may know before the slots are told; a stop in between would spare them that.
    BOOST_TEST((first.get_future().wait_for(20s) == std::future_status::ready));
    auto stopped = a.async_stop(asio::use_future);
    BOOST_TEST((stopped.wait_for(20s) == std::future_status::ready));
    auto b_stopped = b.async_stop(asio::use_future);
    BOOST_TEST((b_stopped.wait_for(20s) == std::future_status::ready));
    pool.join();
    BOOST_TEST(overlaps == 0);
}

BOOST_AUTO_TEST_CASE(a_context_may_end_with_everything_in_flight) {
    for (int events = 0; events < 60; ++events) {
        Leadership kept;
        {
            asio::io_context io;
            const auto store = open_store(io.get_executor(), "memory:");
            Election a(io.get_executor(), store, options("a"));
            Observer observer(io.get_executor(), store, {.election = "jobs"});
            a.async_wait_elected([](error_code, Leadership) {});
            a.start();
            observer.start();
            for (int i = 0; i < events; ++i)
                io.poll_one();
            kept = a.leadership();
        }
        BOOST_TEST(!kept.valid());
    }
}

BOOST_AUTO_TEST_CASE(timers_come_in_time_and_not_after_their_end) {
    asio::io_context io;
    const auto scheduler = make_scheduler(io.get_executor());
    bool early = false, came = false, cancelled_came = false;
    const Instant due = scheduler->now() + 30ms;
    const auto kept = scheduler->call_at(due, [&] {
        came = true;
        early = scheduler->now() < due;
    });
    auto dropped = scheduler->call_at(due, [&] { cancelled_came = true; });
    scheduler->post([&] { dropped.reset(); });
    std::vector<int> order;
    for (int i = 0; i < 5; ++i)
        scheduler->post([&order, i] { order.push_back(i); });
    BOOST_TEST(order.empty());
    io.run_for(5s);
    BOOST_TEST(came);
    BOOST_TEST(!early);
    BOOST_TEST(!cancelled_came);
    BOOST_TEST((order == std::vector<int>{0, 1, 2, 3, 4}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
