// The v2 keys API answers a request to create with a key it has made up. When that answer is lost
// the entry stands, and nobody knows it: a ghost.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/etcd/keys_client.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

// Far longer than the test: whatever goes, goes because somebody has taken it away.
constexpr auto ttl = 60s;

int count(const std::string& text, const std::string& part) {
    int found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

int keys_with(const std::string& name, const std::string& value) {
    return count(get_key(shared_etcd(), '/' + name), "\"value\":\"" + value + "\"");
}

/// A store that has asked for an entry "me" and heard nothing of it; the entry is there.
struct Haunted {
    TcpProxy line{shared_etcd().port()};
    KeysClient client{line};
    std::string name = fresh_name();
    LeaseId lease = client.grant(ttl).id;

    Haunted() {
        line.hold_answers();
        const auto lost = client.try_create(name, "me", lease);
        BOOST_TEST_REQUIRE(lost.has_error());
        BOOST_CHECK(lost.error().code == condition::unavailable);
        BOOST_TEST_REQUIRE(comes_true([&] { return keys_with(name, "me") == 1; }));
        line.drop_connections();
        line.heal();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ghosts)

BOOST_AUTO_TEST_CASE(asking_again_leaves_one_entry) {
    Haunted scene;
    const Entry entry = scene.client.create(scene.name, "me", scene.lease);
    BOOST_TEST(keys_with(scene.name, "me") == 1);
    const auto listed = scene.client.list(scene.name).entries;
    BOOST_TEST_REQUIRE(listed.size() == 1U);
    BOOST_CHECK(listed.front() == entry);
    BOOST_TEST(scene.client.renew(scene.lease).has_value());
}

BOOST_AUTO_TEST_CASE(nobody_waits_behind_itself) {
    Haunted scene;
    const auto standing = scene.client.enter(scene.name, "me", scene.lease).value();
    BOOST_TEST(!standing.predecessor.has_value());
    BOOST_CHECK(standing.first == standing.own);
}

BOOST_AUTO_TEST_CASE(giving_the_lease_back_takes_the_ghost_along) {
    Haunted scene;
    scene.client.revoke(scene.lease).value();
    BOOST_TEST(keys_with(scene.name, "me") == 0);
}

// The request lay about on its way while it was asked again.
BOOST_AUTO_TEST_CASE(one_that_comes_late_goes_when_somebody_looks) {
    TcpProxy line(shared_etcd().port());
    KeysClient client(line);
    const std::string name = fresh_name();
    const LeaseId lease = client.grant(ttl).id;
    line.blackhole();
    BOOST_TEST(client.try_create(name, "me", lease).has_error());
    BOOST_TEST(keys_with(name, "me") == 0);
    line.heal();
    const Entry entry = client.create(name, "me", lease);
    BOOST_TEST(comes_true([&] {
        const auto listed = client.list(name).entries;
        return listed.size() == 1 && listed.front() == entry && keys_with(name, "me") == 1;
    }));
    client.remove(entry);
    BOOST_TEST(comes_true([&] { return client.list(name).entries.empty(); }));
    BOOST_TEST(keys_with(name, "me") == 0);
}

// What is renewed is somebody's, though it bears our name and is as young as our ghost.
BOOST_AUTO_TEST_CASE(a_living_namesake_keeps_its_entry) {
    TcpProxy line(shared_etcd().port());
    KeysClient client(line);
    KeysClient namesake(shared_etcd());
    const std::string name = fresh_name();
    const LeaseId lease = client.grant(ttl).id;
    const LeaseId other_lease = namesake.grant(ttl).id;
    line.hold_answers();
    BOOST_TEST(client.try_create(name, "me", lease).has_error());
    BOOST_TEST_REQUIRE(comes_true([&] { return keys_with(name, "me") == 1; }));
    const Entry other = namesake.create(name, "me", other_lease);
    line.drop_connections();
    line.heal();
    const Entry entry = client.create(name, "me", lease);
    const auto listed = namesake.list(name).entries;
    BOOST_TEST_REQUIRE(listed.size() == 2U);
    BOOST_CHECK(listed.front() == other);
    BOOST_TEST(listed.back().key == entry.key);
    BOOST_TEST(namesake.renew(other_lease).has_value());
    BOOST_TEST(client.renew(lease).has_value());
}

// An entry that was never renewed may be somebody's ghost: so nobody of ours has one that was not.
BOOST_AUTO_TEST_CASE(an_entry_is_renewed_before_anybody_stands_by_it) {
    KeysClient client(shared_etcd());
    const std::string name = fresh_name();
    const Entry entry = client.create(name, "me", client.grant(ttl).id);
    const std::string read = get_key(shared_etcd(), entry.key);
    const std::string created = "\"createdIndex\":" + std::to_string(to_integer(entry.created));
    const std::string modified = "\"modifiedIndex\":" + std::to_string(to_integer(entry.created));
    BOOST_TEST(read.find(created) != std::string::npos, read);
    BOOST_TEST(read.find(modified + ',') == std::string::npos, read);
}

// Somebody has taken ours for a ghost, or deleted it, between its making and its first renewal.
BOOST_AUTO_TEST_CASE(an_entry_that_goes_before_it_is_confirmed_is_made_anew) {
    KeysClient client(shared_etcd());
    const std::string name = fresh_name();
    const LeaseId lease = client.grant(ttl).id;
    const Entry first = client.create(name, "me", lease);
    delete_key(shared_etcd(), first.key);
    const auto standing = client.enter(name, "me", lease).value();
    BOOST_TEST_REQUIRE(standing.own.has_value());
    BOOST_CHECK(standing.own->created > first.created);
    BOOST_CHECK(standing.first == standing.own);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
