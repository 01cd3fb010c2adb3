// Watches on a real etcd: what the conformance suite cannot ask of every store.
#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <thread>

#include "tests/etcd/client.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using Scope = WatchTarget::Scope;

constexpr auto soon = 20s;

/// Writes to the store without a pause, as others do, as long as it lives.
class Busy {
public:
    explicit Busy(const std::string& address) : client_({address}) {
        const auto lease = client_.grant().id;
        entry_ = client_.create(fresh_name(), "busy", lease);
        for (std::size_t i = 0; i < at_once; ++i)
            go_on();
    }
    // Whoever calls a store has it: it is not ended under the writes that go on.
    ~Busy() {
        is_over_ = true;
        BOOST_TEST(ended_.wait(at_once, soon));
    }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;
    int writes() const { return writes_; }

private:
    static constexpr std::size_t at_once = 4;

    void go_on() {
        if (is_over_) return ended_.reply()(Revision{});
        ++writes_;
        client_.store().update(entry_, "more", [this](const result<Revision>&) { go_on(); });
    }

    std::atomic<bool> is_over_{false};
    std::atomic<int> writes_{0};
    Inbox<Revision> ended_;
    Client client_;
    Entry entry_;
};

/// A watch that notes when it heard something.
class HearingTimes {
public:
    HearingTimes(Client& client, Scope scope, const std::string& name, Revision after) {
        watch_ = client.store().watch({scope, name, after}, [last = last_, reply = heard_.reply()](
                                                                const result<Change>& change) {
            *last = std::chrono::steady_clock::now().time_since_epoch();
            reply(change);
        });
    }
    bool wait(std::size_t count) const { return heard_.wait(count, soon); }
    std::chrono::steady_clock::duration last() const { return *last_; }

private:
    using Shared = std::atomic<std::chrono::steady_clock::duration>;
    std::shared_ptr<Shared> last_ = std::make_shared<Shared>();
    Inbox<Change> heard_;
    std::unique_ptr<Watch> watch_;
};

std::size_t connections_to(const TcpProxy& proxy, const std::string& path) {
    return proxy.count_first_lines("GET " + path);
}

