// What the integration tests of the npm module etcd-leader check over a real etcd, by the same
// names. Where theirs has a TTL of 1 s, these have the 2 s that etcd grants at least.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <tenure/tenure.hpp>

#include "tests/support/etcd_server.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

constexpr Duration patience = 20s;

/// An etcd, and the time. Each test runs over each of its stores.
struct Scene {
    EtcdServer etcd{{"--enable-v2=true"}};
    boost::asio::io_context io;

    Strings urls() const {
        return {
            etcd.store_url(),
            etcd.v2_url(),
        };
    }

    /// False when the time is up, or nothing is left to be done.
    bool run_until(const std::function<bool()>& predicate) {
        const Instant end = LeaseClock::now() + patience;
        io.restart();
        while (!predicate() && !io.stopped() && LeaseClock::now() < end)
            io.run_one_for(100ms);
        return predicate();
    }
    /// Until nothing is left to be done.
    bool run_out() {
        io.restart();
        io.run_for(patience);
        return io.stopped();
    }
};

/// With a store of its own, as a process has. Stopped and done with at the end of the test.
struct Candidate {
    Candidate(Scene& scene, const std::string& url, const std::string& name, const std::string& who,
              Duration ttl = 2s)
        : store(open_store(scene.io.get_executor(), url)),
          election(scene.io.get_executor(), store,
                   {.election = name, .candidate = who, .ttl = ttl}) {
        election.on_elected([this](const Leadership&) { events.push_back("elected"); });
        election.on_unelected([this](LossReason) { events.push_back("unelected"); });
        election.on_leader([this](const std::optional<Leader>& leader) {
            leaders.push_back(leader ? leader->candidate : "-");
        });
        election.on_error([](error_code error, std::string_view doing) {
            BOOST_TEST_MESSAGE(doing << ": " << error.message());
        });
    }

    bool leads() const { return election.is_leader(); }

    std::shared_ptr<KeyStore> store;
    Strings events;
    Strings leaders;
    Election election;
};

std::size_t entries_of(Scene& scene, Candidate& candidate) {
    std::optional<std::size_t> count;
    candidate.store->list({.prefix = candidate.election.name()},
                          [&](result<Listing> listing) { count = listing.value().entries.size(); });
    BOOST_TEST_REQUIRE(scene.run_until([&] { return count.has_value(); }));
    return *count;
}

bool wait_for_entries(Scene& scene, Candidate& candidate, std::size_t expected) {
    const Instant end = LeaseClock::now() + patience;
    while (LeaseClock::now() < end) {
        if (entries_of(scene, candidate) == expected) return true;
    }
    return false;
}

