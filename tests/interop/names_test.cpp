// Names that mean something in URLs, forms and JSON: every side reads what another has written.
#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/interop/v2_scene.hpp"

namespace tenure::test {
namespace {

namespace data = boost::unit_test::data;

const std::array<std::string, 4> elections{
    "a b/\xC3\xBC'q",
    "100%/+1&x=y",
    "what?/#one;two",
    "\"quoted\"/%41\\\xE9\x81\xB8",
};
const std::string first_name = "n\xC3\xA4me +1%&=;'\"\\/?#";
const std::string second_name = "%6E \xE9\x81\xB8\xF0\x9F\x97\xB3 = two+two";

const auto either_first =
    data::make({Kind::ours, Kind::theirs}) ^ data::make({Kind::theirs, Kind::ours});

BOOST_DATA_TEST_CASE(every_side_reads_names_as_they_were_written,
                     data::make(elections) * either_first, election, first, second) {
    const EtcdServer etcd;
    V2Scene scene(etcd, election);
    scene.add(first, first_name).await("elected");
    TenureProcess& waiting = scene.add_in_line(second, second_name);
    waiting.await_leader(first_name);

    const auto told = scene.list();
    const auto listed = scene.listed_by_command();
    BOOST_TEST_REQUIRE(told.size() == 2u);
    BOOST_TEST_REQUIRE(listed.size() == 2u);
    BOOST_TEST(told[0].at("candidate").as_string() == first_name);
    BOOST_TEST(told[1].at("candidate").as_string() == second_name);
    for (std::size_t i = 0; i < told.size(); ++i) {
        BOOST_TEST(std::string(told[i].at("key").as_string()).starts_with('/' + election + '/'));
        BOOST_TEST(listed[i].at("candidate") == told[i].at("candidate"));
        BOOST_TEST(listed[i].at("token").to_number<std::int64_t>() ==
                   told[i].at("token").to_number<std::int64_t>());
    }
    scene.expect_one_leader_then_stop();
    scene.expect_no_overlap(clock_slack);
}

// Theirs has keys, which begin with a slash as etcd writes them; ours has names, which do not.
BOOST_AUTO_TEST_CASE(a_slash_in_front_of_their_key_makes_no_difference) {
    const EtcdServer etcd;
    V2Scene names(etcd, "jobs/nightly");
    V2Scene keys(etcd, "/jobs/nightly");
    TenureProcess& ann = keys.add(Kind::theirs, "ann");
    ann.await("elected");
    TenureProcess& bob = names.add_in_line(Kind::ours, "bob");
    bob.await_leader("ann");
    keys.add_in_line(Kind::theirs, "cid").await_leader("ann");
    BOOST_TEST(ann.end_by(SIGTERM).value_or(-1) == 0);
    bob.await("elected");
    BOOST_TEST(names.list().size() == 2u);
    BOOST_TEST(keys.list().size() == 2u);
}

}  // namespace
}  // namespace tenure::test
