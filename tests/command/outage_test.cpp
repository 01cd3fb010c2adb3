// The store stops, dies or is not there yet; in the end one leads, and nobody has hung or died.
#include <boost/test/unit_test.hpp>

#include "tests/command/scene.hpp"
#include "tests/support/etcd_server.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(candidates_start_before_the_store) {
    EtcdServer etcd;
    Scene scene(etcd.store_url());
    etcd.kill();
    TenureProcess& ann = scene.add("ann");
    TenureProcess& bob = scene.add("bob");
    TenureProcess observer(
        {"observe", "--store", etcd.store_url(), "--election", scene.election()});
    for (TenureProcess* each : {&ann, &bob, &observer})
        BOOST_TEST(each->await("error").fields.at("doing").as_string() != "");
    etcd.start_again();
    TenureProcess& leader = scene.await_any_elected();
    const std::string name(leader.history().front().fields.at("candidate").as_string());
    observer.await_leader(name);
    scene.expect_one_leader_then_stop();
    scene.expect_no_overlap();
    observer.await_leader(std::nullopt);
    BOOST_TEST(observer.end_by(SIGTERM).value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(the_store_stands_still_for_two_leases) {
    EtcdServer etcd;
    Scene scene(etcd.store_url(), "the election", short_ttl);
    TenureProcess& ann = scene.add("ann");
    ann.await("elected");
    TenureProcess& bob = scene.add_in_line("bob", 2);

    etcd.pause();
    const Stamp paused = now_stamp();
    const Event unelected = ann.await("unelected");
    BOOST_TEST(unelected.reason() == "lease_elapsed");
    BOOST_TEST((unelected.at - paused).count() < Stamp(2s).count() + Stamp(2s).count());
    scene.read_for(4s);
    BOOST_TEST(!bob.leads());
    etcd.resume();

    scene.await_any_elected();
    scene.expect_one_leader_then_stop();
    scene.expect_no_overlap();
}

// Whether the leader gets over it depends on how long etcd takes to come up: so first let a
// lease's time pass in which it would be lost.
BOOST_AUTO_TEST_CASE(the_store_dies_and_comes_back_on_the_same_data) {
    EtcdServer etcd;
    Scene scene(etcd.store_url(), "the election", short_ttl);
    TenureProcess& ann = scene.add("ann");
    const std::int64_t token = ann.await("elected").token();
    scene.add_in_line("bob", 2);
    etcd.kill();
    etcd.start_again();

    scene.read_for(2s);
    scene.await_any_elected();
    BOOST_TEST(scene.list().front().at("token").to_number<std::int64_t>() >= token);
    scene.expect_one_leader_then_stop();
    scene.expect_no_overlap();
}

BOOST_AUTO_TEST_CASE(the_store_is_dead_for_longer_than_the_lease) {
    EtcdServer etcd;
    Scene scene(etcd.store_url(), "the election", short_ttl);
    TenureProcess& ann = scene.add("ann");
    const std::int64_t token = ann.await("elected").token();
    TenureProcess& bob = scene.add_in_line("bob", 2);
    etcd.kill();
    BOOST_TEST(ann.await("unelected").reason() == "lease_elapsed");
    bob.await("error");
    etcd.start_again();

    const std::int64_t later = scene.await_any_elected().history().back().token();
    BOOST_TEST(later >= token);
    scene.expect_one_leader_then_stop();
    scene.expect_no_overlap();
}

}  // namespace
}  // namespace tenure::test