/// Until the count of etcd's own watches is so small again.
bool wait_for_watchers(const EtcdServer& etcd, double count) {
    return comes_true([&] { return etcd.metric("etcd_debugging_mvcc_watcher_total") <= count; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(watches)

// etcd serves a watch that begins at an old revision only ten times a second. On a store that
// others write to, nearly every watch would be one of those. Compared with a watch that has long
// been open, so that a busy machine does not matter.
BOOST_AUTO_TEST_CASE(new_watch_hears_as_soon_as_an_old_one_on_a_busy_store) {
    Client client({shared_etcd().address()});
    const auto lease = client.grant().id;
    const std::string name = fresh_name();
    const Busy busy(shared_etcd().address());
    const HearingTimes old(client, Scope::prefix, name, client.list(name).revision);
    std::vector<double> lags;
    for (std::size_t round = 0; round < 40; ++round) {
        const Entry entry = client.create(name, "here", lease);
        const Revision after = client.list(name).revision;
        const int writes = busy.writes();
        while (busy.writes() < writes + 8)
            std::this_thread::yield();
        const HearingTimes fresh(client, Scope::key, entry.key, after);
        client.list(name);
        client.remove(entry);
        BOOST_REQUIRE(old.wait(2 * round + 2));
        BOOST_REQUIRE(fresh.wait(1));
        const auto lag = fresh.last() - old.last();
        lags.push_back(std::chrono::duration<double, std::milli>(lag).count());
    }
    std::ranges::sort(lags);
    BOOST_TEST_MESSAGE("behind the old watch: p50 " << lags[20] << " ms, p75 " << lags[30]
                                                    << " ms");
    BOOST_TEST(lags[30] < 10.0);
}

BOOST_AUTO_TEST_CASE(gap_before_a_key_watch_is_told_change_by_change) {
    Client client({shared_etcd().address()});
    const auto lease = client.grant().id;
    const std::string name = fresh_name();
    const Entry entry = client.create(name, "0", lease);
    BOOST_REQUIRE(client.update(entry, "1"));
    BOOST_REQUIRE(client.update(entry, "2"));
    client.remove(entry);
    client.create(name, "3", lease);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    BOOST_TEST(watching.heard.wait(4, soon));
    BOOST_TEST(describe(watching.heard.all()) ==
               "updated '1', updated '2', removed '2', created '3'");
}

BOOST_AUTO_TEST_CASE(gap_before_a_prefix_watch_is_told_change_by_change) {
    Client client({shared_etcd().address()});
    const auto lease = client.grant().id;
    const std::string name = fresh_name();
    const Revision after = client.list(name).revision;
    const Entry brief = client.create(name, "brief", lease);
    client.remove(brief);
    const auto watching = client.watch(Scope::prefix, name, after);
    BOOST_TEST(watching.heard.wait(2, soon));
    client.create(name, "later", lease);
    BOOST_TEST(watching.heard.wait(3, soon));
    BOOST_TEST(describe(watching.heard.all()) ==
               "created 'brief', removed 'brief', created 'later'");
}

BOOST_AUTO_TEST_CASE(gap_too_long_for_reads_is_told_from_history) {
    Client client({shared_etcd().address()});
    const auto lease = client.grant().id;
    const std::string name = fresh_name();
    const Entry entry = client.create(name, "0", lease);
    for (int i = 0; i < 150; ++i)
        BOOST_REQUIRE(client.update(entry, std::to_string(i)));
    for (const Scope scope : {Scope::key, Scope::prefix}) {
        const auto watching =
            client.watch(scope, scope == Scope::key ? entry.key : name, entry.created);
        BOOST_REQUIRE(watching.heard.wait(150, soon));
        const auto heard = watching.heard.all();
        for (std::size_t i = 0; i < 150; ++i)
            BOOST_TEST(heard[i]->entry.value == std::to_string(i));
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_told_of_a_gap_in_which_only_others_wrote) {
    Client client({shared_etcd().address()});
    const std::string name = fresh_name();
    const Entry entry = client.create(name, "here", client.grant().id);
    const Entry other = client.create(fresh_name(), "other", client.grant().id);
    for (int i = 0; i < 20; ++i)
        BOOST_REQUIRE(client.update(other, "more"));
    const auto key = client.watch(Scope::key, entry.key, entry.created);
    const auto prefix = client.watch(Scope::prefix, name, entry.created);
    client.list(name);
    BOOST_REQUIRE(client.update(entry, "new"));
    BOOST_TEST(key.heard.wait(1, soon));
    BOOST_TEST(prefix.heard.wait(1, soon));
    BOOST_TEST(describe(key.heard.all()) == "updated 'new'");
    BOOST_TEST(describe(prefix.heard.all()) == "updated 'new'");
}

BOOST_AUTO_TEST_CASE(removed_entry_is_told_whole) {
    Client client({shared_etcd().address()});
    const Entry entry = client.create(fresh_name(), "here", client.grant().id);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    client.list("any");
    client.remove(entry);
    BOOST_REQUIRE(watching.heard.wait(1, soon));
    BOOST_TEST((watching.heard.all().front()->entry == entry));
}

BOOST_AUTO_TEST_CASE(large_values_come_through_the_stream) {
    Client client({shared_etcd().address()});
    const Entry entry = client.create(fresh_name(), "small", client.grant().id);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    const std::string large(1'000'000, 'x');
    BOOST_REQUIRE(client.update(entry, large));
    BOOST_REQUIRE(watching.heard.wait(1, soon));
    BOOST_TEST((watching.heard.all().front()->entry.value == large));
}

BOOST_AUTO_TEST_CASE(election_named_below_another_is_not_seen_in_it) {
    Client client({shared_etcd().address()});
    const std::string name = fresh_name();
    const Entry below = client.create(name + "/below", "stranger", client.grant().id);
    const Entry first = client.create(name, "first", client.grant().id);
    client.create(name + "/below", "stranger", client.grant().id);
    const auto entered = client.enter(name, "second", client.grant().id);
    BOOST_REQUIRE(entered.has_value());
    BOOST_TEST((entered->first == first));
    BOOST_TEST((entered->predecessor == first));
    BOOST_TEST(client.list(name).entries.size() == 2U);
    const auto nearest = client.ask<Listing>(
        [&](KeyStore& store, auto reply) { store.list({.prefix = name, .limit = 1}, reply); });
    BOOST_TEST((nearest->entries == std::vector{first}));
    const auto watching = client.watch(Scope::prefix, name, entered->revision);
    client.remove(below);
    client.remove(first);
    BOOST_TEST(watching.heard.wait(1, soon));
    BOOST_TEST(describe(watching.heard.all()) == "removed 'first'");
}

BOOST_AUTO_TEST_CASE(two_hundred_watches_and_all_renewals_take_a_stream_each) {
    const TcpProxy proxy(shared_etcd().port());
    Client client({proxy.address()});
    std::vector<Client::Watching> watchings;
    const std::string name = fresh_name();
    const auto lease = client.grant().id;
    const Entry entry = client.create(name, "here", lease);
    for (int i = 0; i < 200; ++i) {
        watchings.push_back(client.watch(Scope::key, entry.key, entry.created));
        BOOST_REQUIRE(client.renew(lease));
    }
    client.remove(entry);
    for (const auto& watching : watchings)
        BOOST_REQUIRE(watching.heard.wait(1, soon));
    BOOST_TEST(connections_to(proxy, "/v3/watch") == 1U);
    BOOST_TEST(connections_to(proxy, "/v3/lease/keepalive") == 1U);
    BOOST_TEST(proxy.accepted() <= 2U + 8U);
}

BOOST_AUTO_TEST_CASE(watches_that_end_are_taken_back_from_etcd) {
    const EtcdServer etcd;
    Client client({etcd.address()});
    const Entry entry = client.create(fresh_name(), "here", client.grant().id);
    std::vector<Client::Watching> watchings;
    for (int i = 0; i < 50; ++i)
        watchings.push_back(client.watch(Scope::key, entry.key, entry.created));
    BOOST_REQUIRE(client.update(entry, "new"));
    for (const auto& watching : watchings)
        BOOST_REQUIRE(watching.heard.wait(1, soon));
    BOOST_TEST(etcd.metric("etcd_debugging_mvcc_watcher_total") == 50.0);
    watchings.clear();
    BOOST_TEST(wait_for_watchers(etcd, 0));
}

BOOST_AUTO_TEST_CASE(cut_stream_goes_on_where_it_was) {
    TcpProxy proxy(shared_etcd().port());
    Client watcher({proxy.address()});
    Client writer({shared_etcd().address()});
    const std::string name = fresh_name();
    const Entry entry = writer.create(name, "0", writer.grant().id);
    const auto key = watcher.watch(Scope::key, entry.key, entry.created);
    const auto prefix = watcher.watch(Scope::prefix, name, entry.created);
    std::string expected;
    for (int i = 1; i <= 20; ++i) {
        if (i % 5 == 0) proxy.drop_connections();
        BOOST_REQUIRE(writer.update(entry, std::to_string(i)));
        expected += (i == 1 ? "updated '" : ", updated '") + std::to_string(i) + "'";
        if (i % 5 == 1) BOOST_REQUIRE(key.heard.wait(static_cast<std::size_t>(i), soon));
    }
    BOOST_TEST(key.heard.wait(20, soon));
    BOOST_TEST(prefix.heard.wait(20, soon));
    BOOST_TEST(describe(key.heard.all()) == expected);
    BOOST_TEST(describe(prefix.heard.all()) == expected);
    BOOST_TEST(connections_to(proxy, "/v3/watch") > 1U);
}

// What a watch hears of a key whose history is compacted while its connection is cut.
std::string heard_around_a_compaction(const EtcdServer& etcd) {
    TcpProxy proxy(etcd.port());
    Client client({proxy.address()});
    Client writer({etcd.address()});
    const Entry entry = writer.create(fresh_name(), "0", writer.grant().id);
    const Entry other = writer.create(fresh_name(), "other", entry.lease);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    BOOST_REQUIRE(writer.update(entry, "1"));
    BOOST_REQUIRE(watching.heard.wait(1, soon));
    Revision last{};
    for (int i = 0; i < 10; ++i)
        last = writer.update(other, "more").value();
    BOOST_REQUIRE(etcd.etcdctl({"compact", std::to_string(to_integer(last))}).status == 0);
    proxy.drop_connections();
    client.list("any");
    BOOST_REQUIRE(writer.update(entry, "2"));
    BOOST_TEST(watching.heard.wait(2, soon));
    return describe(watching.heard.all());
}

// The key has not changed in the history that is gone, so nothing is missed. When the change that
// follows overtakes the watch while it finds that out, something is, and `compacted` is right.
BOOST_AUTO_TEST_CASE(compaction_under_an_open_watch_does_not_end_it) {
    const EtcdServer etcd;
    bool went_on = false;
    for (int round = 0; round < 5 && !went_on; ++round) {
        const std::string heard = heard_around_a_compaction(etcd);
        went_on = heard == "updated '1', updated '2'";
        BOOST_TEST((went_on || heard.starts_with("updated '1', tenure:")), heard);
    }
    BOOST_TEST(went_on);
}

BOOST_AUTO_TEST_CASE(history_that_is_gone_is_told_as_compacted) {
    const EtcdServer etcd;
    Client client({etcd.address()});
    const std::string name = fresh_name();
    const Entry entry = client.create(name, "0", client.grant().id);
    Revision last{};
    for (int i = 0; i < 3; ++i)
        last = client.update(entry, "more").value();
    BOOST_REQUIRE(etcd.etcdctl({"compact", std::to_string(to_integer(last))}).status == 0);
    for (const Scope scope : {Scope::key, Scope::prefix}) {
        const auto watching =
            client.watch(scope, scope == Scope::key ? entry.key : name, entry.created);
        BOOST_REQUIRE(watching.heard.wait(1, soon));
        BOOST_TEST((watching.heard.all().front().error().code == errc::compacted));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
