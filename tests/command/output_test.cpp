// What the command prints while all goes well, on a store in its own process.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/command/tenure_process.hpp"

namespace tenure::test {
namespace {

namespace data = boost::unit_test::data;

std::vector<std::string> campaign(const std::string& election, const std::string& name) {
    return {"campaign", "--store", "memory:", "--election", election, "--name", name};
}

const std::vector<std::string> names{"plain",
                                     "with/a slash",
                                     "mit Leerraum",
                                     "\xE9\x81\xB8\xE6\x8C\x99",
                                     "emoji \xF0\x9F\x97\xB3",
                                     "\"quoted\" \\ back",
                                     "--dashes"};

BOOST_DATA_TEST_CASE(names_come_out_as_they_went_in, data::make(names)) {
    TenureProcess candidate(
        {"campaign", "--store=memory:", "--election=" + sample, "--name=" + sample});
    const Event elected = candidate.await("elected");
    BOOST_TEST(elected.fields.at("election").as_string() == sample);
    BOOST_TEST(elected.fields.at("candidate").as_string() == sample);
    candidate.await_leader(sample);
    BOOST_TEST(candidate.end_by(SIGTERM).value_or(-1) == 0);
}

BOOST_DATA_TEST_CASE(a_signal_ends_a_candidate_in_order, data::make({SIGINT, SIGTERM})) {
    TenureProcess candidate(campaign("an election", "ann"));
    const std::int64_t token = candidate.await("elected").token();
    BOOST_TEST(token > 0);
    BOOST_TEST(candidate.end_by(sample).value_or(-1) == 0);

    std::vector<std::string> kinds;
    for (const Event& event : candidate.history()) {
        if (event.kind != "leader") kinds.push_back(event.kind);
    }
    const std::vector<std::string> expected{"started", "elected", "unelected", "stopped"};
    BOOST_TEST(kinds == expected, boost::test_tools::per_element());
    for (const Event& event : candidate.history()) {
        if (event.kind != "unelected") continue;
        BOOST_TEST(event.reason() == "stopped");
        BOOST_TEST(event.token() == token);
    }
}

BOOST_AUTO_TEST_CASE(others_see_the_value_that_was_given) {
    auto words = campaign("e", "ann");
    words.insert(words.end(), {"--value", "ann at 10.0.0.1"});
    TenureProcess candidate(words);
    const Event leader = candidate.await_leader("ann at 10.0.0.1");
    BOOST_TEST(leader.fields.at("candidate").as_string() == "ann");
}

BOOST_AUTO_TEST_CASE(an_empty_value_is_a_value) {
    auto words = campaign("e", "ann");
    words.insert(words.end(), {"--value", ""});
    TenureProcess candidate(words);
    candidate.await_leader("");
}

BOOST_AUTO_TEST_CASE(a_value_that_is_not_utf8_still_makes_json) {
    auto words = campaign("e", "ann");
    words.insert(words.end(), {"--value", "a\xFF\nb"});
    TenureProcess candidate(words);
    candidate.await_leader("a\xEF\xBF\xBD\nb");
}

BOOST_AUTO_TEST_CASE(an_observer_tells_that_nobody_leads) {
    TenureProcess observer({"observe", "--store", "memory:", "--election", "e"});
    const Event leader = observer.await_leader(std::nullopt);
    BOOST_TEST(!leader.fields.contains("candidate"));
    BOOST_TEST(observer.end_by(SIGTERM).value_or(-1) == 0);
    BOOST_TEST(observer.history().back().kind == "stopped");
}

BOOST_AUTO_TEST_CASE(people_read_the_same_events_with_their_tokens) {
    ChildProcess candidate(tenure_command(campaign("e", "ann")));
    const auto elected = candidate.read_until("elected", patience);
    BOOST_TEST_REQUIRE(elected.has_value());
    BOOST_TEST(elected->find("ann  elected: token ") != std::string::npos, *elected);
    candidate.signal(SIGTERM);
    const auto unelected = candidate.read_until("unelected", patience);
    BOOST_TEST_REQUIRE(unelected.has_value());
    BOOST_TEST(unelected->find("unelected: stopped, token ") != std::string::npos, *unelected);
    BOOST_TEST(candidate.wait(patience).value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(no_value_can_fake_a_line_for_people) {
    auto words = campaign("e", "ann");
    words.insert(words.end(), {"--value", "x\n00:00:00.000  ann  unelected\x1b[2J"});
    ChildProcess candidate(tenure_command(words));
    const auto leader = candidate.read_until("leader: x", patience);
    BOOST_TEST_REQUIRE(leader.has_value());
    BOOST_TEST(leader->find("x\\x0a00:00:00.000  ann  unelected\\x1b[2J") != std::string::npos,
               *leader);
}

BOOST_AUTO_TEST_CASE(a_candidate_whose_output_is_lost_leaves_the_line) {
    std::vector<std::string> words{"sh", "-c", "\"$@\" >/dev/full", "sh"};
    for (const std::string& word : tenure_command(campaign("e", "ann")).words)
        words.push_back(word);
    BOOST_TEST(run({.words = words}, patience).status == 74);
}

BOOST_AUTO_TEST_CASE(a_list_of_nobody_is_empty) {
    const Ended json = run_tenure({"list", "--store", "memory:", "--election", "e", "--json"});
    BOOST_TEST(json.status == 0);
    BOOST_TEST(json.output == "");
    const Ended table = run_tenure({"list", "--store", "memory:", "--election", "e"});
    BOOST_TEST(table.status == 0);
    BOOST_TEST(table.output == "position  token  lease  candidate  key\n");
}

}  // namespace
}  // namespace tenure::test
