// One of ours and one of theirs in an election, either one first, on a real etcd.
#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/interop/v2_scene.hpp"

namespace tenure::test {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

constexpr milliseconds ttl = 2s;
// etcd looks for what has expired every half second, and a busy machine takes its time.
constexpr milliseconds until_noticed = 2s;

const auto either_first =
    data::make({Kind::ours, Kind::theirs}) ^ data::make({Kind::theirs, Kind::ours});

milliseconds passed(Stamp from, Stamp to) {
    return std::chrono::duration_cast<milliseconds>(to - from);
}

// The first leads, the second waits behind it, and both say who leads.
struct Pair {
    explicit Pair(Kind first, Kind second) {
        leading = &scene.add(first, "ann");
        token = leading->await("elected").token();
        waiting = &scene.add_in_line(second, "bob");
        const Event seen = waiting->await_leader("ann");
        if (second == Kind::ours) {
            const auto& leader = seen.fields.at("leader");
            BOOST_TEST(leader.at("token").to_number<std::int64_t>() == token);
        }
        // Theirs says nothing about itself.
        if (first == Kind::ours) leading->await_leader("ann");
        BOOST_TEST(!waiting->leads());
        expect_line({"ann", "bob"});
    }

    void expect_line(const std::vector<std::string>& names) const {
        std::vector<std::string> standing;
        for (const auto& entry : scene.list())
            standing.emplace_back(entry.at("candidate").as_string());
        BOOST_TEST(standing == names, boost::test_tools::per_element());
    }

    const EtcdServer etcd;
    V2Scene scene{etcd};
    TenureProcess* leading = nullptr;
    TenureProcess* waiting = nullptr;
    std::int64_t token = 0;
};

BOOST_DATA_TEST_CASE(a_leader_that_stops_is_followed, either_first, first, second) {
    Pair pair(first, second);
    const Stamp signalled = now_stamp();
    BOOST_TEST(pair.leading->end_by(SIGTERM).value_or(-1) == 0);
    const Event elected = pair.waiting->await("elected");
    BOOST_TEST_MESSAGE("elected " << passed(signalled, elected.at).count() << " ms after SIGTERM");
    // Not by the end of the TTL.
    BOOST_TEST(passed(signalled, elected.at).count() < ttl.count() / 2);
    BOOST_TEST(elected.token() > pair.token);
    pair.expect_line({"bob"});
    BOOST_TEST(pair.waiting->end_by(SIGTERM).value_or(-1) == 0);
    pair.expect_line({});
    pair.scene.expect_no_overlap(clock_slack);
}

BOOST_DATA_TEST_CASE(one_who_waits_and_leaves_disturbs_nobody, either_first, first, second) {
    Pair pair(first, second);
    BOOST_TEST(pair.waiting->end_by(SIGTERM).value_or(-1) == 0);
    pair.expect_line({"ann"});
    // Long enough for renewals by both rules.
    pair.scene.read_for(ttl + ttl);
    TenureProcess& cid = pair.scene.add_in_line(second, "cid");
    cid.await_leader("ann");
    BOOST_TEST(std::ranges::count(pair.leading->history(), "unelected", &Event::kind) == 0);
    BOOST_TEST(pair.leading->end_by(SIGTERM).value_or(-1) == 0);
    cid.await("elected");
    pair.scene.expect_no_overlap(clock_slack);
}

BOOST_DATA_TEST_CASE(a_leader_that_is_killed_is_followed, either_first, first, second) {
    Pair pair(first, second);
    // Past the first renewals: what is waited for is the latest one's TTL.
    pair.scene.read_for(ttl);
    BOOST_TEST(pair.leading->leads());
    const Stamp killed = now_stamp();
    pair.scene.kill(*pair.leading);
    const Event elected = pair.waiting->await("elected");
    BOOST_TEST_MESSAGE("elected " << passed(killed, elected.at).count() << " ms after SIGKILL");
    BOOST_TEST(passed(killed, elected.at).count() < (ttl + until_noticed).count());
    BOOST_TEST(elected.token() > pair.token);
    pair.scene.expect_one_leader_then_stop();
}

// A process that is stopped can neither act as a leader nor say that it is none; what counts is
// what it says first when it goes on.
BOOST_DATA_TEST_CASE(a_leader_that_is_frozen_wakes_up_unelected, either_first, first, second) {
    Pair pair(first, second);
    pair.scene.read_for(ttl / 2);
    pair.leading->process().signal(SIGSTOP);
    const Event risen = pair.waiting->await("elected");
    BOOST_TEST(risen.token() > pair.token);
    // Theirs counts from its last renewal's answer, so it may take itself for a leader a little
    // longer than etcd does.
    pair.scene.read_for(ttl);
    const std::size_t before = pair.leading->history().size();
    const Stamp continued = now_stamp();
    pair.leading->process().signal(SIGCONT);

    pair.leading->await_leader("bob");
    const Event& woken = pair.leading->history().at(before);
    BOOST_TEST(woken.kind == "unelected");
    BOOST_TEST_MESSAGE("unelected " << passed(continued, woken.at).count() << " ms after SIGCONT");
    BOOST_TEST(passed(continued, woken.at).count() < ttl.count() / 2);
    BOOST_TEST(!pair.leading->leads());
    pair.scene.await_line(2);
    pair.expect_line({"bob", "ann"});

    BOOST_TEST(pair.waiting->end_by(SIGTERM).value_or(-1) == 0);
    const Event again = pair.leading->await("elected");
    BOOST_TEST(again.token() > risen.token());
    const auto unelected = std::ranges::find(pair.waiting->history(), "unelected", &Event::kind);
    BOOST_TEST_REQUIRE((unelected != pair.waiting->history().end()));
    BOOST_TEST(unelected->at.count() <= (again.at + clock_slack).count());
    BOOST_TEST(pair.leading->end_by(SIGTERM).value_or(-1) == 0);
    pair.expect_line({});
}

}  // namespace
}  // namespace tenure::test
