// One leader goes, the next one rises: two processes on a real etcd.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/command/scene.hpp"
#include "tests/support/etcd_server.hpp"
#include "tests/support/keys_api.hpp"
#include "tests/support/sanitized.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

// What a process may wait for its turn, on a machine with other work.
constexpr milliseconds busy = 2s;

BOOST_AUTO_TEST_CASE(two_stand_and_one_is_elected) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess& ann = scene.add("ann");
    const std::int64_t token = ann.await("elected").token();
    TenureProcess& bob = scene.add_in_line("bob", 2);
    const Event seen = bob.await_leader("ann");
    BOOST_TEST(seen.fields.at("leader").at("token").to_number<std::int64_t>() == token);
    BOOST_TEST(!bob.leads());
    scene.expect_one_leader_then_stop();
    scene.expect_no_overlap();
}

BOOST_AUTO_TEST_CASE(a_killed_leader_is_followed_when_its_ttl_is_over) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url(), "the election", short_ttl);
    TenureProcess& ann = scene.add("ann");
    const std::int64_t token = ann.await("elected").token();
    TenureProcess& bob = scene.add_in_line("bob", 2);

    const Stamp killed = now_stamp();
    scene.kill(ann);
    const Event elected = bob.await("elected");
    const auto passed = std::chrono::duration_cast<milliseconds>(elected.at - killed);
    BOOST_TEST_MESSAGE("elected " << passed.count() << " ms after the kill, TTL 2 s");
    BOOST_TEST(passed.count() < milliseconds(2s + 2s + busy).count());
    BOOST_TEST(elected.token() > token);
    scene.expect_one_leader_then_stop();
}

// A watch that is served late costs its 100 ms each time, a busy machine only now and then:
// hence the median of five.
BOOST_AUTO_TEST_CASE(a_leader_that_leaves_is_followed_at_once) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url());
    std::vector<TenureProcess*> line;
    for (const std::string name : {"ann", "bob", "cid", "dan", "eve", "fay"})
        line.push_back(&scene.add_in_line(name, line.size() + 1));

    Event leading = line.front()->await("elected");
    std::vector<milliseconds> passed;
    for (std::size_t next = 1; next < line.size(); ++next) {
        TenureProcess& leader = *line[next - 1];
        const Stamp signalled = now_stamp();
        BOOST_TEST(leader.end_by(SIGTERM).value_or(-1) == 0);
        const Event elected = line[next]->await("elected");
        passed.push_back(std::chrono::duration_cast<milliseconds>(elected.at - signalled));

        BOOST_TEST(elected.token() > leading.token());
        BOOST_TEST(leader.history().back().kind == "stopped");
        const auto unelected = std::ranges::find(leader.history(), "unelected", &Event::kind);
        BOOST_TEST_REQUIRE((unelected != leader.history().end()));
        BOOST_TEST(unelected->reason() == "stopped");
        BOOST_TEST(unelected->at.count() < elected.at.count());
        BOOST_TEST(scene.list().size() == line.size() - next);
        leading = elected;
    }
    std::ranges::sort(passed);
    BOOST_TEST_MESSAGE("hand-over: " << passed.front().count() << " to " << passed.back().count()
                                     << " ms, median " << passed[2].count());
    BOOST_TEST(passed[2].count() < (sanitized ? 300 : 100));
    BOOST_TEST(line.back()->end_by(SIGINT).value_or(-1) == 0);
    BOOST_TEST(etcd.etcdctl({"get", "", "--prefix", "--keys-only"}).output == "");
    BOOST_TEST(get_key(etcd, "/?recursive=true").find("\"value\"") == std::string::npos);
    scene.expect_no_overlap();
}

BOOST_AUTO_TEST_CASE(one_who_waits_and_leaves_disturbs_nobody) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess& ann = scene.add("ann");
    ann.await("elected");
    TenureProcess& bob = scene.add_in_line("bob", 2);
    TenureProcess& cid = scene.add_in_line("cid", 3);
    BOOST_TEST(bob.end_by(SIGTERM).value_or(-1) == 0);
    BOOST_TEST(scene.list().size() == 2u);
    BOOST_TEST(std::ranges::count(bob.history(), "elected", &Event::kind) == 0);
    BOOST_TEST(ann.end_by(SIGTERM).value_or(-1) == 0);
    cid.await("elected");
    BOOST_TEST(cid.end_by(SIGTERM).value_or(-1) == 0);
    scene.expect_no_overlap();
}

BOOST_AUTO_TEST_CASE(a_second_signal_ends_a_process_that_cannot_leave) {
    EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess& ann = scene.add("ann");
    ann.await("elected");
    etcd.pause();
    ann.process().signal(SIGTERM);
    ann.await("unelected");
    const auto status = ann.end_by(SIGTERM);
    BOOST_TEST(status.value_or(-1) == 128 + SIGTERM);
    etcd.resume();
}

BOOST_AUTO_TEST_CASE(a_candidate_leaves_a_store_that_does_not_answer_in_bounded_time) {
    EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess& ann = scene.add("ann");
    ann.await("elected");
    etcd.pause();
    BOOST_TEST(ann.end_by(SIGTERM).value_or(-1) == 0);
    BOOST_TEST(ann.history().back().kind == "stopped");
    etcd.resume();
}

}  // namespace
}  // namespace tenure::test
