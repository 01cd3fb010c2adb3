// Who of many requests gets a connection, and who is to blame when one gets none.
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include "backends/etcd/caller.hpp"
#include "tests/support/bad_server.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using etcd::detail::Call;
using etcd::detail::Caller;
using etcd::detail::Endpoints;
using etcd::detail::HttpAnswer;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What a store has for ordinary requests, and besides for urgent ones.
constexpr std::size_t ordinary_connections = 8;
constexpr std::size_t urgent_connections = 4;
constexpr auto for_ever = 60s;

/// A store's requests to two endpoints, of which the first is silent.
class Requests {
public:
    ~Requests() { caller_->close(); }

    void ask(std::size_t endpoint, bool is_urgent, milliseconds time) {
        Call call;
        call.question.target = "/version";
        call.take = [](const HttpAnswer&) { return std::optional<Error>(); };
        call.fail = [this](Error error) { failures.push_back(std::move(error)); };
        call.only_at = endpoint;
        call.time_out = time;
        call.is_urgent = is_urgent;
        caller_->start(std::move(call));
    }
    /// All connections but one wait for the silent one, and that one for so long.
    void take_all_connections(milliseconds last) {
        for (std::size_t i = 0; i < ordinary_connections; ++i)
            ask(0, false, for_ever);
        for (std::size_t i = 1; i < urgent_connections; ++i)
            ask(0, true, for_ever);
        ask(0, true, last);
        BOOST_TEST_REQUIRE(run_until(
            [&] { return silent.requests() == ordinary_connections + urgent_connections; }));
    }
    template <class Done>
    bool run_until(Done done) {
        const auto end = steady_clock::now() + 30s;
        while (!done() && steady_clock::now() < end)
            io.run_one_for(10ms);
        return done();
    }

    BadServer silent{Badness::silent};
    BadServer other{Badness::silent};
    std::vector<Error> failures{};

    boost::asio::io_context io{};
    Endpoints endpoints{io.get_executor(),
                        etcd::parse_url("etcd://" + silent.address() + ',' + other.address())};

private:
    std::shared_ptr<Caller> caller_ =
        std::make_shared<Caller>(io.get_executor(), endpoints, for_ever);
};

}  // namespace

BOOST_AUTO_TEST_SUITE(caller)

// There is no room for the ordinary one when a connection for urgent ones is free again.
BOOST_AUTO_TEST_CASE(what_is_urgent_comes_before_what_has_waited) {
    Requests requests;
    requests.take_all_connections(5s);
    requests.ask(0, false, for_ever);
    requests.ask(1, true, for_ever);
    BOOST_TEST(requests.run_until([&] { return requests.other.requests() == 1; }));
    BOOST_TEST(requests.failures.size() == 1U);
}

BOOST_AUTO_TEST_CASE(who_was_not_asked_is_not_to_blame) {
    Requests requests;
    requests.take_all_connections(for_ever);
    requests.ask(1, true, 100ms);
    BOOST_TEST_REQUIRE(requests.run_until([&] { return !requests.failures.empty(); }));
    const Error& error = requests.failures.front();
    BOOST_TEST((error.code == errc::timed_out));
    BOOST_TEST(error.detail ==
               requests.other.address() + " was not asked in time: all connections wait");
    BOOST_TEST(!requests.endpoints.last_error(1).has_value());
    BOOST_TEST(requests.other.accepted() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
