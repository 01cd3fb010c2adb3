// Several endpoints: whom a store asks, whom it leaves alone, and whom it does not believe.
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <tenure/tenure.hpp>
#include <thread>

#include "backends/etcd/endpoints.hpp"
#include "backends/etcd/origin.hpp"
#include "backends/etcd/v3/stale_leaders.hpp"
#include "tests/etcd/client.hpp"
#include "tests/support/bad_server.hpp"
#include "tests/support/etcd_cluster.hpp"
#include "tests/support/http_get.hpp"
#include "tests/support/keys_api.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using etcd::detail::BackOff;
using etcd::detail::Endpoints;
using etcd::detail::Origin;
using etcd::detail::OriginGuard;
using etcd::detail::renewal_time;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto soon = 20s;

milliseconds since(steady_clock::time_point begin) {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
}

/// Attempts at an endpoint, which end when the test says so.
class Knocking final : public BackOff::Turn {
public:
    explicit Knocking(BackOff& door) : door_(door) {}
    bool take(BackOff::Admission admission) override {
        times_.push_back(steady_clock::now());
        under_way_.push_back(std::move(admission));
        return true;
    }
    /// The one that has been under way for longest is over.
    void end() { under_way_.pop_front(); }
    void fail_all() {
        while (!under_way_.empty()) {
            end();
            door_.failed({errc::unreachable, "Connection refused"});
        }
    }
    const std::vector<steady_clock::time_point>& times() const { return times_; }

private:
    BackOff& door_;
    std::vector<steady_clock::time_point> times_{};
    std::deque<BackOff::Admission> under_way_{};
};

