// What an operator does to an election with etcd's own tools, on purpose or not.
#include <boost/test/unit_test.hpp>

#include "tests/command/scene.hpp"
#include "tests/support/etcd_server.hpp"
#include "tests/support/keys_api.hpp"

namespace tenure::test {
namespace {

// The word of the removal goes to the deposed and to the next in line at once. The one steps
// down on hearing it, the other asks the store first; the slack is for a machine that lets the
// first wait for a processor.
constexpr milliseconds slack(1000);

std::string text(const boost::json::object& fields, const char* name) {
    return std::string(fields.at(name).as_string());
}

bool is_over_v2() {
    return !api_query().empty();
}

void delete_by_hand(const EtcdServer& etcd, const std::string& key) {
    if (is_over_v2()) {
        // An operator's tools encode what a URL cannot hold.
        std::string path = key;
        for (std::size_t at = 0; (at = path.find(' ')) != path.npos;)
            path.replace(at, 1, "%20");
        BOOST_TEST(delete_key(etcd, path).find(R"("action":"delete")") != std::string::npos);
    } else {
        BOOST_TEST(etcd.etcdctl({"del", key}).output == "1\n");
    }
}

void make_forget(const EtcdServer& etcd, const Scene& scene) {
    if (is_over_v2()) {
        forget_history(etcd);
        return;
    }
    for (int change = 0; change < 5; ++change)
        etcd.etcdctl({"put", "something/else", std::to_string(change)});
    const std::int64_t revision = scene.list().back().at("token").to_number<std::int64_t>() + 5;
    BOOST_TEST(etcd.etcdctl({"compact", std::to_string(revision)}).status == 0);
}

boost::test_tools::assertion_result over_v3(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result holds(!is_over_v2());
    holds.message() << "etcd's v2 API has no leases";
    return holds;
}

BOOST_AUTO_TEST_CASE(a_leader_whose_key_is_deleted_is_deposed) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess& ann = scene.add("ann");
    const std::int64_t token = ann.await("elected").token();
    TenureProcess& bob = scene.add_in_line("bob", 2);
    const std::string key = text(scene.list().front(), "key");
    delete_by_hand(etcd, key);

    BOOST_TEST(ann.await("unelected").reason() == "entry_removed");
    BOOST_TEST(bob.await("elected").token() > token);
    ann.await_leader("bob");
    scene.expect_one_leader_then_stop();
    scene.expect_no_overlap(slack);
}

BOOST_AUTO_TEST_CASE(a_leader_whose_lease_is_revoked_is_deposed,
                     *boost::unit_test::precondition(over_v3)) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess& ann = scene.add("ann");
    const std::int64_t token = ann.await("elected").token();
    TenureProcess& bob = scene.add_in_line("bob", 2);
    const std::string lease = text(scene.list().front(), "lease");
    BOOST_TEST(etcd.etcdctl({"lease", "revoke", lease}).status == 0);

    BOOST_TEST(ann.await("unelected").reason() == "session_lost");
    BOOST_TEST(bob.await("elected").token() > token);
    ann.await_leader("bob");
    scene.expect_one_leader_then_stop();
    scene.expect_no_overlap(slack);
}

BOOST_AUTO_TEST_CASE(compaction_under_a_waiting_candidate_changes_nothing) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess& ann = scene.add("ann");
    ann.await("elected");
    TenureProcess& bob = scene.add_in_line("bob", 2);
    bob.await_leader("ann");
    make_forget(etcd, scene);

    BOOST_TEST(ann.end_by(SIGTERM).value_or(-1) == 0);
    bob.await("elected");
    scene.expect_no_overlap();
    BOOST_TEST(bob.end_by(SIGTERM).value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(one_who_waits_and_loses_its_key_stands_again) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess& ann = scene.add("ann");
    ann.await("elected");
    scene.add_in_line("bob", 2);
    TenureProcess& cid = scene.add_in_line("cid", 3);
    delete_by_hand(etcd, text(scene.list()[1], "key"));
    BOOST_TEST(ann.end_by(SIGTERM).value_or(-1) == 0);
    cid.await("elected");
    BOOST_TEST(cid.end_by(SIGTERM).value_or(-1) == 0);
    TenureProcess& bob = scene.await_any_elected();
    BOOST_TEST(bob.history().front().fields.at("candidate").as_string() == "bob");
    BOOST_TEST(bob.end_by(SIGTERM).value_or(-1) == 0);
    BOOST_TEST(scene.list().empty());
    scene.expect_no_overlap();
}

}  // namespace
}  // namespace tenure::test
