// Each file of the folder is a test of its own name. TENURE_REWRITE=1 in the environment, or
// `-- --rewrite` on the command line, writes down what the machines answer now, to be reviewed.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "tests/transcripts/runner.hpp"

namespace tenure::testing {
namespace {

namespace fs = std::filesystem;

// What the machines live by. The others are the clock's (2), the leadership's (3) and the
// options' (13), of which the last shows here, too.
constexpr int rules_of_the_machines[] = {1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};

std::vector<fs::path> every_file() {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(TENURE_TRANSCRIPTS, error)) {
        const fs::path& path = entry.path();
        if (path.extension() == ".txt" && path.filename() != "CMakeLists.txt")
            files.push_back(path);
    }
    std::ranges::sort(files);
    return files;
}

std::string text_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool rewriting() {
    const char* set = std::getenv("TENURE_REWRITE");
    if (set != nullptr && std::string_view(set) == "1") return true;
    const auto& suite = boost::unit_test::framework::master_test_suite();
    return std::any_of(suite.argv, suite.argv + suite.argc,
                       [](const char* word) { return std::string_view(word) == "--rewrite"; });
}

void check(const fs::path& path) {
    Coverage coverage;
    const std::string text = text_of(path);
    const Played played = play(parse(path.filename().string(), text), coverage);
    if (rewriting()) {
        const std::string now = render(played.transcript);
        if (now != text) std::ofstream(path, std::ios::binary) << now;
    } else {
        for (const auto& changed : played.differences) {
            BOOST_ERROR(changed << "  (- expected, + got; TENURE_REWRITE=1 takes what it got)");
        }
    }
    if (played.mistake) BOOST_ERROR(*played.mistake);
}

// A test for each file, made when the tests of this program are collected.
const bool every_file_is_a_test = [] {
    auto* suite = BOOST_TEST_SUITE("transcript");
    for (const auto& path : every_file()) {
        suite->add(boost::unit_test::make_test_case([path] { check(path); }, path.stem().string(),
                                                    __FILE__, __LINE__));
    }
    boost::unit_test::framework::master_test_suite().add(suite);
    return true;
}();

Coverage what_all_show() {
    Coverage coverage;
    for (const auto& path : every_file()) {
        play(parse(path.filename().string(), text_of(path)), coverage);
    }
    return coverage;
}

std::string joined(const std::set<std::string>& words) {
    std::string text;
    for (const auto& word : words) {
        text += ' ' + word;
    }
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(transcripts)

BOOST_AUTO_TEST_CASE(the_folder_has_them) {
    BOOST_TEST(every_file_is_a_test);
    BOOST_TEST(!every_file().empty());
}

BOOST_AUTO_TEST_CASE(every_input_action_and_state_is_shown) {
    const Coverage coverage = what_all_show();
    BOOST_TEST(coverage.size() == 3U);
    for (const auto& [kind, shown] : coverage) {
        BOOST_TEST_CONTEXT(kind << " shows" << joined(shown.inputs)) {
            BOOST_TEST(shown.inputs.size() == shown.all_inputs);
        }
        BOOST_TEST_CONTEXT(kind << " shows" << joined(shown.actions)) {
            BOOST_TEST(shown.actions.size() == shown.all_actions);
        }
        BOOST_TEST_CONTEXT(kind << " shows" << joined(shown.states)) {
            BOOST_TEST(shown.states.size() == shown.all_states);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_safety_rule_of_the_machines_is_shown) {
    std::string prose;
    for (const auto& path : every_file()) {
        prose += text_of(path);
    }
    std::ranges::replace(prose, '\n', ' ');
    for (const int number : rules_of_the_machines) {
        const std::string name = "Safety rule " + std::to_string(number) + ' ';
        BOOST_TEST_CONTEXT(name) {
            BOOST_TEST((prose.find(name) != std::string::npos));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
