// What an idle process costs etcd, counted at etcd.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <iostream>
#include <tenure/tenure.hpp>

#include "tests/support/etcd_server.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

struct Cost {
    double renewals = 0;
    double other_requests = 0;
    std::size_t connections = 0;
};

/// Sockets of ours that are connected to etcd's client port.
std::size_t connections_to(const EtcdServer& etcd) {
    std::size_t count = 0;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        ::sockaddr_in peer{};
        ::socklen_t size = sizeof peer;
        const int socket = std::stoi(each.path().filename());
        if (::getpeername(socket, reinterpret_cast<::sockaddr*>(&peer), &size) != 0) continue;
        if (peer.sin_family == AF_INET && ntohs(peer.sin_port) == etcd.port()) ++count;
    }
    return count;
}

double renewals_at(const EtcdServer& etcd) {
    return etcd.metric("etcd_debugging_lease_renewed_total");
}

double messages_at(const EtcdServer& etcd) {
    return etcd.metric("grpc_server_msg_received_total");
}

/// Runs until a second has passed in which the process asked etcd for next to nothing: the
/// first watches are opened after the elections are won, and a slow build takes a while.
bool settle(boost::asio::io_context& io, const EtcdServer& etcd) {
    const auto requests = [&etcd] { return messages_at(etcd) - renewals_at(etcd); };
    double before = requests();
    for (int second = 0; second < 30; ++second) {
        io.run_for(1s);
        const double after = requests();
        if (after - before <= 1) return true;
        before = after;
    }
    return false;
}

Cost cost_of(const EtcdServer& etcd, std::size_t elections, Duration idle) {
    boost::asio::io_context io;
    auto store = open_store(io.get_executor(), etcd.store_url());
    Session session(io.get_executor(), store, {.ttl = 3s});
    std::vector<std::unique_ptr<Election>> all;
    std::size_t leading = 0;
    for (std::size_t i = 0; i < elections; ++i) {
        all.push_back(std::make_unique<Election>(
            session, CandidacyOptions{
                         .election = "idle/" + std::to_string(elections) + "-" + std::to_string(i),
                         .candidate = "a"}));
        all.back()->on_elected([&](const Leadership&) { ++leading; });
        all.back()->start();
    }
    const Instant end = LeaseClock::now() + 60s;
    while (leading < elections && LeaseClock::now() < end)
        io.run_one_for(1s);
    BOOST_TEST_REQUIRE(leading == elections);
    BOOST_TEST_REQUIRE(settle(io, etcd));
    Cost cost;
    const double renewals = renewals_at(etcd);
    const double messages = messages_at(etcd);
    io.run_for(std::chrono::duration_cast<std::chrono::milliseconds>(idle));
    cost.renewals = renewals_at(etcd) - renewals;
    cost.other_requests = messages_at(etcd) - messages - cost.renewals;
    cost.connections = connections_to(etcd);
    bool stopped = false;
    session.async_stop([&] { stopped = true; });
    while (!stopped && LeaseClock::now() < end + 30s)
        io.run_one_for(1s);
    BOOST_TEST(stopped);
    return cost;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(idle_cost)

BOOST_AUTO_TEST_CASE(two_hundred_elections_cost_etcd_no_more_than_one) {
    EtcdServer etcd;
    const Cost one = cost_of(etcd, 1, 12s);
    const Cost many = cost_of(etcd, 200, 12s);
    for (const auto& [name, cost] : {std::pair{"1 election", one}, {"200 elections", many}}) {
        std::cout << name << ", idle for 12 s: " << cost.renewals << " renewals, "
                  << cost.other_requests << " other requests, " << cost.connections
                  << " connections" << std::endl;
    }
    BOOST_TEST(std::abs(one.renewals - 12) <= 1);
    BOOST_TEST(std::abs(many.renewals - 12) <= 1);
    BOOST_TEST(std::abs(many.other_requests - one.other_requests) <= 2);
    BOOST_TEST(many.connections == one.connections);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
