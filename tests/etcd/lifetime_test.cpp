// The end of a store, in whatever it is doing, on whatever thread; and that an idle one keeps
// nobody busy.
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <thread>

#include "tests/etcd/client.hpp"
#include "tests/support/bad_server.hpp"
#include "tests/support/http_get.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using Scope = WatchTarget::Scope;

etcd::StoreOptions options_for(const std::string& address) {
    etcd::StoreOptions options = etcd::parse_url("etcd://" + address + api_query());
    options.request_timeout = 1s;
    options.watch_check = 20ms;
    return options;
}

/// Everything at once, again and again: each answer asks for the next.
class Restless {
public:
    explicit Restless(std::shared_ptr<KeyStore> store) : store_(std::move(store)) {}

    void start() {
        for (int i = 0; i < 20; ++i) {
            store_->grant_lease(60s, [store = store_.get(), replies = replies_,
                                      entered = count<Standing>()](const result<Lease>& lease) {
                ++*replies;
                // The store is there while it replies.
                if (lease) store->enter({"restless", "mine", lease->id}, entered);
            });
            store_->renew_lease(LeaseId{1}, count<Lease>());
            store_->enter({"restless", "value", LeaseId{1}}, count<Standing>());
            store_->list({"restless"}, count<Listing>());
            watches_.push_back(
                store_->watch({Scope::prefix, "restless", Revision{1}}, count<Change>()));
        }
    }
    // The last owner goes here, on whichever thread calls.
    void end() { store_.reset(); }
    int replies() const { return *replies_; }
    std::vector<std::unique_ptr<Watch>>& watches() { return watches_; }

private:
    template <class T>
    Reply<T> count() {
        return [replies = replies_](const result<T>&) { ++*replies; };
    }

    std::shared_ptr<KeyStore> store_;
    std::vector<std::unique_ptr<Watch>> watches_;
    std::shared_ptr<std::atomic<int>> replies_ = std::make_shared<std::atomic<int>>(0);
};

/// What a store may be talking to.
struct Scene {
    TcpProxy proxy{shared_etcd().port()};
    BadServer silent{Badness::silent};
    BadServer garbage{Badness::garbage};
    std::string address(int kind) const {
        switch (kind % 4) {
            case 0: return proxy.address();
            case 1: return silent.address();
            case 2: return garbage.address();
            default: return "127.0.0.1:" + std::to_string(free_port());
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(lifetime)

// Spread over the time in which it connects, upgrades, asks, is answered and checks.
BOOST_DATA_TEST_CASE(store_may_end_at_any_moment_on_another_thread,
                     boost::unit_test::data::xrange(40), step) {
    const Scene scene;
    Threads threads(2);
    Restless restless(etcd::make_store(threads.executor(), options_for(scene.address(step))));
    restless.start();
    const auto moment = std::chrono::steady_clock::now() + step * step * 25us;
    while (std::chrono::steady_clock::now() < moment)
        std::this_thread::yield();
    if (step % 3 == 0) restless.watches().clear();
    restless.end();
    const int at_the_end = restless.replies();
    if (step % 3 == 1) restless.watches().clear();
    // Whatever was under way on the other threads has its chance to come late.
    const Inbox<Listing> fence;
    const auto other = etcd::make_store(threads.executor(), options_for(shared_etcd().address()));
    other->list({"restless"}, fence.reply());
    BOOST_REQUIRE(fence.wait(1, 20s));
    BOOST_TEST(restless.replies() == at_the_end);
}

BOOST_DATA_TEST_CASE(store_may_end_on_the_thread_that_runs_it, boost::unit_test::data::xrange(40),
                     step) {
    const Scene scene;
    boost::asio::io_context io;
    Restless restless(etcd::make_store(io.get_executor(), options_for(scene.address(step))));
    restless.start();
    for (int i = 0; i < step * step; ++i)
        io.run_one_for(1ms);
    restless.end();
    const int at_the_end = restless.replies();
    if (step % 2 == 0) restless.watches().clear();
    io.restart();
    io.run_for(20s);
    BOOST_TEST(restless.replies() == at_the_end);
    BOOST_TEST(io.stopped(), "the context has work after the end of its store");
}

BOOST_DATA_TEST_CASE(context_may_end_before_it_has_closed_the_store,
                     boost::unit_test::data::xrange(20), step) {
    const Scene scene;
    boost::asio::io_context io;
    Restless restless(etcd::make_store(io.get_executor(), options_for(scene.address(step))));
    restless.start();
    for (int i = 0; i < step * step * 2; ++i)
        io.run_one_for(1ms);
    restless.watches().clear();
    restless.end();
}

BOOST_AUTO_TEST_CASE(idle_store_lets_its_context_end) {
    boost::asio::io_context io;
    etcd::StoreOptions options = options_for(shared_etcd().address());
    options.request_timeout = 20s;
    const auto store = etcd::make_store(io.get_executor(), options);
    for (int round = 0; round < 3; ++round) {
        const Inbox<Lease> granted;
        const Inbox<Change> changes;
        bool was_renewed = false;
        auto watch = store->watch({Scope::key, "idle/1", Revision{1}}, changes.reply());
        store->grant_lease(60s, [&](const result<Lease>& lease) {
            BOOST_REQUIRE(lease.has_value());
            store->renew_lease(lease->id, [&](const result<Lease>& renewed) {
                was_renewed = renewed.has_value();
                watch.reset();
            });
        });
        io.restart();
        io.run_for(20s);
        BOOST_TEST(was_renewed);
        BOOST_TEST(io.stopped(), "an idle store keeps its context busy");
        // The rest of its time shall not have passed by waiting.
    }
}

BOOST_AUTO_TEST_CASE(open_watch_keeps_its_context_busy) {
    boost::asio::io_context io;
    const auto store = etcd::make_store(io.get_executor(), options_for(shared_etcd().address()));
    const auto watch = store->watch({Scope::key, "busy/1", Revision{1}}, [](const auto&) {});
    io.run_for(200ms);
    BOOST_TEST(!io.stopped());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
