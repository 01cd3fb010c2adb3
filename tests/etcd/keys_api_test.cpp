// The store over the v2 keys API on a real etcd: what the conformance suite cannot ask of every
// store.
#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "backends/etcd/v2/messages.hpp"
#include "tests/etcd/keys_client.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using Scope = WatchTarget::Scope;
namespace v2 = etcd::detail::v2;

constexpr auto soon = 20s;

/// A key's index of change, as etcd has it now.
std::int64_t modified_index(const std::string& key) {
    const std::string body = get_key(shared_etcd(), key);
    return v2::decode({200, body, 0}).value().node.modified;
}

/// What the npm module does to renew: sets the same value, on condition of the index.
void set_as_npm_does(const std::string& key, const std::string& value) {
    put_key(shared_etcd(), key + "?prevIndex=" + std::to_string(modified_index(key)),
            "ttl=60&value=" + value);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(keys_api)

BOOST_AUTO_TEST_CASE(a_renewal_whose_answer_is_lost_loses_nothing) {
    TcpProxy line(shared_etcd().port());
    KeysClient client(line);
    const LeaseId lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "me", lease);
    const std::int64_t before = modified_index(entry.key);
    line.hold_answers();
    const auto lost = client.renew(lease);
    BOOST_TEST_REQUIRE(lost.has_error());
    BOOST_CHECK(lost.error().code == condition::unavailable);
    BOOST_TEST(modified_index(entry.key) > before);
    line.drop_connections();
    line.heal();
    BOOST_TEST(client.renew(lease).has_value());
}

BOOST_AUTO_TEST_CASE(a_line_that_breaks_is_taken_up_again) {
    TcpProxy line(shared_etcd().port());
    KeysClient client(line);
    const LeaseId lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "me", lease);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    std::string heard;
    for (int i = 0; i < 5; ++i) {
        line.drop_connections();
        const std::string value = std::to_string(i);
        BOOST_TEST(client.renew(lease).has_value());
        BOOST_TEST(client.update(entry, value).has_value());
        BOOST_TEST_REQUIRE(watching.heard.wait(static_cast<std::size_t>(i) + 1, soon));
        heard += (i == 0 ? "" : ", ") + ("updated '" + value + '\'');
    }
    BOOST_TEST(describe(watching.heard.all()) == heard);
}

// Nothing else is asked of the endpoint meanwhile, so that only the poll itself has been good.
BOOST_AUTO_TEST_CASE(a_poll_that_was_good_is_taken_up_again) {
    TcpProxy line(shared_etcd().port());
    KeysClient client(line);
    const std::string name = fresh_name();
    post_key(shared_etcd(), '/' + name, "value=npm&ttl=60");
    const Entry entry = client.list(name).entries.at(0);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    // Longer than what is forgiven at the beginning.
    const Instant end = LeaseClock::now() + 4s;
    std::size_t changes = 0;
    while (LeaseClock::now() < end) {
        set_as_npm_does(entry.key, std::to_string(++changes));
        BOOST_TEST_REQUIRE(watching.heard.wait(changes, soon));
        line.drop_connections();
    }
    for (const auto& heard : watching.heard.all())
        BOOST_TEST(heard.has_value());
}

BOOST_AUTO_TEST_CASE(an_update_whose_answer_is_lost_is_ours_all_the_same) {
    TcpProxy line(shared_etcd().port());
    KeysClient client(line);
    const std::string name = fresh_name();
    const LeaseId lease = client.grant().id;
    const Entry entry = client.create(name, "old", lease);
    line.hold_answers();
    BOOST_TEST(client.update(entry, "new").has_error());
    line.drop_connections();
    line.heal();
    BOOST_TEST(client.renew(lease).has_value());
    BOOST_TEST(client.line(name) == "new,");
    BOOST_TEST(client.update(entry, "newer").has_value());
}

// The first endpoint does as it is told, and says nothing; the second is told the same again.
BOOST_AUTO_TEST_CASE(an_update_that_is_sent_twice_is_ours) {
    TcpProxy line(shared_etcd().port());
    etcd::StoreOptions options = over_v2(line.address() + ',' + shared_etcd().address(), 500ms);
    Client client(options);
    const LeaseId lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "old", lease);
    line.hold_answers();
    BOOST_TEST(client.update(entry, "new").has_value());
    BOOST_TEST(client.renew(lease).has_value());
    BOOST_TEST(get_key(shared_etcd(), entry.key).find("\"new\"") != std::string::npos);
}

