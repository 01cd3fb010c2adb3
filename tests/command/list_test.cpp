// `tenure list` on a real etcd and on what is none, and the TTL that etcd grants.
#include <algorithm>
#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/command/scene.hpp"
#include "tests/support/bad_server.hpp"
#include "tests/support/etcd_server.hpp"
#include "tests/support/http_get.hpp"

namespace tenure::test {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

Ended list(const std::string& store_url) {
    return run_tenure({"list", "--store", store_url, "--election", "e"});
}

void expect_unusable(const std::string& store_url) {
    const Ended ended = list(store_url);
    BOOST_TEST(ended.status == 69);
    BOOST_TEST(ended.output.empty());
    BOOST_TEST(std::ranges::count(ended.errors, '\n') == 1, "not one line: " << ended.errors);
    BOOST_TEST(ended.errors.starts_with("tenure list: " + store_url));
    BOOST_TEST_MESSAGE(ended.errors);
}

constexpr std::array badnesses{
    Badness::plain_text, Badness::html,       Badness::banner,
    Badness::garbage,    Badness::other_json, Badness::endless_body,
    Badness::cut_body,   Badness::silent,     Badness::closing,
};

BOOST_DATA_TEST_CASE(what_is_not_etcd_is_unusable, data::xrange(badnesses.size())) {
    const BadServer server(badnesses.at(sample));
    expect_unusable(server.store_url());
}

BOOST_AUTO_TEST_CASE(a_store_that_is_not_there_is_unusable) {
    expect_unusable("etcd://127.0.0.1:" + std::to_string(free_port()));
}

BOOST_AUTO_TEST_CASE(a_store_that_stands_still_is_unusable) {
    EtcdServer etcd;
    etcd.pause();
    expect_unusable(etcd.store_url());
    etcd.resume();
}

BOOST_DATA_TEST_CASE(a_candidate_keeps_trying_what_is_not_etcd, data::xrange(badnesses.size())) {
    const BadServer server(badnesses.at(sample));
    Scene scene(server.store_url());
    TenureProcess& ann = scene.add("ann");
    ann.await("error");
    ann.await("error");
    BOOST_TEST(ann.end_by(SIGTERM).value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(the_line_is_listed_in_order) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url(), "a name/with all \xE9\x81\xB8");
    TenureProcess& ann = scene.add("ann \xC3\xA9");
    ann.await("elected");
    scene.add_in_line("bob", 2);
    const auto entries = scene.list();
    BOOST_TEST(entries[0].at("position").to_number<int>() == 1);
    BOOST_TEST(entries[0].at("candidate").as_string() == "ann \xC3\xA9");
    BOOST_TEST(entries[1].at("candidate").as_string() == "bob");
    BOOST_TEST(entries[0].at("token").to_number<std::int64_t>() <
               entries[1].at("token").to_number<std::int64_t>());
    const std::string lease(entries[0].at("lease").as_string());
    BOOST_TEST(entries[0].at("key").as_string() == scene.election() + "/" + lease);
    BOOST_TEST(etcd.etcdctl({"lease", "list"}).output.find(lease) != std::string::npos);

    const Ended table =
        run_tenure({"list", "--store", etcd.store_url(), "--election", scene.election()});
    BOOST_TEST(table.output.starts_with("position  token  lease"));
    BOOST_TEST(table.output.find("ann \xC3\xA9") < table.output.find("bob"));
    scene.expect_one_leader_then_stop();
}

BOOST_AUTO_TEST_CASE(a_ttl_below_the_stores_is_raised_and_said) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess& ann = scene.add("ann", etcd.store_url(), "500ms");
    const auto note = ann.process().read_error_line(patience);
    BOOST_TEST(note.value_or("") == "tenure: --ttl is 500ms, the store granted 2s; that is used");
    ann.await("elected");
    scene.read_for(3s);
    BOOST_TEST(ann.leads());
    BOOST_TEST(ann.history().back().kind != "error");
    scene.expect_one_leader_then_stop();
}

// The shortest of all, and nothing of what it leads to is asked in too little time.
BOOST_AUTO_TEST_CASE(a_ttl_far_below_the_stores_is_followed_without_an_error) {
    const EtcdServer etcd;
    Scene scene(etcd.store_url());
    TenureProcess& ann = scene.add("ann", etcd.store_url(), "1ms");
    const auto note = ann.process().read_error_line(patience);
    BOOST_TEST(note.value_or("") == "tenure: --ttl is 1ms, the store granted 2s; that is used");
    ann.await("elected");
    ann.await_leader("ann");
    scene.read_for(3s);
    BOOST_TEST(ann.leads());
    for (const Event& event : ann.history())
        BOOST_TEST(event.kind != "error");
    scene.expect_one_leader_then_stop();
}

}  // namespace
}  // namespace tenure::test
