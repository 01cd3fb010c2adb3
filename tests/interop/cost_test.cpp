// Ours and the npm module side by side on one etcd: how fast elections change hands, and what
// standing in line costs the server.
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <iostream>

#include "tests/interop/node.hpp"
#include "tests/interop/v2_directory.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/whole/relay.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

// They take turns, so that what else the machine does meets both.
constexpr std::size_t blocks = 4;
constexpr std::size_t hand_overs_in_a_block = 50;
// Theirs is compiled for speed by node, always. Where ours is too it has to be as fast, but for
// what the median of two hundred moves by when nothing has changed. Where it is not, only a
// hand-over that waits for something is found.
#ifdef __OPTIMIZE__
constexpr double allowance = 1.1;
#else
constexpr double allowance = 2;
#endif

constexpr std::size_t candidates = 10;
constexpr auto ttl = 4s;
constexpr auto idle = 20s;
// Watches tell ours of everything. This is what it may read nevertheless, to be sure.
constexpr double reads_allowed = 10;

class TheirRelay {
public:
    explicit TheirRelay(const EtcdServer& etcd)
        : process_(node_command("relay.js", {etcd.http_url(), "relay/theirs",
                                             std::to_string(hand_overs_in_a_block)})) {
        await("ready");
    }

    std::vector<double> run() {
        process_.signal(SIGUSR2);
        std::vector<double> times;
        const boost::json::object told = await("relayed");
        for (const auto& time : told.at("milliseconds").as_array())
            times.push_back(time.to_number<double>());
        return times;
    }

private:
    boost::json::object await(const std::string& event) {
        const auto line = process_.read_until(event, 120s);
        if (!line) throw std::runtime_error("relay.js: " + process_.rest_of_errors());
        return boost::json::parse(*line).as_object();
    }

    ChildProcess process_;
};

void print_times(const char* whose, const std::vector<double>& times) {
    std::cout << "hand-over of " << whose << ", " << times.size() << " times: p50 "
              << quantile(times, 0.5) << " ms, p90 " << quantile(times, 0.9) << " ms, longest "
              << quantile(times, 1) << " ms" << std::endl;
}

void print_reads(const char* whose, const V2Reads& reads) {
    std::cout << candidates << " of " << whose << ", idle for " << idle.count()
              << " s with a TTL of " << ttl.count() << " s: " << reads.reads << " reads, "
              << reads.watches << " watches opened" << std::endl;
}

V2Reads operator-(V2Reads a, V2Reads b) {
    return {a.reads - b.reads, a.watches - b.watches};
}

V2Reads idle_reads_of_theirs(const EtcdServer& etcd) {
    ChildProcess crowd(
        node_command("crowd.js", {etcd.http_url(), "crowd/theirs", std::to_string(ttl.count()),
                                  std::to_string(candidates)}));
    BOOST_TEST_REQUIRE(crowd.read_until("standing", 60s).has_value(), crowd.rest_of_errors());
    const V2Reads before = v2_reads(etcd);
    const auto elected = crowd.read_until("elected", idle);
    BOOST_TEST(!elected.has_value());
    const V2Reads reads = v2_reads(etcd) - before;
    crowd.signal(SIGTERM);
    BOOST_TEST(crowd.wait(30s).value_or(-1) == 0);
    return reads;
}

std::vector<double> relay_ours(const EtcdServer& etcd) {
    boost::asio::io_context io;
    // As theirs does it.
    Relay relay(io, {.url = etcd.v2_url(), .election = "relay/ours", .leaving = Leaving::stop});
    relay.run(hand_overs_in_a_block);
    BOOST_TEST(relay.times().size() == hand_overs_in_a_block);
    BOOST_TEST(relay.disorder() == 0);
    return relay.times();
}

// Runs until a second has passed in which etcd was asked for nothing: followers have found out
// by then who leads.
bool settle(boost::asio::io_context& io, const EtcdServer& etcd) {
    for (int second = 0; second < 30; ++second) {
        const V2Reads before = v2_reads(etcd);
        io.run_for(1s);
        const V2Reads reads = v2_reads(etcd) - before;
        if (reads.reads + reads.watches == 0) return true;
    }
    return false;
}

V2Reads idle_reads_of_ours(const EtcdServer& etcd) {
    boost::asio::io_context io;
    std::vector<std::unique_ptr<Election>> crowd;
    int elected = 0;
    for (std::size_t i = 0; i < candidates; ++i) {
        crowd.push_back(std::make_unique<Election>(
            io.get_executor(), open_store(io.get_executor(), etcd.v2_url()),
            ElectionOptions{.election = "crowd/ours",
                            .candidate = "node-" + std::to_string(i + 1),
                            .ttl = ttl}));
        crowd.back()->on_elected([&](const Leadership&) { ++elected; });
        crowd.back()->start();
    }
    const Instant end = LeaseClock::now() + 60s;
    while (read_directory(etcd, "crowd/ours").size() < candidates && LeaseClock::now() < end)
        io.run_for(10ms);
    BOOST_TEST_REQUIRE(settle(io, etcd));
    BOOST_TEST(elected == 1);
    const V2Reads before = v2_reads(etcd);
    io.run_for(idle);
    const V2Reads reads = v2_reads(etcd) - before;
    BOOST_TEST(elected == 1);
    // From the tail, so that nobody has to rise in between.
    for (auto each = crowd.rbegin(); each != crowd.rend(); ++each) {
        (*each)->stop();
        while ((*each)->is_running() && LeaseClock::now() < end + idle)
            io.run_one_for(1s);
    }
    BOOST_TEST(read_directory(etcd, "crowd/ours").empty());
    return reads;
}

}  // namespace

BOOST_AUTO_TEST_CASE(hand_overs_take_no_longer_than_theirs) {
    const EtcdServer etcd;
    TheirRelay their_relay(etcd);
    std::vector<double> ours, theirs;
    for (std::size_t block = 0; block < blocks; ++block) {
        for (const double time : their_relay.run())
            theirs.push_back(time);
        for (const double time : relay_ours(etcd))
            ours.push_back(time);
    }
    print_times("theirs", theirs);
    print_times("ours", ours);
    BOOST_TEST_REQUIRE(ours.size() == theirs.size());
    if (!sanitized) BOOST_TEST(quantile(ours, 0.5) <= quantile(theirs, 0.5) * allowance);
}

BOOST_AUTO_TEST_CASE(an_idle_line_reads_next_to_nothing) {
    const EtcdServer etcd;
    const V2Reads theirs = idle_reads_of_theirs(etcd);
    print_reads("theirs", theirs);
    // Or else what etcd counts has another name, and zero says nothing.
    BOOST_TEST(theirs.reads > reads_allowed);
    BOOST_TEST(theirs.watches > reads_allowed);
    const V2Reads ours = idle_reads_of_ours(etcd);
    print_reads("ours", ours);
    BOOST_TEST(ours.reads <= reads_allowed);
}

}  // namespace tenure::test
