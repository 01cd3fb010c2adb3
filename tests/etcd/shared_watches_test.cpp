// Many watches by requests: what is below one root shares a stream, and nothing is lost by that.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>

#include "tests/etcd/shared_watches.hpp"
#include "tests/support/secure_etcd.hpp"

namespace tenure::test {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(shared_watches)

BOOST_AUTO_TEST_CASE(two_hundred_elections_keep_to_the_bound) {
    const EtcdServer etcd;
    const TcpProxy proxy(etcd.port());
    Client client(by_requests(proxy));
    Writer writer(etcd.address(), names(200, {"jobs", "tasks"}));
    std::vector<Listener> listeners;
    for (std::size_t job = 0; job < writer.size(); ++job)
        listeners.push_back(listen(client, writer, job));
    writer.start(2);
    for (const Listener& listener : listeners) {
        BOOST_TEST_REQUIRE(listener.wait(2));
        BOOST_TEST(listener.heard() == listener.expected(2), boost::test_tools::per_element());
    }
    BOOST_TEST_MESSAGE("200 watches: " << streams_through(proxy) << " streams, " << proxy.open()
                                       << " connections");
    BOOST_TEST(proxy.open() <= own_streams + 2 * 2 + other_connections);
    // What nobody watches any more is not kept open.
    listeners.clear();
    BOOST_TEST(comes_true([&] { return etcd.metric("etcd_debugging_mvcc_watcher_total") == 0; }));
}

// Every watch hears every value from where it began, once and in order, whatever is done to it.
BOOST_AUTO_TEST_CASE(no_change_is_lost_while_watches_come_and_go_and_lines_break) {
    constexpr std::size_t last_value = 12;
    const EtcdServer etcd;
    TcpProxy proxy(etcd.port());
    Client client(by_requests(proxy));
    Writer writer(etcd.address(), names(200, {"jobs", "tasks"}));
    std::vector<Listener> listeners;
    for (std::size_t job = 0; job < writer.size(); ++job)
        listeners.push_back(listen(client, writer, job));
    std::mt19937 chance(7);
    writer.start(last_value);
    constexpr std::size_t steps = 160;
    for (std::size_t step = 1; step <= steps; ++step) {
        const std::size_t due = step * writer.size() * last_value / (steps + 1);
        BOOST_TEST_REQUIRE(writer.wait_for(due));
        if (step % 40 == 0) proxy.drop_connections();
        listeners.push_back(listen(client, writer, chance() % writer.size()));
        const auto leaving =
            listeners.begin() + static_cast<std::ptrdiff_t>(chance() % listeners.size());
        const auto heard = leaving->heard();
        const auto expected = leaving->expected(leaving->first + heard.size() - 1);
        BOOST_TEST(heard == expected, boost::test_tools::per_element());
        if (step % 4 != 0) listeners.erase(leaving);
    }
    BOOST_TEST_REQUIRE(writer.wait());
    // What comes twice comes before this.
    for (std::size_t job = 0; job < writer.size(); ++job)
        writer.write(job);
    for (const Listener& listener : listeners) {
        BOOST_TEST(listener.wait(last_value + 1));
        BOOST_TEST(listener.heard() == listener.expected(last_value + 1),
                   boost::test_tools::per_element());
    }
    BOOST_TEST_MESSAGE(listeners.size() << " watches: " << proxy.open() << " connections");
    BOOST_TEST(proxy.open() <= own_streams + 2 * 2 + other_connections);
}

// Streams do not last for ever, those that are shared neither; what happens while one is opened
// anew is told, too.
BOOST_AUTO_TEST_CASE(streams_that_are_opened_anew_miss_nothing) {
    const EtcdServer etcd;
    const TcpProxy proxy(etcd.port());
    etcd::StoreOptions options = by_requests(proxy);
    // A stream lasts for ten of these.
    options.watch_check = 100ms;
    Client client(options);
    Writer writer(etcd.address(), names(own_streams + 20));
    std::vector<Listener> listeners;
    for (std::size_t job = 0; job < writer.size(); ++job)
        listeners.push_back(listen(client, writer, job));
    constexpr std::size_t rounds = 4;
    for (std::size_t round = 1; round <= rounds; ++round) {
        const std::size_t streams = (own_streams + 1) * round;
        BOOST_TEST_REQUIRE(proxy.wait_for_first_lines("POST /v3/watch", streams, soon));
        for (std::size_t job = 0; job < writer.size(); ++job)
            writer.write(job);
    }
    for (const Listener& listener : listeners) {
        BOOST_TEST(listener.wait(rounds));
        BOOST_TEST(listener.heard() == listener.expected(rounds), boost::test_tools::per_element());
    }
}

// Its asker knows less than what has come over the stream already, and more than what the stream
// was opened at.
BOOST_AUTO_TEST_CASE(who_joins_late_misses_nothing_that_has_passed) {
    const EtcdServer etcd;
    const TcpProxy proxy(etcd.port());
    Client client(by_requests(proxy));
    Writer writer(etcd.address(), names(own_streams + 2));
    std::vector<Listener> listeners;
    for (std::size_t job = 0; job < writer.size(); ++job)
        listeners.push_back(listen(client, writer, job));
    const std::size_t job = writer.size() - 1;
    writer.write(job);
    BOOST_TEST_REQUIRE(listeners[job].wait(1));
    for (std::size_t value = 2; value <= 4; ++value)
        writer.write(job);
    BOOST_TEST_REQUIRE(listeners[job].wait(4));
    for (const Scope scope : {Scope::key, Scope::prefix}) {
        const std::string& watched = scope == Scope::key ? writer.entry(job).key : writer.name(job);
        listeners.push_back({job, 3, client.watch(scope, watched, writer.revision(job, 2))});
        BOOST_TEST_REQUIRE(listeners.back().wait(4));
    }
    writer.write(job);
    for (const Listener& listener : listeners) {
        if (listener.job != job) continue;
        BOOST_TEST(listener.wait(5));
        BOOST_TEST(listener.heard() == listener.expected(5), boost::test_tools::per_element());
    }
    BOOST_TEST(proxy.open() <= own_streams + 2 + other_connections);
}

BOOST_AUTO_TEST_CASE(old_history_is_told_over_one_more_stream_at_most) {
    const EtcdServer etcd;
    const TcpProxy proxy(etcd.port());
    Client client(by_requests(proxy));
    Writer writer(etcd.address(), names(own_streams + 20));
    std::vector<Listener> listeners;
    for (std::size_t job = 0; job < own_streams + 1; ++job)
        listeners.push_back(listen(client, writer, job));
    // Too much for reads.
    writer.start(3);
    BOOST_TEST_REQUIRE(writer.wait());
    for (const Listener& listener : listeners)
        BOOST_TEST_REQUIRE(listener.wait(3));
    for (std::size_t job = own_streams; job < writer.size(); ++job) {
        listeners.push_back(
            {job, 1, client.watch(Scope::prefix, writer.name(job), writer.entry(job).created)});
    }
    for (const Listener& listener : listeners)
        BOOST_TEST_REQUIRE(listener.wait(3));
    BOOST_TEST(proxy.open() <= own_streams + 2 + other_connections);
    for (std::size_t job = 0; job < writer.size(); ++job)
        writer.write(job);
    for (const Listener& listener : listeners) {
        BOOST_TEST(listener.wait(4));
        BOOST_TEST(listener.heard() == listener.expected(4), boost::test_tools::per_element());
    }
    BOOST_TEST(comes_true(
        [&] { return etcd.metric("etcd_debugging_mvcc_watcher_total") == own_streams + 1; }));
}

// On a root where nothing happens the stream of its history does not end.
BOOST_AUTO_TEST_CASE(history_older_than_what_has_passed_is_told) {
    const EtcdServer etcd;
    const TcpProxy proxy(etcd.port());
    Client client(by_requests(proxy));
    Writer writer(etcd.address(), names(own_streams + 1));
    const std::size_t job = writer.size() - 1;
    for (std::size_t value = 1; value <= 3; ++value)
        writer.write(job);
    Writer others(etcd.address(), names(4, {"tasks"}));
    others.start(50);
    BOOST_TEST_REQUIRE(others.wait());
    std::vector<Listener> listeners;
    for (std::size_t i = 0; i < own_streams; ++i)
        listeners.push_back(listen(client, others, i % others.size()));
    const auto listen_from = [&](std::size_t first, Revision after) {
        listeners.push_back({job, first, client.watch(Scope::prefix, writer.name(job), after)});
    };
    listen_from(4, others.last(0).second);
    listen_from(3, writer.revision(job, 2));
    BOOST_TEST_REQUIRE(listeners.back().wait(3));
    listen_from(1, writer.revision(job, 0));
    BOOST_TEST_REQUIRE(listeners.back().wait(3));
    writer.write(job);
    for (const Listener& listener : listeners) {
        if (listener.job != job) continue;
        BOOST_TEST(listener.wait(4));
        BOOST_TEST(listener.heard() == listener.expected(4), boost::test_tools::per_element());
    }
    BOOST_TEST(proxy.open() <= own_streams + 2 + other_connections);
}

BOOST_AUTO_TEST_CASE(history_that_is_gone_ends_only_the_watches_that_want_it) {
    const EtcdServer etcd;
    const TcpProxy proxy(etcd.port());
    Client client(by_requests(proxy));
    Writer writer(etcd.address(), names(own_streams + 2));
    std::vector<Listener> listeners;
    for (std::size_t job = 0; job < writer.size(); ++job)
        listeners.push_back(listen(client, writer, job));
    for (std::size_t job = 0; job < writer.size(); ++job)
        writer.write(job);
    for (const Listener& listener : listeners)
        BOOST_TEST_REQUIRE(listener.wait(1));
    const std::size_t job = writer.size() - 1;
    for (std::size_t value = 2; value <= 5; ++value)
        writer.write(job);
    BOOST_TEST_REQUIRE(listeners[job].wait(5));
    const std::string revision = std::to_string(to_integer(writer.revision(job, 3)));
    BOOST_TEST_REQUIRE(etcd.etcdctl({"compact", revision}).status == 0);
    const auto late = client.watch(Scope::prefix, writer.name(job), writer.entry(0).created);
    BOOST_TEST_REQUIRE(late.heard.wait(1, soon));
    BOOST_TEST((late.heard.all().front().error().code == errc::compacted));
    for (const Listener& listener : listeners) {
        writer.write(listener.job);
        const std::size_t last = writer.last(listener.job).first;
        BOOST_TEST(listener.wait(last));
        BOOST_TEST(listener.heard() == listener.expected(last), boost::test_tools::per_element());
    }
    BOOST_TEST(proxy.open() <= own_streams + 2 + other_connections);
}

BOOST_AUTO_TEST_CASE(store_may_go_at_any_time) {
    const EtcdServer etcd;
    const TcpProxy proxy(etcd.port());
    Writer writer(etcd.address(), names(own_streams + 30));
    writer.start(20);
    for (std::size_t round = 1; round <= 18; ++round) {
        Client client(by_requests(proxy));
        std::vector<Listener> listeners;
        for (std::size_t job = 0; job < writer.size(); ++job)
            listeners.push_back(listen(client, writer, job));
        BOOST_TEST_REQUIRE(writer.wait_for(round * 50));
        client.end();
    }
}

// A role may permit each election and not what they have in common.
BOOST_AUTO_TEST_CASE(who_may_not_watch_the_root_hears_of_every_election) {
    constexpr std::size_t count = own_streams + 12;
    SecureEtcd etcd({.extra_arguments = {"--bcrypt-cost=4"}});
    etcd.add_role("jobs", "elsewhere/");
    for (std::size_t job = 0; job < count; ++job) {
        const auto granted = etcd.etcdctl(
            {"role", "grant-permission", "--prefix=true", "jobs", "readwrite", name_of(job) + '/'});
        BOOST_TEST_REQUIRE(granted.status == 0);
    }
    etcd.add_user("ann", "secret", "jobs");
    // No tokens are asked for until now.
    Writer writer(etcd.plain_address(), names(count));
    etcd.ask_for_passwords();
    const TcpProxy proxy(etcd.port());
    etcd::StoreOptions options = by_requests(proxy);
    options.credentials = {.user = "ann", .password = "secret"};
    Client client(options);
    std::vector<Listener> listeners;
    for (std::size_t job = 0; job < count; ++job)
        listeners.push_back(listen(client, writer, job));
    const auto update = [&](std::size_t job, std::size_t value) {
        return client.update(writer.entry(job), std::to_string(value)).value();
    };
    for (const std::size_t value : {1U, 2U}) {
        for (std::size_t job = 0; job < count; ++job)
            update(job, value);
    }
    for (const Listener& listener : listeners) {
        BOOST_TEST_REQUIRE(listener.wait(2));
        BOOST_TEST(listener.heard() == listener.expected(2), boost::test_tools::per_element());
    }
    // The root is not asked for again.
    const std::size_t streams = streams_through(proxy);
    const std::string& key = writer.entry(0).key;
    const Listener late{0, 4, client.watch(Scope::key, key, update(0, 3))};
    update(0, 4);
    BOOST_TEST(late.wait(4));
    BOOST_TEST(late.heard() == late.expected(4), boost::test_tools::per_element());
    BOOST_TEST(streams_through(proxy) == streams + 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
