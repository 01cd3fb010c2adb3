// A service written as a coroutine, in a simulated world.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>
#include <tenure/simulation.hpp>
#include <tenure/tenure.hpp>

namespace asio = boost::asio;
namespace sim = tenure::sim;
using namespace std::chrono_literals;

/// Counts a beat each second, for as long as it leads.
class Metronome {
public:
    Metronome(asio::any_io_executor executor, std::shared_ptr<tenure::KeyStore> store,
              std::string name, std::vector<std::int64_t>& beats)
        : scheduler_(tenure::make_scheduler(executor)),
          election_(executor, std::move(store),
                    {.election = "beat", .candidate = std::move(name), .ttl = 5s}),
          beats_(beats) {
        asio::co_spawn(executor, run(), asio::detached);
    }
    tenure::Election& election() { return election_; }

private:
    // The election keeps the frame of who waits for it: a frame that kept the election would keep
    // both for ever. So the coroutine holds no share in its service, only `this`.
    asio::awaitable<void> run() {
        election_.start();
        for (;;) {
            const auto leadership = co_await election_.async_wait_elected(asio::use_awaitable);
            while (leadership.valid()) {
                beats_.push_back(leadership.token());
                co_await tenure::async_sleep(scheduler_, 1s, asio::use_awaitable);
            }
        }
    }

    const std::shared_ptr<tenure::Scheduler> scheduler_;
    tenure::Election election_;
    std::vector<std::int64_t>& beats_;
};

BOOST_AUTO_TEST_CASE(the_beat_goes_on_when_the_leader_is_cut_off) {
    std::vector<std::int64_t> beats;
    sim::World world({.seed = 3});
    for (const char* name : {"ann", "bob"}) {
        world.add_node(name, [&beats](sim::Node& node) {
            auto service =
                std::make_shared<Metronome>(node.executor(), node.store(), node.name(), beats);
            node.follow(service->election());
            return service;
        });
    }
    world.always("tokens_grow_in_the_beat", [&] { return std::ranges::is_sorted(beats); });
    BOOST_TEST(world.run_until([&] { return beats.size() >= 5; }, 30s));
    world.partition(world.leader("beat"));
    BOOST_TEST(world.run_until([&] { return beats.back() > beats.front(); }, 30s));
    world.crash(world.leader("beat"));
    world.heal();
    const std::size_t before = beats.size();
    BOOST_TEST(world.run_until([&] { return beats.size() >= before + 5; }, 30s));
}