/// Until a second has passed in which the context has asked etcd for next to nothing.
bool comes_to_rest(boost::asio::io_context& io) {
    const auto requests = [] { return shared_etcd().metric("grpc_server_msg_received_total"); };
    double before = requests();
    for (int second = 0; second < 60; ++second) {
        io.run_for(1s);
        const double after = requests();
        if (after - before <= 1) return true;
        before = after;
    }
    return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(endpoints)

BOOST_AUTO_TEST_CASE(no_more_than_eight_attempts_are_under_way) {
    boost::asio::io_context io;
    const auto door = std::make_shared<BackOff>(io.get_executor());
    const auto knocking = std::make_shared<Knocking>(*door);
    for (int i = 0; i < 1000; ++i)
        door->ask_for(knocking);
    BOOST_TEST(knocking->times().size() == 8U);
    // One of the eight comes to its end, and all is well.
    knocking->end();
    const auto begin = steady_clock::now();
    while (knocking->times().size() == 8U && since(begin) < soon)
        io.run_one_for(soon);
    BOOST_TEST(knocking->times().size() == 9U);
    door->close();
}

BOOST_AUTO_TEST_CASE(who_fails_gets_no_attempt_in_place_of_one_that_failed) {
    boost::asio::io_context io;
    const auto door = std::make_shared<BackOff>(io.get_executor());
    const auto knocking = std::make_shared<Knocking>(*door);
    for (int i = 0; i < 1000; ++i)
        door->ask_for(knocking);
    const auto begin = steady_clock::now();
    knocking->fail_all();
    io.run_one_for(soon);
    while (knocking->times().size() == 8U && since(begin) < soon)
        io.run_one_for(soon);
    BOOST_TEST(knocking->times().size() == 9U);
    BOOST_CHECK(knocking->times().back() - begin >= 25ms);
    door->close();
}

BOOST_AUTO_TEST_CASE(who_is_silent_is_tried_again_after_a_second) {
    boost::asio::io_context io;
    const auto door = std::make_shared<BackOff>(io.get_executor());
    const auto knocking = std::make_shared<Knocking>(*door);
    for (int i = 0; i < 9; ++i)
        door->ask_for(knocking);
    const auto begin = knocking->times().front();
    while (knocking->times().size() == 8U && steady_clock::now() - begin < soon)
        io.run_one_for(soon);
    BOOST_TEST(knocking->times().size() == 9U);
    BOOST_CHECK(knocking->times().back() - begin >= 1s);
    door->close();
}

// To be let in proves nothing.
BOOST_AUTO_TEST_CASE(who_lets_in_and_is_silent_sees_eight_in_the_first_second) {
    const BadServer silent(Badness::silent);
    etcd::StoreOptions options = etcd::parse_url("etcd://" + silent.address() + "?watch=stream");
    options.request_timeout = soon;
    const auto begin = steady_clock::now();
    Client client(options);
    std::vector<Client::Watching> watching;
    for (int i = 0; i < 12; ++i)
        watching.push_back(client.watch(WatchTarget::Scope::key, fresh_name(), Revision{1}));
    while (silent.accepted() < 9 && since(begin) < soon)
        std::this_thread::yield();
    BOOST_TEST(silent.accepted() >= 9U);
    BOOST_CHECK(since(begin) >= 1s);
}

BOOST_AUTO_TEST_CASE(attempts_at_who_fails_become_fewer) {
    boost::asio::io_context io;
    const auto door = std::make_shared<BackOff>(io.get_executor());
    const auto knocking = std::make_shared<Knocking>(*door);
    for (int i = 0; i < 1000; ++i)
        door->ask_for(knocking);
    const auto end = steady_clock::now() + 60s;
    const auto& times = knocking->times();
    while (times.size() < 15 && steady_clock::now() < end) {
        knocking->fail_all();
        io.run_one_for(10ms);
    }
    knocking->fail_all();
    BOOST_TEST_REQUIRE(times.size() >= 15U);
    const milliseconds at_least[] = {25ms, 50ms, 100ms, 200ms, 400ms, 500ms, 500ms};
    for (std::size_t i = 0; i < std::size(at_least); ++i)
        BOOST_CHECK(times[8 + i] - times[7 + i] >= at_least[i]);
    // Whoever works again is not left alone any more.
    const auto before = times.size();
    door->worked();
    BOOST_TEST(times.size() == before + 8);
    door->close();
}

BOOST_AUTO_TEST_CASE(who_failed_comes_after_the_others) {
    boost::asio::io_context io;
    etcd::StoreOptions options{.endpoints = {{"a"}, {"b"}, {"c"}}};
    Endpoints all(io.get_executor(), options);
    BOOST_TEST(all.current() == 0U);
    all.failed(0, {errc::timed_out, "silent"});
    BOOST_TEST(all.current() == 1U);
    all.failed(1, {errc::timed_out, "silent"});
    BOOST_TEST(all.current() == 2U);
    BOOST_TEST(all.best_but({2}) != 2U);
    all.failed(2, {errc::timed_out, "silent"});
    BOOST_TEST(all.current() != 2U);
}

BOOST_AUTO_TEST_CASE(a_renewal_can_ask_all_in_its_time) {
    BOOST_CHECK(renewal_time(10s, 3, 2s) == 833ms);
    BOOST_CHECK(renewal_time(10s, 1, 2s) == 2s);
    BOOST_CHECK(renewal_time(60s, 3, 2s) == 2s);
    BOOST_CHECK(renewal_time(300ms, 3, 2s) == 100ms);
    BOOST_CHECK(renewal_time(300ms, 3, 50ms) == 50ms);
}

BOOST_AUTO_TEST_CASE(silent_endpoints_leave_a_renewal_its_time) {
    const EtcdServer& etcd = shared_etcd();
    TcpProxy first(etcd.port());
    TcpProxy second(etcd.port());
    Client client({first.address(), second.address(), etcd.address()}, 5s);
    const Lease lease = client.grant(24s);
    first.blackhole();
    second.blackhole();
    const auto begin = steady_clock::now();
    BOOST_TEST(client.renew(lease.id).has_value());
    // A third of the TTL; each of the silent ones is given a twelfth.
    BOOST_CHECK(since(begin) < 8s);
}

BOOST_AUTO_TEST_CASE(watches_move_when_requests_do) {
    const EtcdServer& etcd = shared_etcd();
    TcpProxy line(etcd.port());
    // Left to itself the watch would be looked after in a minute.
    Client client({line.address(), etcd.address()}, 1s, 60s);
    Client writer({etcd.address()});
    const std::string name = fresh_name();
    const Entry entry = writer.create(name, "a", writer.grant().id);
    const auto watching = client.watch(WatchTarget::Scope::key, entry.key, entry.created);
    const Entry other = writer.create(fresh_name(), "b", writer.grant().id);
    BOOST_TEST(client.list(name).entries.size() == 1U);
    line.blackhole();
    BOOST_TEST(client.list(name).entries.size() == 1U);
    writer.remove(entry);
    BOOST_TEST(watching.heard.wait(1, soon));
    BOOST_TEST(describe(watching.heard.all()) == "removed 'a'");
}

BOOST_AUTO_TEST_CASE(another_cluster_is_refused_and_said) {
    EtcdServer ours;
    EtcdServer stranger;
    Client client({ours.address(), stranger.address()}, 1s);
    const Lease lease = client.grant();
    ours.pause();
    const auto renewed = client.renew(lease.id);
    const auto granted = client.try_grant();
    ours.resume();
    BOOST_TEST_REQUIRE(!renewed.has_value());
    BOOST_TEST_REQUIRE(!granted.has_value());
    for (const Error& error : {renewed.error(), granted.error()}) {
        BOOST_TEST((error.code == condition::unavailable));
        const auto words = stranger.address() + " belongs to another cluster";
        BOOST_TEST(error.detail.find(words) != std::string::npos, error.detail);
    }
    BOOST_TEST(client.renew(lease.id).has_value());
}

// Its index would have a watch wait for years, and its keys are not those that are watched.
BOOST_AUTO_TEST_CASE(polls_of_another_cluster_tell_nothing) {
    const EtcdServer ours;
    const EtcdServer stranger;
    TcpProxy to_ours(ours.port());
    TcpProxy to_stranger(stranger.port());
    etcd::StoreOptions options =
        etcd::parse_url("etcd://" + to_ours.address() + ',' + to_stranger.address() + "?api=v2");
    options.request_timeout = 30s;
    // No read is to find out first.
    options.watch_check = 10min;
    Client client(options);
    const std::string name = fresh_name();
    const Entry entry = client.create(name, "me", client.grant(600s).id);
    for (int i = 0; i < 20; ++i)
        post_key(stranger, "/other", "value=x");
    const auto watching = client.watch(WatchTarget::Scope::key, entry.key, entry.created);
    BOOST_TEST_REQUIRE(to_ours.wait_for_first_lines("GET /v2/keys" + entry.key, 1, soon));
    to_ours.cut();
    const std::string poll = "GET /v2/keys" + entry.key + "?wait=true";
    BOOST_TEST_REQUIRE(to_stranger.wait_for_first_lines(poll, 1, soon));
    put_key(stranger, entry.key, "value=stranger");
    BOOST_TEST_REQUIRE(to_stranger.wait_for_first_lines(poll, 2, soon));
    to_ours.heal();
    put_key(ours, entry.key, "value=ours");
    BOOST_TEST(watching.heard.wait(1, soon));
    BOOST_TEST(describe(watching.heard.all()) == "updated 'ours'");
}

BOOST_AUTO_TEST_CASE(a_term_that_is_over_is_refused_when_it_was_known) {
    OriginGuard guard;
    const Origin old{.cluster = "1", .term = 4};
    BOOST_TEST(!guard.judge(old, 0).has_value());
    BOOST_TEST(!guard.judge({.cluster = "1", .term = 5}, 4).has_value());
    BOOST_TEST(guard.newest_term() == 5);
    // It was asked before anybody knew.
    BOOST_TEST(!guard.judge(old, 4).has_value());
    const auto refused = guard.judge(old, guard.newest_term());
    BOOST_TEST_REQUIRE(refused.has_value());
    BOOST_TEST((refused->code == errc::bad_answer));
    BOOST_TEST(guard.newest_term() == 5);
    BOOST_TEST(!guard.judge({}, 5).has_value());
    // One that is cut off may be ahead.
    BOOST_TEST(!guard.judge_local({.cluster = "1", .term = 9}, 5).has_value());
    BOOST_TEST(guard.newest_term() == 5);
    BOOST_TEST(guard.judge_local(old, 5).has_value());
}

BOOST_AUTO_TEST_CASE(an_answers_origin_is_in_its_header) {
    using etcd::detail::origin_in;
    const Origin unary = origin_in(
        R"({"header":{"cluster_id":"14841639068965178418","member_id":"1","raft_term":"7"}})");
    BOOST_TEST(unary.cluster == "14841639068965178418");
    BOOST_TEST(unary.term == 7);
    const Origin streamed = origin_in(R"({"result":{"header":{"raft_term":"8"},"ID":"5"}})");
    BOOST_TEST(streamed.term == 8);
    for (const char* const none : {"", "{}", R"({"header":{)", R"({"header":{"raft_term":{}}})",
                                   R"({"kvs":[{"value":"\"header\":{\"raft_term\":\"9\"}"}]})"}) {
        BOOST_TEST(origin_in(none).term == 0);
        BOOST_TEST(origin_in(none).cluster.empty());
    }
}

