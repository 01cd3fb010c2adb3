// The suite bites: each store that breaks a rule is caught by a case of that rule.
#include "tests/memory/broken_stores.hpp"

#include <boost/test/unit_test.hpp>
#include <tenure/conformance.hpp>

#include "tests/memory/fixtures.hpp"

namespace tenure::test {
namespace {

using conformance::Report;
using conformance::Verdict;

template <class Store>
class FixtureOf : public CuttableFixture {
public:
    std::shared_ptr<KeyStore> open() override {
        return std::make_shared<Store>(CuttableFixture::open());
    }
    std::shared_ptr<KeyStore> open_silent() override {
        return std::make_shared<Store>(CuttableFixture::open_silent());
    }
    conformance::Limits limits() const override {
        auto limits = CuttableFixture::limits();
        limits.use_threads = false;
        return limits;
    }
};

template <class Store>
std::vector<Report> failures_of() {
    auto reports = conformance::run_all([] { return std::make_unique<FixtureOf<Store>>(); });
    std::erase_if(reports, [](const Report& report) { return report.verdict != Verdict::failed; });
    return reports;
}

template <class Store>
void expect_caught_by(const std::string& name) {
    const auto failures = failures_of<Store>();
    for (const Report& report : failures)
        BOOST_TEST_MESSAGE(report.name << ": " << report.words);
    BOOST_CHECK_MESSAGE(std::ranges::count(failures, name, &Report::name) == 1,
                        "not caught by " << name);
    // One broken rule must not look as if nothing worked.
    BOOST_TEST(failures.size() < conformance::cases().size() / 2);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_suite_bites)

BOOST_AUTO_TEST_CASE(honest_store_passes) {
    const auto failures = failures_of<HonestStore>();
    for (const Report& report : failures)
        BOOST_TEST_MESSAGE(report.name << ": " << report.words);
    BOOST_TEST(failures.empty());
}

BOOST_AUTO_TEST_CASE(second_answer_is_caught) {
    expect_caught_by<AnswersTwice>("rule_1_every_call_is_answered_once");
}

BOOST_AUTO_TEST_CASE(answer_after_the_end_is_caught) {
    expect_caught_by<AnswersAfterItsEnd>("rule_1_no_reply_comes_after_the_destructor");
    expect_caught_by<AnswersAfterItsEnd>("rule_1_store_may_be_destroyed_in_each_phase");
}

BOOST_AUTO_TEST_CASE(stale_list_is_caught) {
    expect_caught_by<ReadsStale>("rule_2_list_sees_what_is_done");
}

BOOST_AUTO_TEST_CASE(late_appearance_is_caught) {
    expect_caught_by<ShowsOutOfOrder>("rule_3_nothing_appears_ahead_of_what_was_shown");
}

BOOST_AUTO_TEST_CASE(reused_revision_is_caught) {
    expect_caught_by<ReusesCreated>("rule_3_created_is_never_reused");
}

BOOST_AUTO_TEST_CASE(early_expiry_is_caught) {
    expect_caught_by<ExpiresEarly>("rule_4_entries_vanish_together_and_never_early");
}

BOOST_AUTO_TEST_CASE(late_expiry_is_caught) {
    expect_caught_by<ExpiresMuchTooLate>("rule_4_entries_vanish_together_and_never_early");
    expect_caught_by<ExpiresMuchTooLate>("rule_4_expired_lease_stays_gone");
}

BOOST_AUTO_TEST_CASE(renewal_without_effect_is_caught) {
    expect_caught_by<RenewsNothing>("rule_4_renewal_extends_the_lease_and_wakes_no_watcher");
    expect_caught_by<RenewsNothing>("rule_4_renewal_in_flight_does_not_revive");
}

BOOST_AUTO_TEST_CASE(loud_renewal_is_caught) {
    expect_caught_by<WakesWatchersByRenewal>(
        "rule_4_renewal_extends_the_lease_and_wakes_no_watcher");
}

BOOST_AUTO_TEST_CASE(ghost_is_caught) {
    expect_caught_by<LeavesGhosts>("rule_5_create_twice_gives_the_first_entry");
    expect_caught_by<LeavesGhosts>("rule_5_create_at_once_gives_one_entry");
}

BOOST_AUTO_TEST_CASE(lost_change_is_caught) {
    expect_caught_by<LosesChanges>("rule_6_every_change_is_reported_in_order");
}

BOOST_AUTO_TEST_CASE(gap_before_a_watch_is_caught) {
    expect_caught_by<IgnoresAfter>("rule_6_watch_from_a_list_misses_nothing");
}

BOOST_AUTO_TEST_CASE(silence_on_lost_history_is_caught) {
    expect_caught_by<HidesCompaction>("rule_6_forgotten_history_is_not_silence");
}

BOOST_AUTO_TEST_CASE(silence_in_an_outage_is_caught) {
    expect_caught_by<HidesCompaction>("rule_6_outage_is_not_silence");
}

BOOST_AUTO_TEST_CASE(outage_that_looks_empty_is_caught) {
    expect_caught_by<CallsAnOutageEmpty>("rule_7_outage_is_unavailable_and_nothing_else");
    expect_caught_by<CallsAnOutageEmpty>("rule_7_silent_endpoint_is_unavailable");
}

BOOST_AUTO_TEST_CASE(outage_that_looks_gone_is_caught) {
    expect_caught_by<CallsAnOutageGone>("rule_7_outage_is_unavailable_and_nothing_else");
}

BOOST_AUTO_TEST_CASE(open_prefix_is_caught) {
    expect_caught_by<LeavesPrefixesOpen>("rule_8_siblings_do_not_see_each_other");
}

BOOST_AUTO_TEST_CASE(update_by_key_is_caught) {
    expect_caught_by<IgnoresCreated>("rule_9_update_needs_the_very_entry");
}

BOOST_AUTO_TEST_CASE(removal_by_key_is_caught) {
    expect_caught_by<RemovesByKey>("rule_9_remove_needs_the_very_entry");
}

BOOST_AUTO_TEST_CASE(watch_that_goes_on_is_caught) {
    expect_caught_by<KeepsWatching>("rule_10_dropped_watch_falls_silent");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
