// Rules 2, 3, 5, 8 and 9: what entries are there, in which order, and who may change them.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <tenure/conformance/trial.hpp>
#include <vector>

namespace tenure::conformance {
namespace detail {

inline void list_sees_what_is_done(Trial& trial) {
    const Entry entry = trial.join("first");
    const ListQuery all{.prefix = trial.prefix()};
    const auto listed = trial.list_on(trial.other(), all).entries;
    Trial::require(listed.size() == 1 && trial.is_same(listed.front(), entry),
                   "a list does not show an entry that was created before it began");
    Trial::require(trial.list(all).entries == std::vector{entry},
                   "a list does not show its own client's entry");
    Trial::value_of(trial.update(entry, "second"), "update");
    const auto updated = trial.list_on(trial.other(), all).entries;
    Trial::require(updated.size() == 1 && updated.front().value == "second",
                   "a list does not show a value that was updated before it began");
    Trial::require(updated.front().created == entry.created, "an update has moved the entry");
    Trial::value_of(trial.remove(entry), "remove");
    Trial::require(trial.list_on(trial.other(), all).entries.empty(),
                   "a list shows an entry that was removed before it began");
}

inline void unused_prefix_is_an_empty_list(Trial& trial) {
    Trial::require(trial.list({.prefix = trial.prefix()}).entries.empty(),
                   "a prefix that nobody has used has entries");
}

inline void list_obeys_before_limit_and_order(Trial& trial) {
    std::vector<Entry> entries;
    for (const char* value : {"a", "b", "c", "d"})
        entries.push_back(trial.join(value));
    const auto expect = [&](const ListQuery& query, const std::string& values,
                            std::string_view words) {
        std::string shown;
        for (const Entry& entry : trial.list(query).entries)
            shown += entry.value;
        Trial::require(shown == values, std::string(words) + " shows " + shown + ", not " + values);
    };
    const auto third = entries[2].created;
    const auto down = Order::descending;
    const auto& name = trial.prefix();
    expect({name}, "abcd", "list");
    expect({.prefix = name, .limit = 2}, "ab", "list with a limit");
    expect({.prefix = name, .limit = 9}, "abcd", "list with a limit above all");
    expect({.prefix = name, .order = down}, "dcba", "descending list");
    expect({.prefix = name, .limit = 1, .order = down}, "d", "descending list with a limit");
    expect({.prefix = name, .before = third}, "ab", "list before the third");
    expect({.prefix = name, .before = third, .limit = 1}, "a",
           "list before the third with a limit");
    expect({.prefix = name, .before = third, .order = down}, "ba",
           "descending list before the third");
    expect({.prefix = name, .before = third, .limit = 1, .order = down}, "b",
           "who is just ahead of the third");
    expect({.prefix = name, .before = entries[0].created}, "", "list before the first");
}

inline void standing_agrees_with_the_list(Trial& trial) {
    const Entry first = trial.join("first");
    const Entry second = trial.join("second");
    const Entry third = trial.join("third");
    auto standing = trial.standing(trial.prefix(), third);
    Trial::require(
        standing.own == third && standing.predecessor == second && standing.first == first,
        "standing of the third of three is wrong");
    standing = trial.standing(trial.prefix(), first);
    Trial::require(standing.own == first && !standing.predecessor && standing.first == first,
                   "standing of the first is wrong");
    Trial::value_of(trial.remove(second), "remove");
    standing = trial.standing(trial.prefix(), third);
    Trial::require(standing.own == third && standing.predecessor == first,
                   "standing does not see that the predecessor has gone");
    standing = trial.standing(trial.prefix(), second);
    Trial::require(!standing.own, "standing shows an own entry that is gone");
    Trial::require(standing.predecessor == first, "standing without an own entry is wrong");
}

inline void values_are_kept_byte_for_byte(Trial& trial) {
    std::string binary;
    for (int byte = 0; byte < 256; ++byte)
        binary += static_cast<char>(byte);
    std::string large(trial.limits().largest_value, 'x');
    for (const std::string& value : {std::string(), binary, large}) {
        const std::string words = "a value of " + std::to_string(value.size()) + " bytes";
        if (value == binary && !trial.can(Capability::binary_values)) {
            Trial::require_error(trial.try_create({trial.prefix(), value, trial.lasting_lease()}),
                                 errc::refused, "create with " + words);
            Trial::require(trial.list({.prefix = trial.prefix()}).entries.empty(),
                           words + " was refused, and is there");
            continue;
        }
        const Entry entry = trial.join(value);
        Trial::require(entry.value == value, words + " is answered differently");
        const auto listed = trial.list({.prefix = trial.prefix()}).entries;
        Trial::require(listed == std::vector{entry}, words + " is listed differently");
        Trial::value_of(trial.remove(entry), "remove");
    }
}

inline void created_grows(Trial& trial) {
    const Entry first = trial.join("first");
    const Entry second = trial.join("second");
    Trial::require(first.created > Revision{}, "an entry was created at revision 0");
    Trial::require(second.created > first.created, "a later entry is not behind the earlier one");
    Trial::require(second.key != first.key, "two leases share a key");
}

inline void created_is_never_reused(Trial& trial) {
    const LeaseId lease = trial.lasting_lease();
    Revision last{};
    for (int round = 0; round < 3; ++round) {
        const Entry entry = trial.create({trial.prefix(), "again", lease});
        Trial::require(entry.created > last,
                       "an entry was created with a revision that an earlier one had");
        last = entry.created;
        Trial::value_of(trial.remove(entry), "remove");
    }
    const Entry entry = trial.join("other");
    Trial::require(entry.created > last, "a revision is reused under another lease");
    Trial::value_of(trial.revoke(entry.lease), "revoke_lease");
    Trial::require(trial.join("last").created > entry.created,
                   "a revision is reused after a lease was revoked");
}

/// A reader lists again and again while a hundred are created.
inline void nothing_appears_ahead_of_what_was_shown(Trial& trial) {
    constexpr std::size_t many = 100;
    std::vector<LeaseId> leases;
    for (std::size_t i = 0; i < many; ++i)
        leases.push_back(trial.lasting_lease());
    std::set<Revision> shown;
    std::vector<Replies<Entry>> created(many);
    const auto look = [&] {
        const Revision newest = shown.empty() ? Revision{} : *shown.rbegin();
        const auto listing = trial.list({.prefix = trial.prefix()});
        for (const Entry& entry : listing.entries) {
            Trial::require(shown.contains(entry.created) || entry.created > newest,
                           "an entry appeared ahead of one that a list had shown already");
            shown.insert(entry.created);
        }
        Trial::require(std::ranges::is_sorted(listing.entries, {}, &Entry::created),
                       "a list is not in the order of creation");
    };
    for (std::size_t i = 0; i < many; ++i) {
        auto& client = i % 2 == 0 ? trial.store() : trial.peer();
        client.create({trial.prefix(), "value", leases[i]}, created[i].reply());
        if (i % 5 == 0) look();
    }
    for (const auto& one : created)
        Trial::value_of(trial.answer(one, "create"), "create");
    look();
    Trial::require(shown.size() == many, "a hundred entries were created, but " +
                                             std::to_string(shown.size()) + " are listed");
}

inline void create_twice_gives_the_first_entry(Trial& trial) {
    const LeaseId lease = trial.lasting_lease();
    const Entry first = trial.create({trial.prefix(), "first", lease});
    const Entry second = trial.create({trial.prefix(), "second", lease});
    Trial::require(second == first, "create twice under one lease does not give the first entry");
    const Standing standing = trial.enter({trial.prefix(), "third", lease});
    Trial::require(standing.own == first, "enter after create does not give the first entry");
    Trial::require(trial.list({.prefix = trial.prefix()}).entries == std::vector{first},
                   "create twice under one lease has left a ghost in line");
    const Entry elsewhere = trial.create({trial.prefix() + "-elsewhere", "", lease});
    Trial::require(elsewhere.key != first.key, "one lease has the same key in two elections");
}

inline void create_at_once_gives_one_entry(Trial& trial) {
    const LeaseId lease = trial.lasting_lease();
    std::vector<Replies<Entry>> created(10);
    for (std::size_t i = 0; i < created.size(); ++i) {
        auto& client = i % 2 == 0 ? trial.store() : trial.peer();
        client.create({trial.prefix(), std::to_string(i), lease}, created[i].reply());
    }
    std::vector<Entry> entries;
    for (const auto& one : created)
        entries.push_back(Trial::value_of(trial.answer(one, "create"), "create"));
    Trial::require(trial.list({.prefix = trial.prefix()}).entries == std::vector{entries.front()},
                   "ten creates at once under one lease have left other than one entry");
    Trial::require(std::ranges::count(entries, entries.front()) == 10,
                   "ten creates at once under one lease were answered with different entries");
}

inline void lost_reply_leaves_no_ghost(Trial& trial) {
    trial.need(Capability::shared_leases);
    const LeaseId lease = trial.lasting_lease();
    auto client = trial.fixture().open();
    client->create({trial.prefix(), "lost", lease}, [](const result<Entry>&) {});
    client.reset();
    const Entry entry = trial.create({trial.prefix(), "again", lease});
    trial.fence();
    const auto listed = trial.list({.prefix = trial.prefix()}).entries;
    Trial::require(listed == std::vector{entry}, "a create whose reply was lost has left a ghost");
}

inline void siblings_do_not_see_each_other(Trial& trial) {
    const std::string base = trial.prefix();
    const std::vector<std::string> names{base + "/b",  base + "/bc", base + "/b c",
                                         base + "/b-", base + "/B",  base + "/b\xc3\xa4"};
    for (const std::string& name : names) {
        const LeaseId lease = trial.lasting_lease();
        const Standing standing = trial.enter({name, name, lease});
        Trial::require(standing.own.has_value() && !standing.predecessor,
                       "'" + name + "' sees the entry of a sibling ahead of its own");
    }
    for (const std::string& name : names) {
        const auto listed = trial.list({.prefix = name}).entries;
        Trial::require(listed.size() == 1 && listed.front().value == name,
                       "'" + name + "' shows the entries of a sibling, or not its own");
    }
}

inline void update_needs_the_very_entry(Trial& trial) {
    const LeaseId lease = trial.lasting_lease();
    const Entry old = trial.create({trial.prefix(), "old", lease});
    Trial::value_of(trial.update(old, "older"), "update");
    Trial::value_of(trial.update(old, "oldest"), "a second update");
    Trial::value_of(trial.remove(old), "remove");
    const Entry next = trial.create({trial.prefix(), "next", lease});
    Trial::require_error(trial.update(old, "ghost"), errc::entry_changed, "update of an old entry");
    Trial::require(trial.list({.prefix = trial.prefix()}).entries == std::vector{next},
                   "an update of an old entry has changed a later one");
    Entry wrong = next;
    wrong.created = Revision{to_integer(next.created) - 1};
    Trial::require_error(trial.update(wrong, "ghost"), errc::entry_changed,
                         "update with another revision");
}

inline void remove_needs_the_very_entry(Trial& trial) {
    const LeaseId lease = trial.lasting_lease();
    const Entry old = trial.create({trial.prefix(), "old", lease});
    Trial::value_of(trial.remove(old), "remove");
    Trial::value_of(trial.remove(old), "remove of what is not there");
    const Entry next = trial.create({trial.prefix(), "next", lease});
    Trial::value_of(trial.remove(old), "remove of an entry that a later one has followed");
    Trial::require(trial.list({.prefix = trial.prefix()}).entries == std::vector{next},
                   "remove of an old entry has removed a later one");
    Trial::require(trial.update(next, "new").has_value(),
                   "an entry that stands can not be updated");
    Trial::value_of(trial.remove(next), "remove after an update");
    Trial::require(trial.list({.prefix = trial.prefix()}).entries.empty(),
                   "remove after an update has left the entry");
}

inline void guarded_put_needs_the_entry(Trial& trial) {
    trial.need(Capability::guarded_puts);
    const Entry entry = trial.join("leader");
    const auto put = [&](const Entry& guard) {
        return trial.ask<Revision>("guarded_put", [&](auto reply) {
            trial.store().guarded_put({guard, trial.prefix() + "-guarded", "value"},
                                      std::move(reply));
        });
    };
    const Revision written = Trial::value_of(put(entry), "guarded_put");
    Trial::require(written > entry.created, "a guarded write has an old revision");
    Entry wrong = entry;
    wrong.created = Revision{to_integer(entry.created) - 1};
    Trial::require_error(put(wrong), errc::entry_changed, "guarded_put with another revision");
    Trial::value_of(trial.remove(entry), "remove");
    Trial::require_error(put(entry), errc::entry_changed, "guarded_put without the entry");
}

}  // namespace detail

inline std::vector<Case> entry_cases() {
    return {
        {2, "list_sees_what_is_done", detail::list_sees_what_is_done},
        {2, "unused_prefix_is_an_empty_list", detail::unused_prefix_is_an_empty_list},
        {2, "list_obeys_before_limit_and_order", detail::list_obeys_before_limit_and_order},
        {2, "standing_agrees_with_the_list", detail::standing_agrees_with_the_list},
        {2, "values_are_kept_byte_for_byte", detail::values_are_kept_byte_for_byte},
        {3, "created_grows", detail::created_grows},
        {3, "created_is_never_reused", detail::created_is_never_reused},
        {3, "nothing_appears_ahead_of_what_was_shown",
         detail::nothing_appears_ahead_of_what_was_shown},
        {5, "create_twice_gives_the_first_entry", detail::create_twice_gives_the_first_entry},
        {5, "create_at_once_gives_one_entry", detail::create_at_once_gives_one_entry},
        {5, "lost_reply_leaves_no_ghost", detail::lost_reply_leaves_no_ghost},
        {8, "siblings_do_not_see_each_other", detail::siblings_do_not_see_each_other},
        {9, "update_needs_the_very_entry", detail::update_needs_the_very_entry},
        {9, "remove_needs_the_very_entry", detail::remove_needs_the_very_entry},
        {9, "guarded_put_needs_the_entry", detail::guarded_put_needs_the_entry},
    };
}

}  // namespace tenure::conformance