BOOST_AUTO_TEST_CASE(versions_that_confirm_alone_are_known) {
    using etcd::detail::v3::confirms_alone;
    for (const char* const old : {"3.4.0", "3.4.23", "3.4.30", "3.5.0", "3.5.12", "3.3.27"})
        BOOST_TEST(confirms_alone(old).value(), old);
    for (const char* const good : {"3.4.31", "3.4.40", "3.5.13", "3.6.0", "3.10.1", "4.0.0"})
        BOOST_TEST(!confirms_alone(good).value(), good);
    for (const char* const none : {"x", "", "3", "3.4."})
        BOOST_TEST(!confirms_alone(none).has_value(), none);
}

BOOST_AUTO_TEST_CASE(several_old_members_widen_the_margin) {
    const auto version = http_get(shared_etcd().port(), "/version", 5s);
    BOOST_TEST_REQUIRE(version.has_value());
    const auto begin = version->find(R"("etcdserver":")") + 14;
    const bool is_old =
        etcd::detail::v3::confirms_alone(version->substr(begin, version->find('"', begin) - begin))
            .value();
    const EtcdCluster cluster;
    Client several({cluster.member(0).address(), cluster.member(1).address()});
    const Duration none = Duration::zero();
    BOOST_CHECK(several.grant(60s).margin == (is_old ? Duration(2s) : none));
    BOOST_CHECK(several.grant(3s).margin == (is_old ? Duration(1500ms) : none));
    Client one({shared_etcd().address()});
    BOOST_CHECK(one.grant(60s).margin == none);
}