/// Until the leader's lease has been renewed so often.
bool wait_for_renewals(Scene& scene, const Candidate& leader, int times) {
    const Leadership leadership = leader.election.leadership();
    const auto ends = [&] { return LeaseClock::now() + leadership.remaining(); };
    Instant known = ends();
    return scene.run_until([&] {
        if (leader.leads() && ends() > known + 100ms) {
            known = ends();
            --times;
        }
        return times == 0;
    });
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(etcd_leader_against_a_real_etcd_server, Scene)

BOOST_AUTO_TEST_CASE(acquires_fresh_leader_lock) {
    for (const auto& url : urls()) {
        BOOST_TEST_CONTEXT(url) {
            Candidate one(*this, url, "/test", "node1", 10s);
            one.election.start();
            BOOST_TEST(run_until([&] { return one.events == Strings{"elected"}; }));
            BOOST_TEST(one.leads());
            BOOST_TEST(one.election.leadership().token() > 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(fails_leader_lock_over) {
    for (const auto& url : urls()) {
        BOOST_TEST_CONTEXT(url) {
            Candidate one(*this, url, "/testfailover", "node1");
            Candidate two(*this, url, "/testfailover", "node2");
            one.election.on_elected([&](const Leadership&) {
                two.election.start();
                one.election.stop();
            });
            int handed_over = 0;
            two.election.on_elected([&](const Leadership& leadership) {
                ++handed_over;
                BOOST_TEST(!one.leads());
                BOOST_TEST(two.leads());
                BOOST_TEST(leadership.token() > one.election.leadership().token());
            });
            one.election.start();
            BOOST_TEST(run_until([&] { return handed_over == 1; }));
        }
    }
}

BOOST_AUTO_TEST_CASE(handles_multiple_members_correctly) {
    for (const auto& url : urls()) {
        BOOST_TEST_CONTEXT(url) {
            // They share a thread, and have to outlast a machine that stands still for a moment.
            Candidate one(*this, url, "/testmultiple", "node1", 6s);
            Candidate two(*this, url, "/testmultiple", "node2", 6s);
            Candidate three(*this, url, "/testmultiple", "node3", 6s);
            one.election.on_elected([&](const Leadership&) {
                two.election.start();
                three.election.start();
            });
            one.election.start();
            BOOST_TEST_REQUIRE(run_until([&] { return one.leads(); }));
            BOOST_TEST(wait_for_entries(*this, one, 3));
            // Four renewals take longer than a lease lasts.
            BOOST_TEST(wait_for_renewals(*this, one, 4));
            BOOST_TEST(entries_of(*this, one) == 3u);
            BOOST_TEST(one.leads());
            BOOST_TEST(one.events.size() == 1u);
            BOOST_TEST(two.events.empty());
            BOOST_TEST(three.events.empty());
        }
    }
}

// The next in line is elected long before its predecessor's lease would end.
BOOST_AUTO_TEST_CASE(cleans_up_membership_key_on_stop) {
    for (const auto& url : urls()) {
        BOOST_TEST_CONTEXT(url) {
            Candidate one(*this, url, "/teststop", "node1", 100s);
            Candidate two(*this, url, "/teststop", "node2", 100s);
            one.election.on_elected([&](const Leadership&) {
                two.election.start();
                two.election.on_elected([&](const Leadership&) { two.election.stop(); });
                one.election.stop();
            });
            one.election.start();
            BOOST_TEST(run_until([&] { return two.events.size() == 2; }));
            BOOST_TEST(run_until([&] { return !two.election.is_running(); }));
            BOOST_TEST(entries_of(*this, two) == 0u);
        }
    }
}

BOOST_AUTO_TEST_CASE(does_not_trigger_spurious_elected_events_when_stopping) {
    for (const auto& url : urls()) {
        BOOST_TEST_CONTEXT(url) {
            Candidate one(*this, url, "/testspurious", "node1");
            one.election.on_elected([&](const Leadership&) { one.election.stop(); });
            one.election.start();
            BOOST_TEST(run_until([&] { return one.events.size() == 2; }));
            BOOST_TEST(run_out());
            BOOST_TEST((one.events == Strings{"elected", "unelected"}));
            BOOST_TEST(!one.election.is_running());
        }
    }
}

// Theirs does not tell the leader itself; ours does.
BOOST_AUTO_TEST_CASE(emits_leader_events_on_non_leaders) {
    for (const auto& url : urls()) {
        BOOST_TEST_CONTEXT(url) {
            Candidate one(*this, url, "/testleader", "node1");
            Candidate two(*this, url, "/testleader", "node2");
            one.election.on_elected([&](const Leadership&) { two.election.start(); });
            two.election.on_leader([&](const std::optional<Leader>& leader) {
                BOOST_TEST((leader == two.election.current_leader()));
                BOOST_TEST_REQUIRE(leader.has_value());
                BOOST_TEST(leader->token == one.election.leadership().token());
            });
            one.election.start();
            BOOST_TEST(run_until([&] { return !two.leaders.empty(); }));
            BOOST_TEST((two.leaders == Strings{"node1"}));
            // The leader may have looked before it stood, and found nobody.
            BOOST_TEST(run_until([&] { return std::ranges::count(one.leaders, "node1") == 1; }));
            BOOST_TEST(!two.leads());
        }
    }
}

BOOST_AUTO_TEST_CASE(emits_change_of_leader_events_on_non_leaders) {
    for (const auto& url : urls()) {
        BOOST_TEST_CONTEXT(url) {
            Candidate one(*this, url, "/testleaderchange", "node1");
            Candidate two(*this, url, "/testleaderchange", "node2");
            Candidate three(*this, url, "/testleaderchange", "node3");
            one.election.on_elected([&](const Leadership&) { two.election.start(); });
            two.election.on_leader([&](const std::optional<Leader>&) { three.election.start(); });
            three.election.on_leader([&](const std::optional<Leader>&) { one.election.stop(); });
            one.election.start();
            BOOST_TEST(run_until([&] { return three.leaders.size() == 2; }));
            BOOST_TEST((three.leaders == Strings{"node1", "node2"}));
            BOOST_TEST(run_until([&] { return two.leads(); }));
            BOOST_TEST(!three.leads());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
