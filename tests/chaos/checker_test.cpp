// The checker of chaos runs: what is sound passes, and each check finds what is planted for it.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>

#include "tests/chaos/sound_history.hpp"

namespace tenure::chaos {
namespace {

// The checks that find something, after this was done to a sound history.
std::vector<std::string> found_after(const std::function<void(History&)>& plant) {
    History history = sound_history();
    plant(history);
    std::vector<std::string> found;
    for (const Check& each : check(history, {})) {
        if (!each.violations.empty()) found.push_back(each.name);
    }
    return found;
}

using Names = std::vector<std::string>;

// Bob's leadership, the second one.
Leading& bobs(History& history) {
    return history.leadings.at(1);
}

Life& life_of(History& history, const LifeId& id) {
    return *std::ranges::find(history.lives, id, &Life::id);
}

BOOST_AUTO_TEST_SUITE(chaos_checker)

BOOST_AUTO_TEST_CASE(a_sound_history_passes_and_every_check_has_something_to_look_at) {
    for (const Check& each : check(sound_history(), {})) {
        BOOST_TEST_INFO_SCOPE(each.name << ": "
                                        << (each.violations.empty() ? "" : each.violations[0]));
        BOOST_TEST(each.violations.empty());
        BOOST_TEST(each.looked_at > 0u);
    }
}

BOOST_AUTO_TEST_CASE(two_who_are_valid_at_once_are_found) {
    const auto found = found_after([](History& history) {
        history.leadings.push_back({cid, 9, sample(50s), sample(50s + 1ms), {{at(50s), at(52s)}}});
        // What it was by the token alone is another check's.
        bobs(history).last = sample(50s + 1ms);
    });
    BOOST_TEST((std::ranges::find(found, "one_leader") != found.end()));
}

BOOST_AUTO_TEST_CASE(one_sample_within_another_leadership_proves_no_overlap_in_time) {
    // A leader that was stopped between the two readings of the clock may have been valid long ago.
    const auto found = found_after([](History& history) {
        const Moment wide{at(19s), at(30s)};
        history.leadings.insert(history.leadings.begin(),
                                {cid, 3, wide, wide, {{at(19s), at(20s)}}});
        history.deposals.clear();
    });
    BOOST_TEST((std::ranges::find(found, "one_leader") == found.end()));
}

BOOST_AUTO_TEST_CASE(an_operators_hand_excuses_the_one_it_deposed_for_a_while_only) {
    const auto overlap_until = [](Duration end) {
        return found_after([&](History& history) { history.leadings[0].last = sample(end); });
    };
    BOOST_TEST(overlap_until(22s) == Names{}, boost::test_tools::per_element());
    const Names both{"one_leader", "deposed_in_time"};
    BOOST_TEST(overlap_until(29s) == both, boost::test_tools::per_element());
    // Not another one, and not without a hand.
    const auto without = found_after([](History& history) {
        history.leadings[0].last = sample(22s);
        history.deposals.clear();
    });
    BOOST_TEST(without == Names{"one_leader"}, boost::test_tools::per_element());
}

// Ann's entry is gone at 20 s, though her lease was renewed at 19 s, while the member slept.
BOOST_AUTO_TEST_CASE(a_member_that_wakes_up_excuses_only_whom_it_has_taken_the_lease) {
    const auto overlap = [](Instant woke_at, Instant renewed_at, bool is_old) {
        History history = sound_history();
        history.deposals.clear();
        history.leadings[0].last = sample(22s);
        history.leadings[0].leases = {{renewed_at, renewed_at + 4s}};
        history.faults.push_back({FaultKind::member_paused, "member-1", at(15s), woke_at});
        Limits limits;
        limits.sleepers_take_leases = is_old;
        return !one_leader(history, limits).violations.empty();
    };
    BOOST_TEST(!overlap(at(20s), at(19s), true));
    BOOST_TEST(overlap(at(20s), at(19s), false));
    BOOST_TEST(overlap(at(18s), at(17s), true));
    BOOST_TEST(overlap(at(20s), at(14s), true));
}

BOOST_AUTO_TEST_CASE(what_hampers_the_news_prolongs_the_excuse) {
    const auto found = found_after([](History& history) {
        history.leadings[0].last = sample(33s);
        history.faults.push_back({FaultKind::candidate_silent, "ann", at(18s), at(27s)});
    });
    BOOST_TEST(found == Names{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_deed_that_may_have_come_to_nothing_demands_nothing) {
    const auto found = found_after([](History& history) {
        history.deposals[0].done = false;
        history.leadings[0].last = sample(30s);
        bobs(history).first = sample(31s);
    });
    BOOST_TEST((std::ranges::find(found, "deposed_in_time") == found.end()));
}

BOOST_AUTO_TEST_CASE(a_smaller_token_after_a_greater_one_is_found) {
    const auto found = found_after([](History& history) {
        bobs(history).last = sample(49s);
        history.leadings.push_back({ann, 6, sample(50s), sample(99s), {{at(50s), at(99s)}}});
        history.told.push_back({ann, at(99s), Told::Kind::leader, 6});
        history.told.push_back({bob, at(99s), Told::Kind::leader, 6});
    });
    BOOST_TEST(found == Names{"tokens_grow"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_token_of_two_is_found) {
    const auto found = found_after([](History& history) {
        bobs(history).last = sample(49s);
        history.leadings.push_back({cid, 7, sample(50s), sample(99s), {{at(50s), at(99s)}}});
    });
    BOOST_TEST(found == Names{"tokens_grow"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_leadership_that_rises_from_the_dead_is_found) {
    const auto found = found_after([](History& history) {
        history.revivals.push_back({bob, at(40s), Told::Kind::elected, 7});
    });
    BOOST_TEST(found == Names{"over_is_over"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(two_elected_in_a_row_are_found) {
    const auto found = found_after([](History& history) {
        std::erase_if(history.told, [](const Told& told) {
            return told.id == ann && told.kind == Told::Kind::unelected;
        });
        history.told.push_back({ann, at(50s), Told::Kind::elected, 8});
    });
    BOOST_TEST(found == Names{"turns_alternate"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(elected_with_a_token_that_is_not_new_is_found) {
    const auto found = found_after([](History& history) {
        history.told.push_back({ann, at(50s), Told::Kind::elected, 5});
    });
    BOOST_TEST(found == Names{"turns_alternate"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_old_write_that_the_ledger_accepted_is_found) {
    const auto found = found_after([](History& history) {
        history.writes.push_back({at(60s), ann, 5, true});
    });
    BOOST_TEST(found == Names{"ledger_refuses_old"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_write_with_a_token_that_nobody_won_is_found) {
    const auto found = found_after([](History& history) {
        history.writes.push_back({at(99s), cid, 7, true});
    });
    BOOST_TEST(found == Names{"ledger_knows_the_winner"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_calm_time_without_a_leader_is_found) {
    const auto found = found_after([](History& history) {
        bobs(history).last = sample(64s);
        history.leadings.push_back({ann, 11, sample(65s + 20s + 1ms), sample(100s), {}});
        history.told.push_back({ann, at(99s), Told::Kind::leader, 11});
        history.told.push_back({bob, at(99s), Told::Kind::leader, 11});
    });
    BOOST_TEST(found == Names{"led_in_time"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_run_without_a_calm_time_has_shown_nothing) {
    const auto found = found_after([](History& history) {
        for (Duration each = 0s; each < 100s; each += 10s) {
            history.faults.push_back({FaultKind::compacted, "etcd", at(each), at(each)});
        }
    });
    BOOST_TEST(found == Names{"led_in_time"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_who_names_another_leader_in_the_end_is_found) {
    const auto found = found_after([](History& history) {
        history.told.push_back({ann, at(90s), Told::Kind::leader, 0});
    });
    BOOST_TEST(found == Names{"all_agree"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_entry_that_outlives_its_candidate_is_found) {
    const auto entry_until = [](Duration end) {
        return found_after([&](History& history) {
            for (Look& look : history.looks) {
                const bool is_new = look.asked >= at(34s) && look.asked < at(end);
                if (is_new && look.succeeded) look.entries.push_back({cid, 9});
            }
        });
    };
    BOOST_TEST(entry_until(36s) == Names{}, boost::test_tools::per_element());
    BOOST_TEST(entry_until(37s) == Names{"no_ghosts"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_new_leader_of_etcd_gives_an_entry_its_time_again) {
    const auto entry_until = [](Duration end) {
        return found_after([&](History& history) {
            life_of(history, cid).to = at(59s);
            for (Look& look : history.looks) {
                const bool is_new = look.asked >= at(34s) && look.asked < at(end);
                if (is_new && look.succeeded) look.entries.push_back({cid, 9});
            }
            for (Duration sign = 30s; sign < 59s; sign += 500ms)
                history.beats.push_back({cid, at(sign)});
        });
    };
    BOOST_TEST(entry_until(68s) == Names{}, boost::test_tools::per_element());
    BOOST_TEST(entry_until(69s) == Names{"no_ghosts"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_line_held_back_counts_from_when_it_was_delivered) {
    const auto silent_until = [](Duration end) {
        return found_after([&](History& history) {
            for (Look& look : history.looks) {
                if (look.asked >= at(34s) && look.asked < at(45s)) look.entries.push_back({cid, 9});
            }
            history.faults.push_back({FaultKind::candidate_silent, "cid", at(28s), at(end)});
        });
    };
    BOOST_TEST(silent_until(40s) == Names{}, boost::test_tools::per_element());
    BOOST_TEST(silent_until(35s) == Names{"no_ghosts"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(entries_that_are_left_behind_are_found) {
    const Names left{"nothing_left"};
    BOOST_TEST(found_after([](History& history) { history.entries_left = 1; }) == left,
               boost::test_tools::per_element());
    BOOST_TEST(found_after([](History& history) { history.entries_left.reset(); }) == left,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(processes_that_end_otherwise_than_they_should_are_found) {
    const Names died{"nobody_died"};
    const auto ended = [](Life::End end, int status) {
        return found_after([&](History& history) {
            life_of(history, ann).end = end;
            life_of(history, ann).status = status;
        });
    };
    BOOST_TEST(ended(Life::End::by_itself, 0) == died, boost::test_tools::per_element());
    BOOST_TEST(ended(Life::End::too_late, -9) == died, boost::test_tools::per_element());
    BOOST_TEST(ended(Life::End::in_order, 1) == died, boost::test_tools::per_element());
    BOOST_TEST(ended(Life::End::none, 0) == died, boost::test_tools::per_element());
    const auto lost = found_after(
        [](History& history) { history.others_lost.emplace_back("member-1 ended by itself"); });
    BOOST_TEST(lost == died, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_process_that_hangs_is_found) {
    const auto silent = [](const LifeId& id, Duration from, Duration to) {
        return found_after([&](History& history) {
            std::erase_if(history.beats, [&](const Beat& beat) {
                return beat.id == id && beat.at > at(from) && beat.at < at(to);
            });
        });
    };
    BOOST_TEST(silent(ann, 40s, 44s) == Names{}, boost::test_tools::per_element());
    BOOST_TEST(silent(ann, 40s, 46s) == Names{"nobody_hung"}, boost::test_tools::per_element());
    // It was stopped for three seconds of that.
    BOOST_TEST(silent(bob, 28s, 35s) == Names{}, boost::test_tools::per_element());
    BOOST_TEST(silent(bob, 28s, 38s) == Names{"nobody_hung"}, boost::test_tools::per_element());
    // To the end, too, and from the beginning.
    BOOST_TEST(silent(ann, 90s, 100s) == Names{"nobody_hung"}, boost::test_tools::per_element());
    BOOST_TEST(silent(ann, -1s, 7s) == Names{"nobody_hung"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(leaks_are_found) {
    const auto has = [](auto change) {
        return found_after([&](History& history) {
            for (Belongings& each : history.belongings) {
                if (each.id == bob && each.when == Belongings::When::after) change(each);
            }
        });
    };
    const Names leaked{"nothing_leaked"};
    BOOST_TEST(has([](Belongings& each) { each.resident_kilobytes = 21'000; }) == leaked,
               boost::test_tools::per_element());
    BOOST_TEST(has([](Belongings& each) { each.descriptors = 25; }) == leaked,
               boost::test_tools::per_element());
    BOOST_TEST(has([](Belongings& each) { each.connections = 10; }) == leaked,
               boost::test_tools::per_element());
    BOOST_TEST(has([](Belongings& each) { each.descriptors = 22; }) == Names{},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tenure::chaos
