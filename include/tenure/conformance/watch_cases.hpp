// Rules 6 and 10: what watches report, and how they end.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <tenure/conformance/trial.hpp>
#include <vector>

namespace tenure::conformance {
namespace detail {

using Kind = Change::Kind;
using Scope = WatchTarget::Scope;

inline std::string describe(const std::vector<Change>& changes) {
    std::string words;
    for (const Change& change : changes) {
        const char* kinds[] = {"created", "updated", "removed"};
        words += std::string(words.empty() ? "" : ", ") + kinds[static_cast<int>(change.kind)] +
                 " '" + change.entry.value.substr(0, 20) + "'";
    }
    return words.empty() ? "nothing" : words;
}

inline void wait_for_changes(Trial& trial, const Watching& watching, std::size_t count) {
    const auto are_there = [&] { return Trial::changes_of(watching).size() >= count; };
    const bool in_time = trial.fixture().run_until(are_there, trial.limits().answer);
    Trial::require(in_time, "a watch should have reported " + std::to_string(count) +
                                " changes, but it was " + describe(Trial::changes_of(watching)));
}

/// The watch is open for certain once it has reported something; from then on each change comes
/// by itself, whatever a store does about those it missed before.
inline void every_change_is_reported_in_order(Trial& trial) {
    const LeaseId lease = trial.lasting_lease();
    const auto from = trial.list({.prefix = trial.prefix()}).revision;
    const auto watching = trial.watch(Scope::prefix, trial.prefix(), from);
    std::vector<Change> expected;
    const auto expect = [&](Kind kind, const Entry& entry, std::string value, Revision revision) {
        expected.push_back({kind, entry, revision});
        expected.back().entry.value = std::move(value);
    };
    const Entry first = trial.create({trial.prefix(), "0", lease});
    expect(Kind::created, first, "0", first.created);
    wait_for_changes(trial, watching, 1);
    for (const char* value : {"1", "2", "3"}) {
        const auto revision = Trial::value_of(trial.update(first, value), "update");
        expect(Kind::updated, first, value, revision);
    }
    const Entry second = trial.join("second");
    expect(Kind::created, second, "second", second.created);
    Trial::value_of(trial.remove(first), "remove");
    expect(Kind::removed, first, "", Revision{});
    Trial::value_of(trial.revoke(second.lease), "revoke_lease");
    expect(Kind::removed, second, "", Revision{});
    const Entry again = trial.create({trial.prefix(), "again", lease});
    expect(Kind::created, again, "again", again.created);

    wait_for_changes(trial, watching, expected.size());
    const auto heard = Trial::changes_of(watching);
    Trial::require(heard.size() == expected.size(),
                   "a watch reports more than has happened: " + describe(heard));
    for (std::size_t i = 0; i < heard.size(); ++i) {
        const bool was_removed = expected[i].kind == Kind::removed;
        Trial::require(
            heard[i].kind == expected[i].kind && heard[i].entry.key == expected[i].entry.key,
            "a watch reports the wrong change: " + describe(heard));
        Trial::require(was_removed || (trial.is_same(heard[i].entry, expected[i].entry) &&
                                       heard[i].revision == expected[i].revision),
                       "a watch reports another entry or revision than was answered");
        Trial::require(i == 0 || heard[i].revision > heard[i - 1].revision,
                       "the revisions of a watch do not grow");
    }
}

/// What has happened between a list and the watch from its revision is not lost, though a store
/// may leave out what was overtaken since.
inline void watch_from_a_list_misses_nothing(Trial& trial) {
    const LeaseId lease = trial.lasting_lease();
    for (const Scope scope : {Scope::key, Scope::prefix}) {
        const Entry entry = trial.create({trial.prefix(), "old", lease});
        const auto& name = scope == Scope::key ? entry.key : trial.prefix();
        const auto from = [&] { return trial.list({.prefix = trial.prefix()}).revision; };
        const auto expect = [&](const Watching& watching, Kind kind, const std::string& value) {
            const auto is_right = [&](const Change& last) {
                return last.kind == kind && last.entry.key == entry.key &&
                       (kind == Kind::removed || last.entry.value == value);
            };
            trial.wait(
                [&] {
                    const auto heard = Trial::changes_of(watching);
                    return !heard.empty() && is_right(heard.back());
                },
                "what happened between the list and the watch");
        };
        auto before = from();
        Trial::value_of(trial.update(entry, "new"), "update");
        expect(trial.watch(scope, name, before), Kind::updated, "new");
        before = from();
        Trial::value_of(trial.remove(entry), "remove");
        expect(trial.watch(scope, name, before), Kind::removed, "");
    }
    const Entry old = trial.create({trial.prefix(), "old", lease});
    Trial::value_of(trial.remove(old), "remove");
    const Entry next = trial.create({trial.prefix(), "next", lease});
    const auto watching = trial.watch(Scope::key, old.key, old.created);
    if (next.key != old.key) return wait_for_changes(trial, watching, 1);
    trial.wait(
        [&] {
            const auto heard = Trial::changes_of(watching);
            return !heard.empty() && heard.back().entry.created == next.created;
        },
        "an entry that was created again between the list and the watch");
}

inline void key_watch_hears_of_its_key_only(Trial& trial) {
    const Entry other = trial.join("other");
    const Entry entry = trial.join("value");
    const auto watching = trial.watch(Scope::key, entry.key, entry.created);
    Trial::value_of(trial.update(other, "new"), "update");
    trial.join("third");
    Trial::value_of(trial.update(entry, "new"), "update");
    wait_for_changes(trial, watching, 1);
    Trial::value_of(trial.remove(other), "remove");
    Trial::value_of(trial.remove(entry), "remove");
    wait_for_changes(trial, watching, 2);
    for (const Change& change : Trial::changes_of(watching)) {
        Trial::require(change.entry.key == entry.key, "a watch on one key reports another");
    }
}

inline void watch_hears_nothing_of_siblings(Trial& trial) {
    const std::string name = trial.prefix() + "/b";
    const auto from = trial.list({.prefix = name}).revision;
    const auto watching = trial.watch(Scope::prefix, name, from);
    for (const char* sibling : {"/bc", "/b-", "/b c", "/a", "/c"})
        trial.create({trial.prefix() + sibling, sibling, trial.lasting_lease()});
    const Entry own = trial.create({name, "own", trial.lasting_lease()});
    wait_for_changes(trial, watching, 1);
    Trial::require(trial.is_same(Trial::changes_of(watching).front().entry, own),
                   "a watch on a prefix reports the entry of a sibling");
}

inline void all_watchers_hear(Trial& trial) {
    const Entry entry = trial.join("value");
    std::vector<Watching> watchings;
    for (int i = 0; i < 100; ++i)
        watchings.push_back(trial.watch(Scope::key, entry.key, entry.created));
    Trial::value_of(trial.remove(entry), "remove");
    for (const Watching& watching : watchings)
        wait_for_changes(trial, watching, 1);
}

inline void watches_leave_nothing_behind(Trial& trial) {
    const Entry entry = trial.join("value");
    for (int i = 0; i < trial.limits().watches_in_a_row; ++i)
        trial.watch(Scope::key, entry.key, entry.created).watch.reset();
    const auto watching = trial.watch(Scope::key, entry.key, entry.created);
    Trial::value_of(trial.remove(entry), "remove");
    wait_for_changes(trial, watching, 1);
    Trial::require(Trial::changes_of(watching).front().kind == Kind::removed,
                   "a watch after many others reports the wrong change");
}

/// Either it fails, or it has found the end of the story elsewhere.
inline void forgotten_history_is_not_silence(Trial& trial) {
    const Entry entry = trial.join("value");
    Revision last{};
    for (const char* value : {"1", "2", "last"})
        last = Trial::value_of(trial.update(entry, value), "update");
    if (!trial.fixture().compact(last)) throw Skipped("the fixture has no hook to compact");
    const auto watching = trial.watch(Scope::key, entry.key, entry.created);
    trial.wait([&] { return watching.heard.count() > 0; }, "a word on the forgotten history");
    const auto heard = watching.heard.all();
    if (heard.back().has_error()) {
        Trial::require_error(heard.back(), errc::compacted, "a watch from forgotten history");
        trial.fence();
        Trial::require(watching.heard.count() == 1, "a watch goes on after its error");
    } else {
        Trial::require(heard.back()->entry.value == "last",
                       "a watch from forgotten history reports what is not the last change");
    }
    // Read again and watch from there, as the error asks for.
    const auto read = trial.list({.prefix = trial.prefix()});
    const auto now = trial.watch(Scope::key, entry.key, read.revision);
    Trial::value_of(trial.update(entry, "next"), "update");
    wait_for_changes(trial, now, 1);
}

inline void dropped_watch_falls_silent(Trial& trial) {
    const Entry entry = trial.join("value");
    auto dropped = trial.watch(Scope::key, entry.key, entry.created);
    const auto kept = trial.watch(Scope::key, entry.key, entry.created);
    Trial::value_of(trial.update(entry, "1"), "update");
    wait_for_changes(trial, dropped, 1);
    dropped.watch.reset();
    trial.fence();
    const auto heard = dropped.heard.count();
    Trial::value_of(trial.update(entry, "2"), "update");
    Trial::value_of(trial.remove(entry), "remove");
    trial.wait([&] { return Trial::has_heard_removal(kept); }, "a watch beside a dropped one");
    trial.fence();
    Trial::require(dropped.heard.count() == heard, "a dropped watch goes on reporting");
}

inline void watch_may_be_dropped_in_its_own_reply(Trial& trial) {
    struct Owner {
        std::mutex mutex;
        std::unique_ptr<Watch> watch;
        int replies = 0;
    };
    const auto owner = std::make_shared<Owner>();
    const Entry entry = trial.join("value");
    auto watch =
        trial.store().watch({Scope::key, entry.key, entry.created}, [owner](const result<Change>&) {
            std::unique_ptr<Watch> dropped;
            std::lock_guard lock(owner->mutex);
            dropped = std::move(owner->watch);
            ++owner->replies;
        });
    {
        std::lock_guard lock(owner->mutex);
        owner->watch = std::move(watch);
    }
    const auto count = [&] {
        std::lock_guard lock(owner->mutex);
        return owner->replies;
    };
    Trial::value_of(trial.update(entry, "1"), "update");
    trial.wait([&] { return count() > 0; }, "a change");
    trial.fence();
    Trial::value_of(trial.update(entry, "2"), "update");
    Trial::value_of(trial.remove(entry), "remove");
    trial.fence();
    Trial::require(count() == 1, "a watch that was dropped in its own reply goes on");
}

inline void watch_may_outlive_its_store(Trial& trial) {
    const Entry entry = trial.join("value");
    auto client = trial.fixture().open();
    const Replies<Change> heard;
    auto watch = client->watch({Scope::key, entry.key, entry.created}, heard.reply());
    client.reset();
    const auto at_the_end = heard.count();
    Trial::value_of(trial.remove(entry), "remove");
    trial.fence();
    watch.reset();
    Trial::require(heard.count() == at_the_end, "a watch goes on after the end of its store");
}

}  // namespace detail

inline std::vector<Case> watch_cases() {
    return {
        {6, "every_change_is_reported_in_order", detail::every_change_is_reported_in_order},
        {6, "watch_from_a_list_misses_nothing", detail::watch_from_a_list_misses_nothing},
        {6, "key_watch_hears_of_its_key_only", detail::key_watch_hears_of_its_key_only},
        {6, "all_watchers_hear", detail::all_watchers_hear},
        {6, "watches_leave_nothing_behind", detail::watches_leave_nothing_behind},
        {6, "forgotten_history_is_not_silence", detail::forgotten_history_is_not_silence},
        {8, "watch_hears_nothing_of_siblings", detail::watch_hears_nothing_of_siblings},
        {10, "dropped_watch_falls_silent", detail::dropped_watch_falls_silent},
        {10, "watch_may_be_dropped_in_its_own_reply",
         detail::watch_may_be_dropped_in_its_own_reply},
        {10, "watch_may_outlive_its_store", detail::watch_may_outlive_its_store},
    };
}

}  // namespace tenure::conformance
