// A line of ours and theirs in turn: each follows the one ahead of it, whatever that is.
#include <array>
#include <boost/test/unit_test.hpp>

#include "tests/interop/v2_scene.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

struct Member {
    Kind kind;
    const char* name;
};

constexpr std::array<Member, 5> members{{
    {Kind::ours, "ann"},
    {Kind::theirs, "bob"},
    {Kind::ours, "cid"},
    {Kind::theirs, "dan"},
    {Kind::ours, "eve"},
}};

// What etcd has, what the command lists, and what a newcomer of each kind is told.
void expect_all_see(V2Scene& scene, const std::string& leader) {
    BOOST_TEST(scene.list().front().at("candidate").as_string() == leader);
    BOOST_TEST(scene.listed_by_command().front().at("candidate").as_string() == leader);
    for (const Kind kind : {Kind::ours, Kind::theirs}) {
        TenureProcess& newcomer = scene.add_in_line(kind, "newcomer");
        newcomer.await_leader(leader);
        BOOST_TEST(newcomer.end_by(SIGTERM).value_or(-1) == 0);
    }
}

// Theirs hears of a leader only when the entry ahead of it changes, which those of ours do not
// when they are renewed: so of those who wait only ours are asked.
BOOST_AUTO_TEST_CASE(leaders_that_stop_are_followed_in_order) {
    const EtcdServer etcd;
    V2Scene scene(etcd);
    std::vector<TenureProcess*> line;
    for (const Member& member : members) {
        line.push_back(&scene.add_in_line(member.kind, member.name));
        if (line.size() > 1) line.back()->await_leader(members.front().name);
    }

    for (std::size_t leader = 0; leader < members.size(); ++leader) {
        BOOST_TEST_CONTEXT(members[leader].name << " leads") {
            line[leader]->await("elected");
            for (std::size_t waiting = leader + 1; waiting < members.size(); ++waiting) {
                if (members[waiting].kind == Kind::ours)
                    line[waiting]->await_leader(members[leader].name);
                BOOST_TEST(!line[waiting]->leads());
            }
            expect_all_see(scene, members[leader].name);
            BOOST_TEST(line[leader]->end_by(SIGTERM).value_or(-1) == 0);
        }
    }
    BOOST_TEST(scene.list().empty());
    scene.expect_no_overlap(clock_slack);
}

// Those in the middle go first: whoever stood behind them waits for the next one ahead.
BOOST_AUTO_TEST_CASE(a_line_closes_up_when_some_in_it_leave) {
    const EtcdServer etcd;
    V2Scene scene(etcd);
    std::vector<TenureProcess*> line;
    for (const Member& member : members)
        line.push_back(&scene.add_in_line(member.kind, member.name));
    line.front()->await("elected");

    BOOST_TEST(line[1]->end_by(SIGTERM).value_or(-1) == 0);
    scene.kill(*line[2]);
    scene.await_line(3);
    scene.read_for(3s);
    BOOST_TEST(line.front()->leads());
    BOOST_TEST(line.front()->end_by(SIGTERM).value_or(-1) == 0);
    line[3]->await("elected");
    BOOST_TEST(!line[4]->leads());
    BOOST_TEST(line[3]->end_by(SIGTERM).value_or(-1) == 0);
    line[4]->await("elected");
    scene.expect_one_leader_then_stop();
    scene.expect_no_overlap(clock_slack);
}

}  // namespace
}  // namespace tenure::test
