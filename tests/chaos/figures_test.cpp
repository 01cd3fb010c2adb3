// What a run's journals come to: its history, its figures, the page and the picture.
#include <boost/test/unit_test.hpp>

#include "tests/chaos/arguments.hpp"
#include "tests/chaos/figures.hpp"
#include "tests/chaos/journal.hpp"
#include "tests/chaos/picture.hpp"
#include "tests/chaos/record.hpp"
#include "tests/chaos/report.hpp"
#include "tests/chaos/sound_history.hpp"
#include "tests/support/etcd_member.hpp"

namespace tenure::chaos {
namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// In a folder that goes with the test.
struct Folder {
    std::filesystem::path path = test::make_temporary_folder();
    ~Folder() { std::filesystem::remove_all(path); }
};

BOOST_AUTO_TEST_SUITE(chaos_figures)

BOOST_AUTO_TEST_CASE(a_gap_is_counted_from_one_leadership_to_the_next) {
    const Figures figures = count(sound_history(), {});
    BOOST_TEST(figures.leaderships == 2u);
    BOOST_TEST((figures.longest_without_leader > 999ms && figures.longest_without_leader < 1001ms));
    BOOST_TEST_REQUIRE(figures.recoveries.size() == 1u);
    BOOST_TEST((figures.recovery(50) == figures.longest_without_leader));
    BOOST_TEST(figures.etcd_elections == 1);
    BOOST_TEST(figures.refused == 1u);
    BOOST_TEST(figures.errors_told == 1u);
}

BOOST_AUTO_TEST_CASE(recovery_counts_from_when_a_leader_was_possible) {
    History history = sound_history();
    history.leadings[1].first = sample(50s);
    // Two of three members are gone, the second for longer than the first.
    history.faults.push_back({FaultKind::member_killed, "member-2", at(19s), at(40s)});
    history.faults.push_back({FaultKind::member_paused, "member-3", at(18s), at(47s)});
    const Figures figures = count(history, {});
    BOOST_TEST_REQUIRE(figures.recoveries.size() == 1u);
    BOOST_TEST((figures.recovery(100) > 9999ms && figures.recovery(100) < 10001ms));
    BOOST_TEST((figures.longest_without_leader > 29s));
}

BOOST_AUTO_TEST_CASE(quantiles_are_those_of_the_nearest_rank) {
    Figures figures;
    BOOST_TEST((figures.recovery(99) == Duration{}));
    for (int each = 1; each <= 200; ++each)
        figures.recoveries.emplace_back(std::chrono::milliseconds(each));
    BOOST_TEST((figures.recovery(50) == 100ms));
    BOOST_TEST((figures.recovery(99) == 198ms));
    BOOST_TEST((figures.recovery(100) == 200ms));
}

BOOST_AUTO_TEST_CASE(journals_are_read_back_as_they_were_written) {
    const Folder folder;
    {
        Journal driver(folder.path / "driver.jsonl");
        driver.write_at(at(0s), "phase", {{"phase", "begin"}});
        driver.write_at(at(0s), "spawned", {{"who", "ann-1"}});
        driver.write_at(at(9s), "fault",
                        {{"fault", "candidate_paused"}, {"whom", "ann"}, {"from", stamp(at(5s))}});
        driver.write_at(at(9s), "ended", {{"who", "ann-1"}, {"how", "killed"}, {"status", -9}});
        Journal candidate(folder.path / "ann-1.jsonl");
        candidate.write_at(at(1s), "elected", {{"token", 4}});
        for (const Duration each : {2s, 3s}) {
            candidate.write_at(at(each), "valid",
                               {{"token", 4},
                                {"first_after", stamp(at(1s))},
                                {"first_before", stamp(at(1s))},
                                {"last_after", stamp(at(each))},
                                {"last_before", stamp(at(each))},
                                {"until", stamp(at(each + 2s))}});
        }
        Journal ledger(folder.path / "ledger.jsonl");
        ledger.write_at(at(2s), "write", {{"token", 4}, {"from", "ann-1"}, {"accepted", true}});
    }
    const History history = read_history(folder.path);
    BOOST_TEST_REQUIRE(history.leadings.size() == 1u);
    BOOST_TEST((history.leadings[0].id == ann));
    BOOST_TEST((history.leadings[0].first.before == at(1s)));
    BOOST_TEST((history.leadings[0].last.after == at(3s)));
    BOOST_TEST(history.leadings[0].leases.size() == 2u);
    BOOST_TEST_REQUIRE(history.lives.size() == 1u);
    BOOST_TEST((history.lives[0].end == Life::End::killed));
    BOOST_TEST_REQUIRE(history.faults.size() == 1u);
    BOOST_TEST((history.faults[0].from == at(5s) && history.faults[0].to == at(9s)));
    BOOST_TEST_REQUIRE(history.writes.size() == 1u);
    BOOST_TEST((history.writes[0].id == ann));
    BOOST_TEST((history.begin == at(0s)));
}

BOOST_AUTO_TEST_CASE(a_line_cut_short_by_a_kill_is_let_go_and_nonsense_is_not) {
    History history;
    read_journal(history, "ann-1", "{\"at\":1,\"event\":\"beat\"}\n{\"at\":2,\"eve");
    BOOST_TEST(history.beats.size() == 1u);
    BOOST_CHECK_THROW(read_journal(history, "ann-1", "{\"at\":1,\"event\":\"sneezes\"}\n"),
                      std::runtime_error);
    BOOST_CHECK_THROW(read_journal(history, "driver", "nonsense\n"), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(the_page_says_what_is_wrong_and_how_to_play_it_again) {
    History history = sound_history();
    const auto page = [&] {
        return write_report({"scripts/chaos --minutes 3 --seed 9", "3 members", "timeline.svg"},
                            history, count(history, {}), check(history, {}));
    };
    BOOST_TEST(contains(page(), "# Chaos: no violation\n"));
    BOOST_TEST(contains(page(), "`scripts/chaos --minutes 3 --seed 9`"));
    BOOST_TEST(contains(page(), "](timeline.svg)"));
    history.entries_left = 2;
    BOOST_TEST(contains(page(), "# Chaos: 1 violations\n"));
    BOOST_TEST(contains(page(), "2 entries are left"));
}

BOOST_AUTO_TEST_CASE(a_long_run_is_drawn_in_strips) {
    History history = sound_history();
    const std::string brief = draw(history, "a run");
    BOOST_TEST(contains(brief, "ann leads chaos with token 5"));
    BOOST_TEST(contains(brief, "member-1: down"));
    BOOST_TEST(!contains(brief, "from 0:00"));
    history.end = at(10min);
    history.leadings[1].last = sample(9min);
    const std::string strips = draw(history, "a run");
    BOOST_TEST(contains(strips, "a run, from 7:30 to 10:00"));
}

BOOST_AUTO_TEST_CASE(arguments_that_make_no_sense_are_named) {
    const auto parse = [](std::vector<std::string> words) {
        std::vector<char*> pointers{nullptr};
        for (std::string& word : words)
            pointers.push_back(word.data());
        return Arguments(static_cast<int>(pointers.size()), pointers.data(),
                         {{"minutes", "1"}, {"seed", ""}});
    };
    BOOST_TEST(parse({"--seed", "7"}).number("seed") == 7u);
    BOOST_TEST(parse({"--seed", "7"}).quantity("minutes", 60) == 1.0);
    BOOST_CHECK_THROW(parse({}), std::invalid_argument);
    BOOST_CHECK_THROW(parse({"--seed"}), std::invalid_argument);
    BOOST_CHECK_THROW(parse({"--sede", "7"}), std::invalid_argument);
    BOOST_CHECK_THROW(parse({"--seed", "-7"}).number("seed"), std::invalid_argument);
    BOOST_CHECK_THROW(parse({"--seed", "7", "--minutes", "long"}).quantity("minutes", 60),
                      std::invalid_argument);
    BOOST_CHECK_THROW(parse({"--seed", "7", "--minutes", "61"}).quantity("minutes", 60),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tenure::chaos