// Each candidate retries by itself; they share the store's connections, and its patience.
BOOST_AUTO_TEST_CASE(a_thousand_candidates_do_not_flood_who_is_down) {
    constexpr std::size_t candidates = 1000;
    boost::asio::io_context io;
    TcpProxy line(shared_etcd().port());
    Session session(io.get_executor(), open_store(io.get_executor(), line.store_url()),
                    {.ttl = 10s});
    std::vector<std::unique_ptr<Election>> all;
    std::size_t leading = 0;
    const std::string name = fresh_name();
    for (std::size_t i = 0; i < candidates; ++i) {
        all.push_back(std::make_unique<Election>(
            session, CandidacyOptions{.election = name + '/' + std::to_string(i),
                                      .candidate = "a",
                                      .follow_leader = false}));
        all.back()->on_elected([&](const Leadership&) { ++leading; });
        all.back()->start();
    }
    const auto end = steady_clock::now() + 90s;
    while (leading < candidates && steady_clock::now() < end)
        io.run_one_for(1s);
    BOOST_TEST_REQUIRE(leading == candidates);
    // What is still on its way as the line is cut would say that it works.
    BOOST_TEST_REQUIRE(comes_to_rest(io));
    // Accepts, and closes at once, so that every attempt is seen.
    const std::size_t before = line.accepted();
    line.cut();
    std::vector<std::size_t> attempts;
    for (int second = 0; second < 6; ++second) {
        const std::size_t so_far = line.accepted();
        io.run_for(1s);
        attempts.push_back(line.accepted() - so_far);
        BOOST_TEST_MESSAGE("second " << second << ": " << attempts.back() << " attempts");
    }
    // A busy machine may count some of a second's attempts in the next one.
    std::size_t sum = 0;
    for (std::size_t second = 0; second < attempts.size(); ++second) {
        sum += attempts[second];
        BOOST_TEST(sum <= 13U + 4 * second);
    }
    BOOST_TEST(line.accepted() - before >= 5U);
    line.heal();
    session.async_stop([] {});
    io.run_for(2s);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
