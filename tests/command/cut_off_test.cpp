// A leader that is paused, or hears nothing any more, while the rest of the world goes on.
#include <boost/test/unit_test.hpp>

#include "tests/command/scene.hpp"
#include "tests/support/etcd_server.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(a_paused_leader_wakes_up_unelected) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url(), "the election", short_ttl);
    TenureProcess& ann = scene.add("ann");
    ann.await("elected");
    ann.await_leader("ann");
    TenureProcess& bob = scene.add_in_line("bob", 2);

    ann.process().signal(SIGSTOP);
    const Event risen = bob.await("elected");
    scene.read_for(4s);
    const std::size_t before = ann.history().size();
    ann.process().signal(SIGCONT);
    ann.await_leader("bob");
    BOOST_TEST(ann.history().at(before).kind == "unelected");
    // The store says that the entry is gone, but time comes before news.
    BOOST_TEST(ann.history().at(before).reason() == "lease_elapsed");
    BOOST_TEST(!ann.leads());

    BOOST_TEST(bob.end_by(SIGTERM).value_or(-1) == 0);
    const Event again = ann.await("elected");
    BOOST_TEST(again.token() > risen.token());
    BOOST_TEST(again.at.count() > bob.history().back().at.count() - Stamp(1s).count());
    BOOST_TEST(ann.end_by(SIGTERM).value_or(-1) == 0);
    BOOST_TEST(scene.list().empty());
}

BOOST_AUTO_TEST_CASE(a_leader_on_a_dead_line_steps_down_before_the_next_rises) {
    const EtcdServer etcd;
    TcpProxy line(etcd.port());
    Scene scene(etcd.store_url(), "the election", short_ttl);
    TenureProcess& ann = scene.add("ann", line.store_url());
    const std::int64_t token = ann.await("elected").token();
    TenureProcess& bob = scene.add_in_line("bob", 2);

    line.blackhole();
    BOOST_TEST(ann.await("unelected").reason() == "lease_elapsed");
    BOOST_TEST(bob.await("elected").token() > token);
    scene.expect_no_overlap();

    line.heal();
    ann.await_leader("bob");
    scene.expect_one_leader_then_stop();
    scene.expect_no_overlap();
}

BOOST_AUTO_TEST_CASE(answers_that_are_lost_end_the_leadership_as_well) {
    const EtcdServer etcd;
    TcpProxy line(etcd.port());
    Scene scene(etcd.store_url(), "the election", short_ttl);
    TenureProcess& ann = scene.add("ann", line.store_url());
    ann.await("elected");
    TenureProcess& bob = scene.add_in_line("bob", 2);

    line.hold_answers();
    BOOST_TEST(ann.await("unelected").reason() == "lease_elapsed");
    line.cut();
    bob.await("elected");
    scene.expect_no_overlap();
    line.heal();
    ann.await_leader("bob");
    scene.expect_one_leader_then_stop();
    scene.expect_no_overlap();
}

BOOST_AUTO_TEST_CASE(a_line_that_breaks_for_a_moment_costs_nothing) {
    const EtcdServer etcd;
    TcpProxy line(etcd.port());
    Scene scene(etcd.store_url());
    TenureProcess& ann = scene.add("ann", line.store_url());
    const std::int64_t token = ann.await("elected").token();
    scene.add_in_line("bob", 2);
    for (int time = 0; time < 3; ++time) {
        line.drop_connections();
        scene.read_for(1s);
    }
    BOOST_TEST(scene.list().front().at("token").to_number<std::int64_t>() == token);
    scene.expect_one_leader_then_stop();
    scene.expect_no_overlap();
}

}  // namespace
}  // namespace tenure::test