// It may arrive before the next renewal looks, between its look and its request, or after it.
BOOST_AUTO_TEST_CASE(an_update_that_comes_late_is_ours) {
    TcpProxy line(shared_etcd().port());
    KeysClient client(line);
    const LeaseId lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "old", lease);
    for (int round = 0; round < 8; ++round) {
        line.blackhole();
        BOOST_TEST(client.update(entry, std::to_string(round)).has_error());
        line.heal();
        BOOST_TEST(client.renew(lease).has_value());
        BOOST_TEST(client.renew(lease).has_value());
    }
}

BOOST_AUTO_TEST_CASE(a_removal_whose_answer_is_lost_leaves_the_lease) {
    TcpProxy line(shared_etcd().port());
    KeysClient client(line);
    const std::string there = fresh_name();
    const LeaseId lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "me", lease);
    client.create(there, "me", lease);
    line.hold_answers();
    const auto removed =
        client.ask<void>([&](KeyStore& store, auto reply) { store.remove(entry, reply); });
    BOOST_TEST(removed.has_error());
    line.drop_connections();
    line.heal();
    BOOST_TEST(client.renew(lease).has_value());
    BOOST_TEST(client.line(there) == "me,");
    // And asked for again, it is a new one.
    const Entry next = client.create(entry.key.substr(1, entry.key.rfind('/') - 1), "me", lease);
    BOOST_CHECK(next.created > entry.created);
}

// Without a time of its own it would stand in everybody's way for ever.
BOOST_AUTO_TEST_CASE(what_was_written_over_it_is_taken_away_with_the_lease) {
    KeysClient client(shared_etcd());
    const LeaseId lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "me", lease);
    put_key(shared_etcd(), entry.key, "value=somebody");
    BOOST_TEST(client.renew(lease).error().code == errc::lease_gone);
    BOOST_TEST(client.revoke(lease).has_value());
    BOOST_TEST(get_key(shared_etcd(), entry.key).find("\"errorCode\":100") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(two_spellings_of_one_election_do_not_share_an_entry) {
    KeysClient client(shared_etcd());
    const std::string name = fresh_name();
    const LeaseId lease = client.grant().id;
    const Entry entry = client.create(name, "me", lease);
    const auto other = client.try_create('/' + name, "me", lease);
    BOOST_TEST_REQUIRE(other.has_error());
    BOOST_TEST(other.error().code == errc::refused);
    BOOST_TEST(other.error().message().find("one election") != std::string::npos);
    client.remove(entry);
    BOOST_TEST(client.try_create('/' + name, "me", lease).has_value());
}

BOOST_AUTO_TEST_CASE(what_another_has_written_over_it_ends_the_lease) {
    KeysClient client(shared_etcd());
    const LeaseId lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "me", lease);
    set_as_npm_does(entry.key, "somebody");
    const auto renewed = client.renew(lease);
    BOOST_TEST_REQUIRE(renewed.has_error());
    BOOST_TEST(renewed.error().code == errc::lease_gone);
    BOOST_TEST(renewed.error().message().find(entry.key) != std::string::npos);
}

// Rule 4 does not hold here: so the session is told, and takes away the rest when it may.
BOOST_AUTO_TEST_CASE(one_lost_entry_ends_the_lease_and_revoking_takes_the_rest) {
    KeysClient client(shared_etcd());
    BOOST_TEST(!client.store().can(Capability::whole_leases));
    const std::string here = fresh_name();
    const std::string there = fresh_name();
    const LeaseId lease = client.grant().id;
    const Entry lost = client.create(here, "me", lease);
    client.create(there, "me", lease);
    delete_key(shared_etcd(), lost.key);
    BOOST_TEST(client.renew(lease).error().code == errc::lease_gone);
    BOOST_TEST(client.try_create(here, "me", lease).error().code == errc::lease_gone);
    BOOST_TEST(client.line(there) == "me,");
    BOOST_TEST(client.revoke(lease).has_value());
    BOOST_TEST(client.line(there) == "");
    BOOST_TEST(client.revoke(lease).error().code == errc::lease_gone);
}

