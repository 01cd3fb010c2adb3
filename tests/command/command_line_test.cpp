// What the command refuses, and how: one clear line on standard error, and exit code 64.
#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "tests/command/tenure_process.hpp"

namespace tenure::test {
namespace {

namespace data = boost::unit_test::data;

struct Mistake {
    std::vector<std::string> words;
    /// What the line has to say, among other things.
    std::string says;
};

std::ostream& operator<<(std::ostream& out, const Mistake& mistake) {
    for (const std::string& word : mistake.words)
        out << '\'' << word << "' ";
    return out;
}

std::vector<std::string> campaign(const std::string& option, const std::string& value) {
    std::vector<std::string> words{"campaign"};
    const std::vector<std::pair<std::string, std::string>> usual{
        {"--store", "memory:"}, {"--election", "e"}, {"--name", "n"}};
    for (const auto& [name, usual_value] : usual) {
        if (name != option) words.insert(words.end(), {name, usual_value});
    }
    words.insert(words.end(), {option, value});
    return words;
}

std::vector<std::string> run_of(const std::vector<std::string>& more) {
    std::vector<std::string> words{"run", "--store", "memory:", "--election", "e", "--name", "n"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

std::vector<std::string> list_of(const std::string& store, const std::string& election = "e") {
    return {"list", "--store", store, "--election", election};
}

void expect_refused(const Mistake& mistake) {
    const Ended ended = run_tenure(mistake.words);
    BOOST_TEST_INFO_SCOPE(mistake);
    BOOST_TEST(ended.status == 64);
    BOOST_TEST(ended.output.empty());
    BOOST_TEST(std::ranges::count(ended.errors, '\n') == 1, "not one line: " << ended.errors);
    BOOST_TEST(ended.errors.starts_with("tenure"));
    BOOST_TEST(ended.errors.find(mistake.says) != std::string::npos,
               "'" << mistake.says << "' is not in: " << ended.errors);
}

const std::vector<Mistake> commands{
    {{}, "campaign, observe, list, run, depose, simulate"},
    {{"campain"}, "'campain'; known are campaign, observe, list"},
    {{""}, "''"},
    {{"--store", "memory:"}, "'--store'"},
    {{"bad\nname\x1b[31m"}, "'bad\\x0aname\\x1b[31m'"},
};
const std::vector<Mistake> options{
    {{"campaign"}, "--"},
    {{"campaign", "--store", "memory:", "--election", "e"}, "--name"},
    {{"campaign", "--store", "memory:", "--name", "n"}, "--election"},
    {{"observe", "--election", "e"}, "--store"},
    {{"list", "--store", "memory:"}, "--election"},
    {campaign("--elect", "e"), "--elect"},
    {campaign("--speed", "fast"), "--speed"},
    {{"list", "--store", "memory:", "--election", "e", "--ttl", "3s"}, "--ttl"},
    {{"list", "--store", "memory:", "--election", "e", "stray"}, "'stray'"},
    {{"depose", "--store", "memory:"}, "--election"},
    {{"depose", "--store", "memory:", "--election", "e", "node-1"}, "'node-1'"},
    {run_of({}), "no command given; the command goes behind '--'"},
    {run_of({"--"}), "no command given; the command goes behind '--'"},
    {run_of({"true"}), "unexpected argument 'true'; the command goes behind '--'"},
    {run_of({"stray", "--", "true"}), "unexpected argument 'stray'"},
    {run_of({"--speed", "fast", "--", "true"}), "--speed"},
    {{"run", "--store", "memory:", "--election", "e", "--", "true"}, "--name"},
    {{"list", "--store", "memory:", "--election", "e", "--election", "f"}, "--election"},
    {{"list", "--store", "memory:", "--election"}, "--election"},
};
const std::vector<Mistake> durations{
    {campaign("--ttl", "0"), "--ttl"},        {campaign("--ttl", "0s"), "--ttl: '0s'"},
    {campaign("--ttl", "-3s"), "--ttl"},      {campaign("--ttl", "-99999999999999999999s"), "zero"},
    {campaign("--ttl", "10"), "--ttl: '10'"}, {campaign("--ttl", "s"), "--ttl: 's'"},
    {campaign("--ttl", ""), "--ttl"},         {campaign("--ttl", "1.5s"), "--ttl: '1.5s'"},
    {campaign("--ttl", "10 s"), "--ttl"},     {campaign("--ttl", "10h"), "10s or 2m"},
    {campaign("--ttl", "ten"), "1500ms"},     {campaign("--ttl", "86401s"), "24 hours"},
    {campaign("--ttl", "2000m"), "24 hours"}, {campaign("--ttl", "99999999999999999999s"), "24"},
};
const std::vector<Mistake> names{
    {campaign("--election", ""), "election"},
    {campaign("--election", "  "), "election"},
    {campaign("--election", " e"), "election"},
    {campaign("--election", "a//b"), "election"},
    {campaign("--election", "a\nb"), "election"},
    {campaign("--election", "\xff"), "election"},
    {campaign("--name", ""), "candidate"},
    {campaign("--name", " "), "candidate"},
    {campaign("--name", "a\tb"), "candidate"},
    {list_of("memory:", ""), "election"},
    {list_of("memory:", " "), "election"},
    {list_of("memory:", "a\x7f"), "election"},
    {{"observe", "--store", "memory:", "--election", ""}, "election"},
};
const std::vector<Mistake> stores{
    {list_of(""), "''"},
    {list_of("127.0.0.1:2379"), "127.0.0.1:2379"},
    {list_of("zookeeper://127.0.0.1"), "'zookeeper'; known are etcd:, etcds:, memory:"},
    {list_of("memory://x"), "memory"},
    {list_of("etcd://"), "etcd://"},
    {list_of("etcd://127.0.0.1:99999"), "99999"},
    {list_of("etcd://127.0.0.1:0"), "port"},
    {list_of("etcd://127.0.0.1:port"), "port"},
    {campaign("--store", "etcd://127.0.0.1:-1"), "port"},
    {{"observe", "--store", "nothing:x", "--election", "e"}, "'nothing'"},
};

BOOST_DATA_TEST_CASE(a_command_that_is_not_there_is_refused, data::make(commands)) {
    expect_refused(sample);
}

BOOST_DATA_TEST_CASE(an_option_that_does_not_fit_is_named, data::make(options)) {
    expect_refused(sample);
}

BOOST_DATA_TEST_CASE(a_duration_that_makes_no_sense_is_named, data::make(durations)) {
    expect_refused(sample);
}

BOOST_DATA_TEST_CASE(a_name_that_cannot_be_is_refused, data::make(names)) {
    expect_refused(sample);
}

BOOST_DATA_TEST_CASE(a_store_url_that_is_wrong_is_refused, data::make(stores)) {
    expect_refused(sample);
}

BOOST_AUTO_TEST_CASE(help_and_version_are_printed_on_standard_output) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"--help"},
                                                  {"campaign", "--help"},
                                                  {"observe", "-h"},
                                                  {"list", "--store", "x", "--help"},
                                                  {"run", "--help", "--", "true"},
                                                  {"depose", "--help"},
                                                  {"--version"}}) {
        const Ended ended = run_tenure(words);
        BOOST_TEST(ended.status == 0);
        BOOST_TEST(ended.output.find("tenure") != std::string::npos);
        BOOST_TEST(ended.errors == "");
    }
    BOOST_TEST(run_tenure({"campaign", "--help"}).output.find("--ttl") != std::string::npos);
}

}  // namespace
}  // namespace tenure::test
