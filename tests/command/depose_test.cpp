// `tenure depose`: an operator takes the lead from whoever has it.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/command/scene.hpp"
#include "tests/support/etcd_server.hpp"
#include "tests/support/http_get.hpp"

namespace tenure::test {
namespace {

Ended depose(const std::string& store, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"depose", "--store", store, "--election", "the election"});
    return run_tenure(more);
}

BOOST_AUTO_TEST_CASE(the_next_in_line_leads_and_the_deposed_stands_again) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess& ann = scene.add("ann");
    const std::int64_t token = ann.await("elected").token();
    TenureProcess& bob = scene.add_in_line("bob", 2);
    TenureProcess& cid = scene.add_in_line("cid", 3);

    const Ended ended = depose(etcd.store_url());
    BOOST_TEST(ended.status == 0);
    BOOST_TEST(ended.output == "deposed ann, token " + std::to_string(token) + '\n');
    BOOST_TEST(ended.errors.empty());
    const Event lost = ann.await("unelected");
    BOOST_TEST(lost.reason() == "entry_removed");
    BOOST_TEST(lost.token() == token);
    BOOST_TEST(bob.await("elected").token() > token);
    ann.await_leader("bob");
    scene.await_line(3);

    const boost::json::object first = scene.list().front();
    const Ended again = depose(etcd.store_url(), {"--json"});
    BOOST_TEST(boost::json::parse(again.output).as_object() == first);
    BOOST_TEST(again.output.ends_with("\n"));
    cid.await("elected");
    scene.await_line(3);
    BOOST_TEST(scene.list().at(1).at("candidate").as_string() == "ann");
    scene.expect_one_leader_then_stop();
}

BOOST_AUTO_TEST_CASE(where_nobody_leads_there_is_nothing_to_do) {
    const EtcdServer etcd;
    const Ended told = depose(etcd.store_url());
    BOOST_TEST(told.status == 0);
    BOOST_TEST(told.output == "nobody leads the election\n");
    const Ended as_json = depose(etcd.store_url(), {"--json"});
    BOOST_TEST(as_json.status == 0);
    BOOST_TEST(as_json.output.empty());
}

BOOST_AUTO_TEST_CASE(a_store_that_is_not_there_is_named) {
    const std::string store = "etcd://127.0.0.1:" + std::to_string(free_port());
    const Ended ended = depose(store);
    BOOST_TEST(ended.status == 69);
    BOOST_TEST(ended.output.empty());
    BOOST_TEST(ended.errors.starts_with("tenure depose: " + store + ": "), ended.errors);
    BOOST_TEST(std::ranges::count(ended.errors, '\n') == 1);
}

}  // namespace
}  // namespace tenure::test