// Whoever watches its own entry learns that it was deleted, not that its time was over.
BOOST_AUTO_TEST_CASE(a_deleted_entry_that_is_watched_leaves_the_lease) {
    KeysClient client(shared_etcd());
    const LeaseId lease = client.grant().id;
    const Entry lost = client.create(fresh_name(), "me", lease);
    const std::string there = fresh_name();
    client.create(there, "me", lease);
    const auto watching = client.watch(Scope::key, lost.key, lost.created);
    delete_key(shared_etcd(), lost.key);
    BOOST_TEST_REQUIRE(watching.heard.wait(1, soon));
    BOOST_TEST(describe(watching.heard.all()) == "removed 'me'");
    BOOST_TEST(client.renew(lease).has_value());
    BOOST_TEST(client.line(there) == "me,");
}

BOOST_AUTO_TEST_CASE(an_npm_module_that_renews_is_no_change) {
    KeysClient client(shared_etcd());
    const std::string name = fresh_name();
    const std::string made = post_key(shared_etcd(), '/' + name, "value=npm&ttl=60");
    const auto entry = client.list(name).entries.at(0);
    BOOST_TEST(entry.value == "npm");
    const auto key = client.watch(Scope::key, entry.key, entry.created);
    const auto prefix = client.watch(Scope::prefix, name, entry.created);
    for (int i = 0; i < 3; ++i)
        set_as_npm_does(entry.key, "npm");
    set_as_npm_does(entry.key, "other");
    delete_key(shared_etcd(), entry.key);
    for (const auto* watching : {&key, &prefix}) {
        BOOST_TEST(watching->heard.wait(2, soon));
        BOOST_TEST(describe(watching->heard.all()) == "updated 'other', removed 'other'");
    }
}

BOOST_AUTO_TEST_CASE(an_open_poll_does_not_mind_that_history_is_cleared) {
    KeysClient client(shared_etcd());
    const LeaseId lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "me", lease);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    client.update(entry, "seen").value();
    BOOST_TEST_REQUIRE(watching.heard.wait(1, soon));
    forget_history(shared_etcd());
    client.remove(entry);
    BOOST_TEST(watching.heard.wait(2, soon));
    BOOST_TEST(describe(watching.heard.all()) == "updated 'seen', removed 'seen'");
}

BOOST_AUTO_TEST_CASE(a_poll_that_is_opened_anew_misses_nothing) {
    TcpProxy line(shared_etcd().port());
    // Less than all of this takes: what is forgiven at the beginning is not what is tested.
    etcd::StoreOptions options = over_v2(line.address(), 500ms);
    // A poll lasts for ten of these.
    options.watch_check = 30ms;
    Client client(options);
    const LeaseId lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "0", lease);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    const std::string poll = "GET /v2/keys" + entry.key + "?wait";
    std::size_t changes = 0;
    for (std::size_t wanted = 1; wanted <= 6; ++wanted) {
        // Nothing happens until the next one.
        BOOST_TEST_REQUIRE(line.wait_for_first_lines(poll, wanted, soon));
        client.update(entry, std::to_string(++changes)).value();
    }
    BOOST_TEST(watching.heard.wait(changes, soon));
    const auto heard = watching.heard.all();
    BOOST_TEST_REQUIRE(heard.size() == changes);
    for (std::size_t i = 0; i < changes; ++i)
        BOOST_TEST(heard[i].value().entry.value == std::to_string(i + 1));
}

BOOST_AUTO_TEST_CASE(an_entry_that_others_renew_can_be_taken_away) {
    KeysClient owner(shared_etcd());
    KeysClient operator_client(shared_etcd());
    const std::string name = fresh_name();
    const LeaseId lease = owner.grant().id;
    owner.create(name, "me", lease);
    const Entry seen = operator_client.list(name).entries.at(0);
    BOOST_CHECK(seen.lease == LeaseId{});
    BOOST_TEST(operator_client.update(seen, "mine").error().code == errc::refused);
    Inbox<Lease> renewed;
    for (int i = 0; i < 20; ++i)
        owner.store().renew_lease(lease, renewed.reply());
    operator_client.remove(seen);
    BOOST_TEST(operator_client.line(name) == "");
    BOOST_TEST(renewed.wait(20, soon));
    BOOST_TEST(owner.renew(lease).error().code == errc::lease_gone);
}

