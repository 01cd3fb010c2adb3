#include "tests/transcripts/transcript.hpp"

#include <algorithm>
#include <sstream>

#include "tests/transcripts/notation.hpp"

namespace tenure::testing {
namespace {

const std::string rule = "----";

bool is_input(const std::string& line) {
    const std::string word = line.substr(0, line.find(' '));
    return word == "at" || word == "session" || word == "candidacy" || word == "observer";
}

Mistake mistake_at(const std::string& name, std::size_t line, const std::string& what) {
    return Mistake(name + ':' + std::to_string(line) + ": " + what);
}

// How many lines the rests of both have in common, in order, for each pair of beginnings.
std::vector<std::vector<std::size_t>> common_lines(const Lines& one, const Lines& other) {
    std::vector<std::vector<std::size_t>> common(one.size() + 1,
                                                 std::vector<std::size_t>(other.size() + 1));
    for (std::size_t i = one.size(); i-- > 0;) {
        for (std::size_t j = other.size(); j-- > 0;) {
            common[i][j] = one[i] == other[j] ? common[i + 1][j + 1] + 1
                                              : std::max(common[i + 1][j], common[i][j + 1]);
        }
    }
    return common;
}

}  // namespace

Transcript parse(const std::string& name, const std::string& text) {
    if (!text.starts_with("# ")) {
        throw mistake_at(name, 1, "a transcript begins with a line '# …' on what it shows");
    }
    Transcript transcript{name, {}, {}};
    enum class Inside { prose, input, answer } inside = Inside::prose;
    std::istringstream in(text);
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (inside == Inside::input) {
            if (line != rule) throw mistake_at(name, number, "'----' belongs below an input");
            inside = Inside::answer;
        } else if (inside == Inside::answer && !line.empty()) {
            transcript.blocks.back().answer.push_back(line);
        } else if (line.empty() || line.front() == '#') {
            transcript.after.push_back(line);
            inside = Inside::prose;
        } else if (is_input(line)) {
            transcript.blocks.push_back({std::move(transcript.after), number, line, {}});
            transcript.after.clear();
            inside = Inside::input;
        } else {
            throw mistake_at(name, number,
                             "'" + line +
                                 "' is neither prose (#) nor an input (at, session, "
                                 "candidacy, observer)");
        }
    }
    if (inside == Inside::input) throw mistake_at(name, number, "'----' belongs below an input");
    const bool happens = std::ranges::any_of(
        transcript.blocks, [](const Block& block) { return block.input.starts_with("at "); });
    if (!happens) throw mistake_at(name, number, "nothing ever happens here: there is no 'at'");
    return transcript;
}

std::string render(const Transcript& transcript) {
    std::string text;
    const auto add = [&](const Lines& lines) {
        for (const auto& line : lines) {
            text += line + '\n';
        }
    };
    for (const auto& block : transcript.blocks) {
        add(block.before);
        add({block.input, rule});
        add(block.answer);
    }
    add(transcript.after);
    return text;
}

std::string difference(const Lines& expected, const Lines& got) {
    if (expected == got) return {};
    const auto common = common_lines(expected, got);
    std::string text;
    for (std::size_t i = 0, j = 0; i < expected.size() || j < got.size();) {
        const bool alike = i < expected.size() && j < got.size() && expected[i] == got[j];
        const bool gone = !alike && i < expected.size() &&
                          (j == got.size() || common[i + 1][j] >= common[i][j + 1]);
        text += alike ? "    " : gone ? "  - " : "  + ";
        text += (alike || gone ? expected[i] : got[j]) + '\n';
        if (alike || gone) ++i;
        if (!gone) ++j;
    }
    return text;
}

}  // namespace tenure::testing
