// Traces as pictures: that they show what happened, and that they fit where they are shown.
#include <algorithm>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <sstream>
#include <tenure/simulation.hpp>

namespace tenure::sim {
namespace {

namespace data = boost::unit_test::data;
namespace pt = boost::property_tree;
using namespace std::chrono_literals;
using Kind = TraceEvent::Kind;

TraceEvent fault(Duration at, Kind kind, const std::string& who, const std::string& what) {
    return {.at = at, .kind = kind, .who = who, .what = what};
}

TraceEvent lease(Duration at, Kind kind, const std::string& who, std::int64_t token, Duration until,
                 const std::string& election = "jobs") {
    return {
        .at = at, .kind = kind, .who = who, .election = election, .token = token, .until = until};
}

TraceEvent note(Duration at, const std::string& who, const std::string& what) {
    return {.at = at, .kind = Kind::note, .who = who, .what = what};
}

const Lane& lane(const Timeline& timeline, const std::string& name) {
    for (const Lane& each : timeline.lanes) {
        if (each.name == name) return each;
    }
    throw std::runtime_error("no lane " + name);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

/// In columns: one for each code point.
std::size_t width(const std::string& line) {
    std::size_t columns = 0;
    for (const char byte : line)
        columns += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80;
    return columns;
}

std::string line_with(const std::string& text, const std::string& part) {
    for (const std::string& line : lines_of(text)) {
        if (line.find(part) != std::string::npos) return line;
    }
    return "";
}

/// Throws when it is not well-formed. All text that is in it, and all that pops up.
void collect(const pt::ptree& tree, std::vector<std::string>& texts) {
    for (const auto& [name, child] : tree) {
        if (name == "text" || name == "title") texts.push_back(child.data());
        collect(child, texts);
    }
}
std::vector<std::string> texts_of(const std::string& svg) {
    std::istringstream in(svg);
    pt::ptree tree;
    pt::read_xml(in, tree);
    std::vector<std::string> texts;
    collect(tree.get_child("svg"), texts);
    return texts;
}
bool contains(const std::vector<std::string>& texts, const std::string& part) {
    for (const std::string& text : texts) {
        if (text.find(part) != std::string::npos) return true;
    }
    return false;
}

/// A leader is cut off while it leads, another follows; the store sleeps to the end.
const Trace short_story{
    fault(0s, Kind::started, "a", ""),
    fault(0s, Kind::started, "b", ""),
    lease(1s, Kind::rises, "a", 3, 5s),
    lease(2s, Kind::extended, "a", 3, 6s),
    fault(3s, Kind::fault_begins, "a", "cut off"),
    lease(9s, Kind::falls, "a", 3, 6s),
    lease(10s, Kind::rises, "b", 8, 14s),
    note(11s, "store", "an operator deletes jobs/7"),
    fault(12s, Kind::fault_begins, "store", "paused"),
    fault(13s, Kind::fault_ends, "a", "cut off"),
};

}  // namespace

BOOST_AUTO_TEST_SUITE(timeline)

BOOST_AUTO_TEST_CASE(lanes_are_the_store_and_then_the_nodes_as_they_appear) {
    const Timeline timeline =
        make_timeline({fault(0s, Kind::started, "z", ""), fault(1s, Kind::started, "a", "")}, 10s);
    BOOST_TEST_REQUIRE(timeline.lanes.size() == 3u);
    BOOST_TEST(timeline.lanes[0].name == "store");
    BOOST_TEST(timeline.lanes[1].name == "z");
    BOOST_TEST(timeline.lanes[2].name == "a");
}

BOOST_AUTO_TEST_CASE(a_fault_that_lasts_is_drawn_to_the_end) {
    const Timeline timeline = make_timeline(short_story, 20s);
    const std::vector<FaultSpan> store{{12s, 20s, "paused"}};
    const std::vector<FaultSpan> a{{3s, 13s, "cut off"}};
    BOOST_TEST((lane(timeline, "store").faults == store));
    BOOST_TEST((lane(timeline, "a").faults == a));
}

BOOST_AUTO_TEST_CASE(faults_that_overlap_lie_in_different_rows) {
    const Timeline timeline = make_timeline(
        {fault(1s, Kind::fault_begins, "a", "cut off"),
         fault(2s, Kind::fault_begins, "a", "paused"), fault(3s, Kind::fault_ends, "a", "cut off"),
         fault(4s, Kind::fault_begins, "a", "slow"), fault(5s, Kind::fault_ends, "a", "paused"),
         fault(6s, Kind::fault_ends, "a", "slow")},
        9s);
    const std::vector<FaultSpan> expected{
        {1s, 3s, "cut off", 0}, {2s, 5s, "paused", 1}, {4s, 6s, "slow", 0}};
    BOOST_TEST((lane(timeline, "a").faults == expected));
    BOOST_TEST(lane(timeline, "a").fault_rows() == 2u);
}

BOOST_AUTO_TEST_CASE(the_same_fault_of_two_nodes_ends_at_each_for_itself) {
    const Timeline timeline = make_timeline(
        {fault(1s, Kind::fault_begins, "a", "paused"), fault(2s, Kind::fault_begins, "b", "paused"),
         fault(3s, Kind::fault_ends, "b", "paused")},
        9s);
    BOOST_TEST((lane(timeline, "a").faults.front() == FaultSpan{1s, 9s, "paused"}));
    BOOST_TEST((lane(timeline, "b").faults.front() == FaultSpan{2s, 3s, "paused"}));
}

BOOST_AUTO_TEST_CASE(a_leadership_ends_with_its_lease_even_when_that_is_noticed_later) {
    const Timeline timeline = make_timeline(short_story, 20s);
    const LeadershipSpan expected{1s, 6s, "jobs", 3, {{1s, 5s}, {2s, 6s}}};
    BOOST_TEST_REQUIRE(lane(timeline, "a").leaderships.size() == 1u);
    BOOST_TEST((lane(timeline, "a").leaderships.front() == expected));
    BOOST_TEST((timeline.longest_lease() == 4s));
}

BOOST_AUTO_TEST_CASE(a_leadership_that_is_given_up_ends_then_and_not_with_its_lease) {
    const Timeline timeline = make_timeline(
        {lease(1s, Kind::rises, "a", 3, 5s), lease(2s, Kind::falls, "a", 3, 5s)}, 20s);
    BOOST_TEST((lane(timeline, "a").leaderships.front().to == 2s));
}

BOOST_AUTO_TEST_CASE(a_leadership_that_lasts_is_drawn_to_the_end_or_to_that_of_its_lease) {
    const Trace trace{lease(1s, Kind::rises, "a", 3, 5s)};
    BOOST_TEST((lane(make_timeline(trace, 4s), "a").leaderships.front().to == 4s));
    BOOST_TEST((lane(make_timeline(trace, 9s), "a").leaderships.front().to == 5s));
}

BOOST_AUTO_TEST_CASE(what_comes_after_the_end_is_not_drawn) {
    const Timeline timeline = make_timeline(short_story, 11500ms);
    BOOST_TEST((lane(timeline, "a").faults.front() == FaultSpan{3s, 11500ms, "cut off"}));
    BOOST_TEST(lane(timeline, "store").faults.empty());
    BOOST_TEST((lane(timeline, "b").leaderships.front().to == 11500ms));
}

BOOST_AUTO_TEST_CASE(what_is_left_of_a_lease_falls_until_it_is_extended) {
    const LeadershipSpan span{1s, 6s, "jobs", 3, {{1s, 5s}, {2s, 6s}}};
    BOOST_TEST((span.remaining(0s) == 0s));
    BOOST_TEST((span.remaining(1s) == 4s));
    BOOST_TEST((span.remaining(1500ms) == 3500ms));
    BOOST_TEST((span.remaining(2s) == 4s));
    BOOST_TEST((span.remaining(9s) == 0s));
}

BOOST_AUTO_TEST_CASE(two_elections_that_one_node_leads_lie_in_different_rows) {
    const Timeline timeline = make_timeline(
        {lease(1s, Kind::rises, "a", 3, 9s, "mail"), lease(2s, Kind::rises, "a", 4, 9s, "jobs"),
         lease(3s, Kind::falls, "a", 3, 9s, "mail"), lease(4s, Kind::rises, "a", 7, 9s, "mail")},
        9s);
    const Lane& own = lane(timeline, "a");
    BOOST_TEST_REQUIRE(own.leaderships.size() == 3u);
    BOOST_TEST(own.leaderships[0].row == 0u);
    BOOST_TEST(own.leaderships[1].row == 1u);
    BOOST_TEST(own.leaderships[2].row == 0u);
    BOOST_TEST((own.leaderships[1].to == 9s));
    BOOST_TEST((timeline.elections == std::vector<std::string>{"jobs", "mail"}));
}

BOOST_AUTO_TEST_CASE(notes_are_marks_but_clock_rates_belong_to_their_lanes) {
    const Timeline timeline = make_timeline(
        {note(0s, "a", "clock rate -41000 ppm"), note(2s, "store", "history forgotten")}, 9s);
    BOOST_TEST(lane(timeline, "a").clock_rate == -41'000);
    const std::vector<Mark> expected{{2s, "store", "history forgotten"}};
    BOOST_TEST((timeline.marks == expected));
}

BOOST_AUTO_TEST_CASE(a_violation_is_shown_in_both_pictures) {
    Trace trace = short_story;
    trace.push_back(fault(14s, Kind::violation, "checker", "one_leader: a and b <both>"));
    const Timeline timeline = make_timeline(trace, 14s);
    BOOST_TEST(timeline.lanes.size() == 3u);
    BOOST_TEST_REQUIRE(timeline.violation.has_value());
    const std::string text = to_terminal(timeline, {});
    BOOST_TEST(line_with(text, "! 14.000 s").ends_with("one_leader: a and b <both>"), text);
    // It ends all lanes, but where something is drawn there.
    BOOST_TEST(line_with(text, "a  ").ends_with("!"), text);
    BOOST_TEST(to_terminal(timeline, {.colour = true}).find("\x1b[1;31m") != std::string::npos);
    const std::string svg = to_svg(timeline, "t");
    BOOST_TEST(contains(texts_of(svg), "one_leader: a and b <both>"));
    BOOST_TEST(svg.find("class=\"bad-line\"") != std::string::npos);
    BOOST_TEST(to_svg(make_timeline(short_story, 14s), "t").find("class=\"bad") ==
               std::string::npos);
}

// 40 columns for 20 s, after a gutter of 7: two for each second.
BOOST_AUTO_TEST_CASE(text_shows_leaders_leases_and_faults_at_their_times) {
    const std::string text =
        to_terminal(make_timeline(short_story, 20s), {.columns = 47, .unicode = false});
    const std::vector<std::string> expected{
        "       0 s       5 s       10 s      15 s  20 s",
        "       +---------+---------+---------+--------+",
        "store  .         .         . D %paused%%%%%%%%.",
        "a      . 3###=---__        .         .        .",
        "       .     :cut off::::::::::::    .        .",
        "b      .         .         8#=---__  .        .",
    };
    const std::vector<std::string> lines = lines_of(text);
    BOOST_TEST_REQUIRE(lines.size() > expected.size());
    for (std::size_t each = 0; each < expected.size(); ++each)
        BOOST_TEST(lines[each] == expected[each]);
    BOOST_TEST(line_with(text, "D an operator deletes an entry") != "");
    BOOST_TEST(line_with(text, "token N of jobs") != "");
}

BOOST_AUTO_TEST_CASE(what_takes_no_time_is_still_seen) {
    const Timeline timeline = make_timeline(
        {lease(5s, Kind::rises, "a", 3, 9s), lease(5s, Kind::falls, "a", 3, 9s),
         fault(7s, Kind::fault_begins, "a", "asleep"), fault(7s, Kind::fault_ends, "a", "asleep")},
        60s);
    const std::string text = to_terminal(timeline, {});
    BOOST_TEST(line_with(text, "a  ").find("▇3") != std::string::npos, text);
    BOOST_TEST(line_with(text, "asleep") == "z asleep", text);
    BOOST_TEST(contains(texts_of(to_svg(timeline, "t")), "asleep"));
}

BOOST_AUTO_TEST_CASE(an_empty_trace_makes_pictures_too) {
    for (const Duration length : {Duration(0s), Duration(1ns), Duration(24h)}) {
        const Timeline timeline = make_timeline({}, length);
        BOOST_TEST(line_with(to_terminal(timeline, {}), "nobody ever leads") != "");
        BOOST_TEST(contains(texts_of(to_svg(timeline, "nothing")), "nothing"));
    }
}

BOOST_AUTO_TEST_CASE(no_name_breaks_a_picture) {
    const std::string name = "<&amp;\"'> \xff\x01\x1b[31m]]>\xEF\xBF\xBF \xE9\x81\xB8";
    const Timeline timeline =
        make_timeline({lease(1s, Kind::rises, name, 3, 9s, name),
                       fault(1s, Kind::fault_begins, name, name), note(2s, name, name)},
                      9s);
    const std::string seen = "<&amp;\"'> ???[31m]]>? \xE9\x81\xB8";
    const auto texts = texts_of(to_svg(timeline, name));
    BOOST_TEST(texts.front() == seen);
    BOOST_TEST(contains(texts, seen + " leads " + seen + " with token 3"));
    for (const bool unicode : {false, true}) {
        const std::string text = to_terminal(timeline, {.unicode = unicode});
        for (const char byte : text) {
            const auto code = static_cast<unsigned char>(byte);
            BOOST_TEST((byte == '\n' || (code >= 0x20 && (unicode || code < 0x7F))));
        }
        for (const std::string& line : lines_of(text))
            BOOST_TEST(width(line) <= 80u, line);
    }
}

BOOST_AUTO_TEST_CASE(no_name_is_too_long_for_a_line) {
    const std::string name(200, 'x');
    const Timeline timeline = make_timeline(
        {lease(1s, Kind::rises, name, 3, 9s, name), fault(1s, Kind::fault_begins, name, name),
         note(2s, name, name), fault(9s, Kind::violation, "checker", name)},
        9s);
    for (const std::string& line : lines_of(to_terminal(timeline, {})))
        BOOST_TEST(width(line) <= 80u, line);
    BOOST_TEST(contains(texts_of(to_svg(timeline, name)), name));
}

BOOST_DATA_TEST_CASE(pictures_of_chaos_fit, data::xrange<std::uint64_t>(1, 21), seed) {
    const Outcome outcome = play({.seed = seed});
    const Timeline timeline = make_timeline(outcome.trace, outcome.covered);
    for (const bool unicode : {false, true}) {
        const std::string text = to_terminal(timeline, {.unicode = unicode});
        BOOST_TEST(text.find('\x1b') == std::string::npos);
        BOOST_TEST(lines_of(text).size() > timeline.lanes.size() + 2);
        for (const std::string& line : lines_of(text))
            BOOST_TEST(width(line) <= 80u, line);
        BOOST_TEST(text == to_terminal(timeline, {.unicode = unicode}));
        const bool is_ascii =
            std::ranges::all_of(text, [](char byte) { return static_cast<signed char>(byte) > 0; });
        BOOST_TEST(is_ascii == !unicode);
    }
    const std::string svg = to_svg(timeline, "chaos");
    const auto texts = texts_of(svg);
    for (const Lane& each : timeline.lanes) {
        BOOST_TEST(contains(texts, each.name));
        for (const LeadershipSpan& span : each.leaderships) {
            BOOST_TEST(contains(texts, each.name + " leads " + span.election + " with token " +
                                           std::to_string(span.token)));
        }
        for (const FaultSpan& span : each.faults)
            BOOST_TEST(contains(texts, each.name + ": " + span.what));
    }
    BOOST_TEST(svg == to_svg(make_timeline(outcome.trace, outcome.covered), "chaos"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::sim
