// Ours and the npm module side by side on one etcd: what standing in line costs the server.
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <iostream>
#include <tenure/tenure.hpp>

#include "tests/interop/node.hpp"
#include "tests/interop/v2_directory.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t candidates = 10;
constexpr auto ttl = 4s;
constexpr auto idle = 20s;
// Watches tell ours of everything. This is what it may read nevertheless, to be sure.
constexpr double reads_allowed = 10;

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