BOOST_AUTO_TEST_CASE(renewals_of_many_entries_are_spread) {
    KeysClient client(shared_etcd());
    const LeaseId lease = client.grant(10s).id;
    std::vector<Entry> entries;
    for (int i = 0; i < 40; ++i)
        entries.push_back(client.create(fresh_name(), "me", lease));
    std::vector<std::int64_t> before;
    for (const Entry& entry : entries)
        before.push_back(modified_index(entry.key));
    const Instant started = LeaseClock::now();
    BOOST_TEST(client.renew(lease).has_value());
    // The last one begins after 39/40 of a twentieth of the TTL.
    BOOST_TEST((LeaseClock::now() - started >= 487ms));
    for (std::size_t i = 0; i < entries.size(); ++i)
        BOOST_TEST(modified_index(entries[i].key) > before[i]);
    client.revoke(lease).value();
}

BOOST_AUTO_TEST_CASE(values_and_names_that_it_cannot_hold_are_refused) {
    KeysClient client(shared_etcd());
    const LeaseId lease = client.grant().id;
    const auto binary = client.try_create(fresh_name(), "\xff", lease);
    BOOST_TEST(binary.error().message() == "the v2 keys API takes values of UTF-8 text only");
    const auto above = client.try_create("a/../b", "me", lease);
    BOOST_TEST(above.error().code == errc::refused);
    BOOST_TEST(above.error().message().find("'a/../b'") != std::string::npos);
    put_key(shared_etcd(), "/plain", "value=x");
    const auto plain = client.try_create("plain", "me", lease);
    BOOST_TEST(plain.error().code == errc::refused);
    BOOST_TEST(plain.error().message().find(shared_etcd().address()) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_api_switched_off_is_one_clear_error) {
    const EtcdServer etcd({"--enable-v2=false"});
    KeysClient client(etcd);
    const auto granted = client.try_grant();
    BOOST_TEST_REQUIRE(granted.has_error());
    BOOST_TEST(granted.error().code == errc::refused);
    BOOST_TEST(granted.error().message() ==
               etcd.address() +
                   " does not serve the v2 keys API (it answered 404 to /v2/keys): start etcd 3.4 "
                   "or 3.5 with --enable-v2=true, or leave out api=v2; etcd 3.6 and later have no "
                   "v2 API");
    const auto watching = client.watch(Scope::prefix, "a", Revision{});
    BOOST_TEST(watching.heard.wait(1, soon));
    BOOST_TEST(watching.heard.all().at(0).error().code == errc::refused);
}

namespace {

const char* const odd_names[] = {
    "with a blank", "100%",       "a+b",   "a&b=c",  "\xC3\xBC/\xE9\x81\xB8",
    "it's",         "say \"so\"", "a?b#c", "%2F%20", "a;b,c:d@e"};

}  // namespace

// docs/etcd.md: a name is taken as it is, whatever it means in a URL or a form.
BOOST_DATA_TEST_CASE(names_are_the_same_over_both_apis, boost::unit_test::data::make(odd_names),
                     odd) {
    const std::string name = fresh_name() + '/' + odd;
    KeysClient over_keys(shared_etcd());
    const Entry entry = over_keys.create(name, odd, over_keys.grant().id);
    BOOST_TEST(entry.key.starts_with('/' + name + '/'));
    KeysClient other(shared_etcd());
    BOOST_TEST(other.line(name) == std::string(odd) + ',');
    // As anybody would ask for it.
    const std::string target = v2::ask_to_read('/' + name).target.substr(8);
    const auto read = v2::decode({200, get_key(shared_etcd(), target), 0}).value();
    BOOST_TEST(read.node.key == '/' + name);
    BOOST_TEST(read.children.at(0).value == odd);
    BOOST_TEST(shared_etcd().etcdctl_v2({"get", entry.key}).output == std::string(odd) + '\n');

    Client over_v3(etcd::parse_url("etcd://" + shared_etcd().address()));
    const Entry same = over_v3.create(name, odd, over_v3.grant().id);
    BOOST_TEST(same.key.starts_with(name + '/'));
    const auto shown = shared_etcd().etcdctl({"get", "--prefix", name + '/'}).output;
    BOOST_TEST(shown == same.key + '\n' + odd + '\n');
    over_keys.revoke(entry.lease).value();
    over_v3.revoke(same.lease).value();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
