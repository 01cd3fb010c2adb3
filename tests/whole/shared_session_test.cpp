// Several elections on one session over etcd's v2 keys API, where a lease is no more than entries
// that are renewed one by one.
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <tenure/tenure.hpp>

#include "tests/support/etcd_server.hpp"
#include "tests/support/keys_api.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

constexpr auto ttl = 6s;

struct Told {
    std::vector<std::int64_t> tokens;
    std::vector<LossReason> losses;

    void listen(Election& election) {
        election.on_elected([this](const Leadership& l) { tokens.push_back(l.token()); });
        election.on_unelected([this](LossReason why) { losses.push_back(why); });
    }
};

bool run_until(boost::asio::io_context& io, const std::function<bool()>& predicate,
               Duration bound = 30s) {
    const Instant end = LeaseClock::now() + bound;
    while (!predicate() && LeaseClock::now() < end)
        io.run_one_for(100ms);
    return predicate();
}

/// The keys in an election's directory, in order.
std::vector<std::string> keys_of(boost::asio::io_context& io, KeyStore& store,
                                 const std::string& election) {
    std::vector<std::string> keys;
    bool answered = false;
    store.list({.prefix = election}, [&](const result<Listing>& listing) {
        answered = true;
        for (const Entry& entry : listing.value().entries)
            keys.push_back(entry.key);
    });
    BOOST_TEST_REQUIRE(run_until(io, [&] { return answered; }));
    return keys;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shared_session)

// One that waits watches the entry ahead of it, so the loss of its own is found by a renewal. Then
// the whole lease is over; but what is left of it does not stand in anybody's way.
BOOST_AUTO_TEST_CASE(one_lost_entry_costs_the_session_and_nobody_waits_for_the_rest) {
    const EtcdServer etcd;
    boost::asio::io_context io;
    const auto store = open_store(io.get_executor(), etcd.v2_url());
    Session other(io.get_executor(), open_store(io.get_executor(), etcd.v2_url()), {.ttl = ttl});
    Session session(io.get_executor(), store, {.ttl = ttl});
    Election ahead(other, {.election = "two", .candidate = "ahead"});
    Election leading(session, {.election = "one", .candidate = "us"});
    Election waiting(session, {.election = "two", .candidate = "us"});
    Told told;
    told.listen(leading);
    ahead.start();
    leading.start();
    BOOST_TEST_REQUIRE(run_until(io, [&] { return ahead.is_leader() && told.tokens.size() == 1; }));
    waiting.start();
    BOOST_TEST_REQUIRE(run_until(io, [&] { return keys_of(io, *store, "two").size() == 2; }));

    delete_key(etcd, keys_of(io, *store, "two").at(1));
    // A renewal finds out, within a third of the TTL; the rest is a few requests.
    const Instant deleted = LeaseClock::now();
    BOOST_TEST(run_until(io, [&] { return told.tokens.size() == 2; }));
    BOOST_TEST((LeaseClock::now() - deleted < ttl));
    BOOST_TEST_REQUIRE(told.losses.size() == 1U);
    BOOST_TEST((told.losses.front() == LossReason::session_lost));
    BOOST_TEST(told.tokens.back() > told.tokens.front());
    BOOST_TEST(keys_of(io, *store, "one").size() == 1U);
    BOOST_TEST(run_until(io, [&] { return keys_of(io, *store, "two").size() == 2; }));
    BOOST_TEST(ahead.is_leader());
    for (Election* election : {&leading, &waiting, &ahead})
        election->stop();
    BOOST_TEST(run_until(
        io, [&] { return !leading.is_running() && !waiting.is_running() && !ahead.is_running(); }));
}

// Whoever leads watches its own entry, and hears that it was deleted, not that its time is over.
BOOST_AUTO_TEST_CASE(a_leader_whose_entry_is_deleted_costs_the_others_nothing) {
    const EtcdServer etcd;
    boost::asio::io_context io;
    const auto store = open_store(io.get_executor(), etcd.v2_url());
    Session session(io.get_executor(), store, {.ttl = ttl});
    Election one(session, {.election = "one", .candidate = "us"});
    Election two(session, {.election = "two", .candidate = "us"});
    Told of_one, of_two;
    of_one.listen(one);
    of_two.listen(two);
    one.start();
    two.start();
    BOOST_TEST_REQUIRE(run_until(io, [&] { return one.is_leader() && two.is_leader(); }));
    // Its watch is open once it has heard who leads.
    BOOST_TEST_REQUIRE(run_until(io, [&] { return one.current_leader().has_value(); }));
    delete_key(etcd, keys_of(io, *store, "one").at(0));
    BOOST_TEST(run_until(io, [&] { return of_one.tokens.size() == 2; }));
    BOOST_TEST((of_one.losses == std::vector{LossReason::entry_removed}));
    run_until(
        io, [] { return false; }, ttl);
    BOOST_TEST(of_two.tokens.size() == 1U);
    BOOST_TEST(two.is_leader());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
