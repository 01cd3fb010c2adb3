// Servers that are gone, silent, paused, or none at all; and endpoints to turn to.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "tests/etcd/client.hpp"
#include "tests/support/bad_server.hpp"
#include "tests/support/http_get.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {

std::ostream& operator<<(std::ostream& out, Badness badness) {
    const char* const names[] = {"plain_text",   "html",     "banner", "garbage", "other_json",
                                 "endless_body", "cut_body", "silent", "closing"};
    return out << names[static_cast<int>(badness)];
}

namespace {

using namespace std::chrono_literals;
using Scope = WatchTarget::Scope;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto soon = 20s;

// What a request may take on a busy machine beyond its own time-out.
constexpr auto slack = 8s;

const Badness all_badness[] = {Badness::plain_text, Badness::html,       Badness::banner,
                               Badness::garbage,    Badness::other_json, Badness::endless_body,
                               Badness::cut_body,   Badness::silent,     Badness::closing};

bool speaks_of(const Error& error, const std::string& words) {
    return error.detail.find(words) != std::string::npos;
}

std::string nowhere() {
    return "127.0.0.1:" + std::to_string(free_port());
}

milliseconds since(steady_clock::time_point begin) {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(outages)

BOOST_DATA_TEST_CASE(whatever_is_not_etcd_is_unavailable_and_quoted,
                     boost::unit_test::data::make(all_badness), badness) {
    const BadServer server(badness);
    Client client({server.address()}, 1s);
    const auto begin = steady_clock::now();
    const auto watching = client.watch(Scope::key, "some/1", Revision{1});
    std::vector<Error> errors{client.try_grant().error(), client.renew(LeaseId{1}).error(),
                              client.enter("some", "value", LeaseId{1}).error()};
    BOOST_REQUIRE(watching.heard.wait(1, soon));
    errors.push_back(watching.heard.all().front().error());
    BOOST_TEST((since(begin) < 4 * 1s + slack));
    for (const Error& error : errors) {
        BOOST_TEST_INFO(error);
        BOOST_TEST((error.code == condition::unavailable));
        BOOST_TEST(speaks_of(error, server.address()));
        BOOST_TEST(error.detail.size() < 400U);
    }
    BOOST_TEST_MESSAGE(badness << ": " << errors[0].detail << " | " << errors[1].detail << " | "
                               << errors[3].detail);
}

BOOST_AUTO_TEST_CASE(each_kind_of_stranger_is_told_apart) {
    const auto code = [](Badness badness) {
        const BadServer server(badness);
        Client client({server.address()}, 1s);
        return client.try_grant().error().code;
    };
    BOOST_TEST((code(Badness::plain_text) == errc::bad_answer));
    BOOST_TEST((code(Badness::html) == errc::bad_answer));
    BOOST_TEST((code(Badness::banner) == errc::bad_answer));
    BOOST_TEST((code(Badness::other_json) == errc::bad_answer));
    BOOST_TEST((code(Badness::cut_body) == errc::unreachable));
    BOOST_TEST((code(Badness::closing) == errc::unreachable));
    BOOST_TEST((code(Badness::silent) == errc::timed_out));
}

BOOST_AUTO_TEST_CASE(nobody_listening_is_told_at_once) {
    const std::string address = nowhere();
    Client client({address}, 20s);
    const auto begin = steady_clock::now();
    for (const Error& error : {client.try_grant().error(), client.renew(LeaseId{1}).error()}) {
        BOOST_TEST((error.code == errc::unreachable));
        BOOST_TEST(error.detail == address + " Connection refused");
    }
    BOOST_TEST((since(begin) < slack));
}

BOOST_AUTO_TEST_CASE(endpoint_may_be_a_name) {
    Client client({"localhost:" + std::to_string(shared_etcd().port())});
    BOOST_TEST(client.renew(client.grant().id).has_value());
    Client lost({"no-such-host.invalid:2379"}, 1s);
    const Error error = lost.try_grant().error();
    BOOST_TEST((error.code == condition::unavailable));
    BOOST_TEST(speaks_of(error, "no-such-host.invalid:2379"));
}

BOOST_DATA_TEST_CASE(next_endpoint_is_asked_when_one_fails,
                     boost::unit_test::data::make(all_badness), badness) {
    const BadServer bad(badness);
    Client client({bad.address(), nowhere(), shared_etcd().address()}, 2s);
    const std::string name = fresh_name();
    const auto lease = client.grant().id;
    BOOST_TEST(client.renew(lease).has_value());
    const auto entered = client.enter(name, "value", lease);
    BOOST_REQUIRE(entered.has_value());
    const auto requests = bad.requests();
    BOOST_TEST(client.renew(lease).has_value());
    BOOST_TEST(bad.requests() == requests, "a failed endpoint is asked first again");
}

BOOST_AUTO_TEST_CASE(watch_finds_the_endpoint_that_works) {
    const BadServer bad(Badness::silent);
    Client client({bad.address(), shared_etcd().address()}, 2s);
    Client writer({shared_etcd().address()});
    const Entry entry = writer.create(fresh_name(), "0", writer.grant().id);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    BOOST_REQUIRE(writer.update(entry, "1"));
    BOOST_TEST(watching.heard.wait(1, soon));
    BOOST_TEST(describe(watching.heard.all()) == "updated '1'");
}

BOOST_AUTO_TEST_CASE(watch_on_a_dead_line_moves_to_another_endpoint) {
    TcpProxy proxy(shared_etcd().port());
    Client client({proxy.address(), shared_etcd().address()}, 2s, 500ms);
    Client writer({shared_etcd().address()});
    const Entry entry = writer.create(fresh_name(), "0", writer.grant().id);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    BOOST_REQUIRE(writer.update(entry, "1"));
    BOOST_REQUIRE(watching.heard.wait(1, soon));
    proxy.blackhole();
    BOOST_REQUIRE(writer.update(entry, "2"));
    BOOST_TEST(watching.heard.wait(2, soon));
    BOOST_TEST(describe(watching.heard.all()) == "updated '1', updated '2'");
}

BOOST_AUTO_TEST_CASE(watch_on_a_dead_line_fails_within_its_bound) {
    TcpProxy proxy(shared_etcd().port());
    Client client({proxy.address()}, 2s, 500ms);
    Client writer({shared_etcd().address()});
    const Entry entry = writer.create(fresh_name(), "0", writer.grant().id);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    BOOST_REQUIRE(writer.update(entry, "1"));
    BOOST_REQUIRE(watching.heard.wait(1, soon));
    proxy.blackhole();
    const auto begin = steady_clock::now();
    BOOST_REQUIRE(watching.heard.wait(2, soon));
    BOOST_TEST((since(begin) < 2500ms + slack));
    const auto heard = watching.heard.all();
    BOOST_REQUIRE(heard.back().has_error());
    BOOST_TEST((heard.back().error().code == condition::unavailable));
    BOOST_TEST(speaks_of(heard.back().error(), proxy.address()));
}

// The line is up and the process is there, but nobody is at home.
BOOST_AUTO_TEST_CASE(paused_etcd_times_out_and_comes_back) {
    EtcdServer etcd;
    Client client({etcd.address()}, 2s, 500ms);
    const Lease lease = client.grant();
    const Entry entry = client.create(fresh_name(), "0", lease.id);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    BOOST_TEST(client.renew(lease.id).has_value());
    etcd.pause();
    for (int i = 0; i < 2; ++i) {
        for (const Error& error : {client.renew(lease.id).error(), client.try_grant().error()})
            BOOST_TEST((error.code == errc::timed_out), error);
    }
    BOOST_TEST(watching.heard.wait(1, soon));
    BOOST_TEST((watching.heard.all().back().error().code == condition::unavailable));
    etcd.resume();
    bool is_back = false;
    for (int i = 0; i < 40 && !is_back; ++i)
        is_back = client.renew(lease.id).has_value();
    BOOST_TEST(is_back);
}

BOOST_AUTO_TEST_CASE(etcd_that_restarts_is_not_noticed_by_watches) {
    EtcdServer etcd;
    Client client({etcd.address()}, 15s);
    const Entry entry = client.create(fresh_name(), "0", client.grant().id);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    BOOST_REQUIRE(client.update(entry, "1"));
    BOOST_REQUIRE(watching.heard.wait(1, soon));
    etcd.kill();
    BOOST_TEST((client.try_grant().error().code == errc::unreachable));
    etcd.start_again();
    BOOST_REQUIRE(client.update(entry, "2"));
    BOOST_TEST(watching.heard.wait(2, soon));
    BOOST_TEST(describe(watching.heard.all()) == "updated '1', updated '2'");
}

// The connections were closed while nothing was being asked: no request was lost with them.
BOOST_AUTO_TEST_CASE(idle_connection_that_was_closed_is_no_error) {
    TcpProxy proxy(shared_etcd().port());
    Client client({proxy.address()});
    const auto lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "0", lease);
    for (int i = 0; i < 10; ++i) {
        BOOST_TEST(client.renew(lease).has_value());
        proxy.drop_connections();
        BOOST_TEST(client.update(entry, "new").has_value());
        proxy.drop_connections();
        BOOST_TEST(client.renew(lease).has_value());
    }
}

BOOST_AUTO_TEST_CASE(entering_whose_answer_is_lost_leaves_no_second_entry) {
    TcpProxy proxy(shared_etcd().port());
    Client client({proxy.address()}, 2s);
    const std::string name = fresh_name();
    const auto lease = client.grant().id;
    proxy.hold_answers();
    BOOST_TEST((client.enter(name, "value", lease).error().code == errc::timed_out));
    proxy.drop_connections();
    proxy.heal();
    const auto entered = client.enter(name, "value", lease);
    BOOST_REQUIRE(entered.has_value());
    BOOST_TEST((entered->first == entered->own));
    BOOST_TEST(!entered->predecessor.has_value());
    BOOST_TEST(client.list(name).entries.size() == 1U);
}

// A confirmation that comes after its request was given up says nothing of now.
BOOST_AUTO_TEST_CASE(late_confirmation_is_not_taken_for_a_later_renewal) {
    TcpProxy proxy(shared_etcd().port());
    Client client({proxy.address()}, 2s);
    Client other({shared_etcd().address()});
    const auto lease = client.grant().id;
    BOOST_REQUIRE(client.renew(lease).has_value());
    proxy.hold_answers();
    BOOST_TEST((client.renew(lease).error().code == errc::timed_out));
    BOOST_REQUIRE(
        other.ask<void>([&](KeyStore& store, auto reply) { store.revoke_lease(lease, reply); }));
    proxy.heal();
    BOOST_TEST((client.renew(lease).error().code == errc::lease_gone));
}

BOOST_AUTO_TEST_CASE(one_lease_that_is_gone_does_not_disturb_the_others) {
    Client client({shared_etcd().address()});
    const auto lease = client.grant().id;
    const Inbox<Lease> renewed;
    for (int i = 0; i < 100; ++i)
        client.store().renew_lease(i % 2 == 0 ? lease : LeaseId{i}, renewed.reply());
    BOOST_REQUIRE(renewed.wait(100, soon));
    int gone = 0;
    for (const auto& outcome : renewed.all()) {
        if (outcome.has_value()) continue;
        BOOST_TEST((outcome.error().code == errc::lease_gone));
        ++gone;
    }
    BOOST_TEST(gone == 50);
}

BOOST_AUTO_TEST_CASE(what_etcd_refuses_is_refused_in_its_words) {
    Client client({shared_etcd().address()});
    const auto lease = client.grant().id;
    const Error too_large = client.enter(fresh_name(), std::string(1'700'000, 'x'), lease).error();
    BOOST_TEST((too_large.code == errc::refused), too_large);
    BOOST_TEST(speaks_of(too_large, "request is too large"), too_large);
    const Error too_long = client.try_grant(std::chrono::hours(24 * 365 * 290)).error();
    BOOST_TEST(speaks_of(too_long, "too large"), too_long);
    BOOST_TEST((too_long.code == errc::refused), too_long);
    BOOST_TEST((client.try_grant(0s).error().code == errc::refused));
}

BOOST_AUTO_TEST_CASE(guarded_put_writes_only_while_the_entry_stands) {
    Client client({shared_etcd().address()});
    const std::string name = fresh_name();
    const Entry entry = client.create(name, "leader", client.grant().id);
    const auto put = [&](const std::string& value) {
        return client.ask<Revision>([&](KeyStore& store, auto reply) {
            store.guarded_put({entry, name + "-result", value}, reply);
        });
    };
    BOOST_TEST(client.store().can(Capability::guarded_puts));
    BOOST_TEST(put("1").has_value());
    client.remove(entry);
    BOOST_TEST((put("2").error().code == errc::entry_changed));
    BOOST_TEST(shared_etcd().etcdctl({"get", "--print-value-only", name + "-result"}).output ==
               "1\n");
}

// All connections but those for what is urgent wait for a member that has fallen silent.
BOOST_AUTO_TEST_CASE(a_renewal_waits_for_no_other_requests) {
    TcpProxy silent(shared_etcd().port());
    etcd::StoreOptions options = etcd::parse_url("etcd://" + silent.address() + ',' +
                                                 shared_etcd().address() + "?watch=stream");
    options.request_timeout = 60s;
    Client client(options);
    const Lease lease = client.grant(24s);
    silent.blackhole();
    for (int i = 0; i < 20; ++i)
        client.store().list({.prefix = "some"}, [](const result<Listing>&) {});
    BOOST_TEST(client.renew(lease.id).has_value());
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_opened_anew_misses_nothing) {
    TcpProxy line(shared_etcd().port());
    etcd::StoreOptions options = etcd::parse_url("etcd://" + line.address() + "?watch=stream");
    options.request_timeout = 5s;
    // A stream lasts for ten of these.
    options.watch_check = 30ms;
    Client client(options);
    const Entry entry = client.create(fresh_name(), "0", client.grant().id);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    std::string heard;
    for (std::size_t wanted = 1; wanted <= 6; ++wanted) {
        // Nothing happens until the next one.
        BOOST_TEST_REQUIRE(line.wait_for_first_lines("POST /v3/watch", wanted, soon));
        const std::string value = std::to_string(wanted);
        BOOST_TEST_REQUIRE(client.update(entry, value).has_value());
        heard += (wanted == 1 ? "updated '" : ", updated '") + value + '\'';
    }
    BOOST_TEST(watching.heard.wait(6, soon));
    BOOST_TEST(describe(watching.heard.all()) == heard);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
