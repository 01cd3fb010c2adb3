// Ours and the npm module side by side on one etcd: how fast an election changes hands. Node
// compiles for speed, so ours is compared where it is compiled so, too.
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <iostream>

#include "tests/interop/node.hpp"
#include "tests/support/etcd_server.hpp"
#include "tests/whole/relay.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

// They take turns, so that what else the machine does meets both.
constexpr std::size_t blocks = 4;
constexpr std::size_t hand_overs_in_a_block = 50;

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

std::vector<double> relay_ours(const EtcdServer& etcd) {
    boost::asio::io_context io;
    // As theirs does it.
    Relay relay(io, {.url = etcd.v2_url(), .election = "relay/ours", .leaving = Leaving::stop});
    relay.run(hand_overs_in_a_block);
    BOOST_TEST(relay.times().size() == hand_overs_in_a_block);
    BOOST_TEST(relay.disorder() == 0);
    return relay.times();
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
    BOOST_TEST(quantile(ours, 0.5) <= quantile(theirs, 0.5));
}

}  // namespace tenure::test
