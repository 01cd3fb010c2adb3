// An election shared with etcd's own client: whoever comes first leads, the other waits.
#include <boost/test/unit_test.hpp>

#include "tests/command/scene.hpp"
#include "tests/support/etcd_server.hpp"

namespace tenure::test {
namespace {

// `etcdctl elect` prints key and value of its entry once it leads.
void expect_elected(ChildProcess& etcdctl, const std::string& value) {
    BOOST_TEST_REQUIRE(etcdctl.read_until(value, patience).has_value());
}

void expect_all_see(const EtcdServer& etcd, TenureProcess& observer, const Scene& scene,
                    const std::string& leader) {
    observer.await_leader(leader);
    const auto listener = etcd.start_etcdctl({"elect", "-l", scene.election()});
    BOOST_TEST(listener->read_until(leader, patience).value_or("") == leader);
    BOOST_TEST(scene.list().front().at("candidate").as_string() == leader);
}

BOOST_AUTO_TEST_CASE(etcdctl_leads_first) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess observer(
        {"observe", "--store", etcd.store_url(), "--election", scene.election()});
    const auto etcdctl = etcd.start_etcdctl({"elect", scene.election(), "from-etcdctl"});
    expect_elected(*etcdctl, "from-etcdctl");
    TenureProcess& ann = scene.add_in_line("ann", 2);
    ann.await_leader("from-etcdctl");
    expect_all_see(etcd, observer, scene, "from-etcdctl");

    const Stamp signalled = now_stamp();
    etcdctl->signal(SIGINT);
    const Event elected = ann.await("elected");
    BOOST_TEST(elected.at.count() > signalled.count());
    expect_all_see(etcd, observer, scene, "ann");
    scene.expect_one_leader_then_stop();
}

BOOST_AUTO_TEST_CASE(etcdctl_waits_and_follows) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess observer(
        {"observe", "--store", etcd.store_url(), "--election", scene.election()});
    TenureProcess& ann = scene.add("ann");
    ann.await("elected");
    const auto etcdctl = etcd.start_etcdctl({"elect", scene.election(), "from-etcdctl"});
    scene.await_line(2);
    TenureProcess& bob = scene.add_in_line("bob", 3);
    expect_all_see(etcd, observer, scene, "ann");
    BOOST_TEST(etcdctl->rest_of_output() == "");

    BOOST_TEST(ann.end_by(SIGTERM).value_or(-1) == 0);
    expect_elected(*etcdctl, "from-etcdctl");
    expect_all_see(etcd, observer, scene, "from-etcdctl");
    bob.await_leader("from-etcdctl");
    BOOST_TEST(!bob.leads());

    etcdctl->signal(SIGINT);
    bob.await("elected");
    expect_all_see(etcd, observer, scene, "bob");
    BOOST_TEST(bob.end_by(SIGTERM).value_or(-1) == 0);
    observer.await_leader(std::nullopt);
    scene.expect_no_overlap();
}

}  // namespace
}  // namespace tenure::test
