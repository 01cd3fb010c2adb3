// Tokens that run out again and again under a line of candidates: nobody may notice.
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <tenure/etcd.hpp>
#include <tenure/tenure.hpp>

#include "tests/support/http_get.hpp"
#include "tests/support/secure_etcd.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// etcd counts a token's life from when it was last used: nobody may ask anything for so long now
// and then. Renewals come every 6.7 s, hand-overs every 8 s, and watches are not looked after
// meanwhile.
constexpr const char* token_life = "--auth-token-ttl=5";
constexpr auto ttl = 20s;
constexpr auto whole_time = 2min;
constexpr auto time_in_office = 8s;

std::size_t sign_ins(const SecureEtcd& etcd) {
    const std::string address = etcd.plain_address();
    const auto port = std::stoi(address.substr(address.find(':') + 1));
    const auto metrics = http_get(static_cast<std::uint16_t>(port), "/metrics", 5s);
    const std::string name =
        R"(grpc_server_handled_total{grpc_code="OK",grpc_method="Authenticate")";
    const auto line = metrics ? metrics->find(name) : std::string::npos;
    if (line == std::string::npos) return 0;
    return static_cast<std::size_t>(
        std::strtod(metrics->c_str() + metrics->find("} ", line) + 2, nullptr));
}

struct Seen {
    int elected = 0;
    int resigned = 0;
    int lost = 0;
    int errors = 0;
};

std::unique_ptr<Election> candidate(boost::asio::io_context& io, const std::string& url,
                                    const char* name, Seen& seen) {
    etcd::StoreOptions options = etcd::parse_url(url);
    options.watch_check = 1min;
    auto election = std::make_unique<Election>(
        io.get_executor(), etcd::make_store(io.get_executor(), options),
        ElectionOptions{.election = "jobs/tokens", .candidate = name, .ttl = ttl});
    election->on_elected([&seen](const Leadership&) { ++seen.elected; });
    election->on_unelected([&seen](LossReason why) {
        ++(why == LossReason::resigned || why == LossReason::stopped ? seen.resigned : seen.lost);
    });
    election->on_error([&seen, name](error_code error, std::string_view doing) {
        BOOST_TEST_MESSAGE(name << ": " << doing << ": " << error.message());
        ++seen.errors;
    });
    election->start();
    return election;
}

}  // namespace

BOOST_AUTO_TEST_CASE(tokens_that_run_out_are_nobodys_business) {
    SecureEtcd etcd({.extra_arguments = {token_life, "--bcrypt-cost=4"}});
    etcd.add_role("jobs", "jobs/");
    etcd.add_user("ann", "sesame", "jobs");
    etcd.ask_for_passwords();
    const std::size_t before = sign_ins(etcd);
    boost::asio::io_context io;
    const std::string url = "etcd://ann:sesame@" + etcd.plain_address();
    Seen seen;
    std::vector<std::unique_ptr<Election>> line;
    for (const char* const name : {"ann", "bob", "cid"})
        line.push_back(candidate(io, url, name, seen));
    int hand_overs = 0;
    const auto end = steady_clock::now() + whole_time;
    while (steady_clock::now() < end) {
        io.run_for(time_in_office);
        const auto find_leader = [&] {
            return std::ranges::find_if(line, [](auto& each) { return each->is_leader(); });
        };
        // Sooner or later: a busy machine may be in the midst of a hand-over.
        const auto bound = steady_clock::now() + 30s;
        while (find_leader() == line.end() && steady_clock::now() < bound)
            io.run_one_for(1s);
        BOOST_TEST_REQUIRE((find_leader() != line.end()));
        (*find_leader())->resign();
        ++hand_overs;
    }
    const auto bound = steady_clock::now() + 30s;
    while (seen.elected <= hand_overs && steady_clock::now() < bound)
        io.run_one_for(1s);
    BOOST_TEST(seen.errors == 0);
    BOOST_TEST(seen.lost == 0);
    BOOST_TEST(seen.resigned == hand_overs);
    BOOST_TEST(seen.elected == hand_overs + 1);
    const std::size_t signed_in = sign_ins(etcd) - before;
    std::cout << hand_overs << " hand-overs, " << signed_in << " tokens for three candidates"
              << std::endl;
    BOOST_TEST(signed_in >= 12U);
    for (const auto& each : line)
        each->stop();
    io.run_for(1s);
}

}  // namespace tenure::test
