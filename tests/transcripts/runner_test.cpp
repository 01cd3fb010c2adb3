// What a transcript may get wrong, and that it is told where: a transcript that is not read, or
// not played, would pass for ever.
#include <boost/test/unit_test.hpp>

#include "tests/transcripts/runner.hpp"

namespace tenure::testing {
namespace {

const std::string opening =
    "# Shows something.\n\nsession ttl=9s margin=1s timeout=2s\n----\n  state idle, wants no "
    "tick\n";
const std::string started =
    opening + "\nat 0s start\n----\ngrant #1 ttl=9s\n  state granting, wants a tick at 2s\n";

Played played(const std::string& text) {
    Coverage coverage;
    return play(parse("some.txt", text), coverage);
}

std::string refusal(const std::string& text) {
    try {
        return played(text).mistake.value_or("it was played");
    } catch (const Mistake& mistake) {
        return mistake.what();
    }
}

/// What is said of this input after a start at 0s.
std::string mistake_in(const std::string& input) {
    const std::string said = refusal(started + "\n# Now.\n" + input + "\n----\n");
    BOOST_TEST(said.starts_with("some.txt:13: "));
    return said.substr(std::min(said.size(), std::string("some.txt:13: ").size()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(transcript_runner)

BOOST_AUTO_TEST_CASE(what_was_reviewed_and_still_holds_is_no_difference) {
    const Played run = played(started);
    BOOST_TEST(!run.mistake.has_value());
    BOOST_TEST(run.differences.empty());
    BOOST_TEST(render(run.transcript) == started);
}

BOOST_AUTO_TEST_CASE(another_answer_is_shown_line_by_line) {
    const Played run = played(opening +
                              "\nat 0s start\n----\ngrant #1 ttl=8s\nlost stopped\n"
                              "  state granting, wants a tick at 2s\n");
    BOOST_TEST_REQUIRE(run.differences.size() == 1U);
    BOOST_TEST(run.differences.front() ==
               "some.txt:7: at 0s start\n"
               "  - grant #1 ttl=8s\n"
               "  - lost stopped\n"
               "  + grant #1 ttl=9s\n"
               "      state granting, wants a tick at 2s\n");
}

BOOST_AUTO_TEST_CASE(rewriting_touches_nothing_but_answers) {
    const std::string tail = "\n# The end.\n";
    const Played run = played(opening + "\nat 0s start\n----\nnonsense\n" + tail);
    BOOST_TEST(render(run.transcript) == started + tail);
}

BOOST_AUTO_TEST_CASE(what_follows_a_mistake_is_left_as_it_is) {
    const std::string text = opening + "\nat 0s stumble\n----\n\nat 1s start\n----\nunplayed\n";
    BOOST_TEST(render(played(text).transcript) == text);
}

BOOST_AUTO_TEST_CASE(no_transcript_is_empty) {
    BOOST_TEST(refusal("") == "some.txt:1: a transcript begins with a line '# …' on what it shows");
    const std::string nothing = "nothing ever happens here: there is no 'at'";
    BOOST_TEST(refusal("# Prose only.\n") == "some.txt:1: " + nothing);
    BOOST_TEST(refusal(opening) == "some.txt:5: " + nothing);
}

BOOST_AUTO_TEST_CASE(a_line_that_is_nothing_is_named) {
    BOOST_TEST(refusal("# Shows.\n\nAt 0s start\n") ==
               "some.txt:3: 'At 0s start' is neither prose (#) nor an input (at, session, "
               "candidacy, observer)");
    BOOST_TEST(refusal("# Shows.\nat 0s start\n\n") == "some.txt:3: '----' belongs below an input");
    BOOST_TEST(refusal("# Shows.\nat 0s start") == "some.txt:2: '----' belongs below an input");
}

BOOST_AUTO_TEST_CASE(an_input_that_cannot_be_read_is_named) {
    BOOST_TEST(mistake_in("at 1s stumble") ==
               "'stumble' is no input; there are start, stop, granted, renewed, revoked, "
               "suspected, drained, tick");
    BOOST_TEST(mistake_in("at 1s") == "what happened is missing");
    BOOST_TEST(mistake_in("at noon stop") == "'noon' is not a time like 1.5s or 250ms");
    BOOST_TEST(mistake_in("at 1s stop now") == "'now' means nothing here");
    BOOST_TEST(mistake_in("at 1s granted 1 L7 ttl=9s") == "'1' should be like #3");
    BOOST_TEST(mistake_in("at 1s granted #1 L7") == "'ttl=' is missing");
    BOOST_TEST(mistake_in("at 1s granted #1 L7 ttl=9s ttl=8s") == "'ttl' is given twice");
    BOOST_TEST(mistake_in("at 1s granted #1 L7 ttl=9s until=8s") == "'until=' means nothing here");
    BOOST_TEST(mistake_in("at 1s granted #1 broken") ==
               "'broken' is neither a lease (L7 ttl=9s) nor the name of an error");
    BOOST_TEST(mistake_in("at 1s chance=100% tick") == "'chance=100%' should be from 0% to 99%");
}

BOOST_AUTO_TEST_CASE(what_a_driver_could_not_do_is_refused) {
    BOOST_TEST(mistake_in("at 1s granted #2 L7 ttl=9s") == "the machine has asked no 'grant #2'");
    BOOST_TEST(mistake_in("at 1s renewed #1 L7 ttl=9s") == "the machine has asked no 'renew #1'");
    BOOST_TEST(mistake_in("at 2s stop") ==
               "a driver lets time come before news: 'tick' was due at 2s");
    const std::string back = "\nat 1s tick\n----\n\nat 0.9s stop\n----\n";
    BOOST_TEST(refusal(started + back) == "some.txt:15: the time goes back from 1s");
    const std::string refused =
        "\nsession ttl=3s margin=1s timeout=2s\n----\n\nat 0s start\n----\n";
    BOOST_TEST(refusal(started + refused) ==
               "some.txt:15: there is no machine: its options were refused, or are missing");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
