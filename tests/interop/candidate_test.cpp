// Candidates of the npm module among themselves: what the mixed tests build upon.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/interop/node.hpp"
#include "tests/interop/v2_scene.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(two_of_theirs_stand_and_hand_over) {
    const EtcdServer etcd;
    V2Scene scene(etcd);
    TenureProcess& ann = scene.add(Kind::theirs, "ann");
    const std::int64_t token = ann.await("elected").token();
    BOOST_TEST(token == scene.list().at(0).at("token").to_number<std::int64_t>());
    TenureProcess& bob = scene.add_in_line(Kind::theirs, "bob");
    bob.await_leader("ann");
    BOOST_TEST(!bob.leads());

    BOOST_TEST(ann.end_by(SIGTERM).value_or(-1) == 0);
    std::vector<std::string> said;
    for (const Event& event : ann.history())
        said.push_back(event.kind);
    BOOST_TEST(said == (std::vector<std::string>{"started", "elected", "unelected", "stopped"}),
               boost::test_tools::per_element());
    BOOST_TEST(bob.await("elected").fields.at("election").as_string() == scene.election());
    BOOST_TEST(bob.end_by(SIGTERM).value_or(-1) == 0);
    BOOST_TEST(scene.list().empty());
    scene.expect_no_overlap(clock_slack);
}

// Entries do not lie below entries: the module cannot stand there.
BOOST_AUTO_TEST_CASE(an_error_of_the_module_ends_its_process) {
    const EtcdServer etcd;
    V2Scene scene(etcd);
    scene.add(Kind::theirs, "ann").await("elected");
    const std::string key(scene.list().at(0).at("key").as_string());

    TenureProcess lost(node_command("candidate.js", {etcd.http_url(), key, "bob", "2"}));
    BOOST_TEST(lost.await("error").fields.at("error").as_string() == "Not a directory");
    BOOST_TEST(lost.await_end().value_or(-1) == 1);

    TenureProcess stubborn(
        node_command("candidate.js", {etcd.http_url(), key, "cid", "2", "--restart"}));
    stubborn.await("error");
    stubborn.await("error");
    BOOST_TEST(stubborn.end_by(SIGTERM).value_or(-1) == 0);
}

}  // namespace
}  // namespace tenure::test
