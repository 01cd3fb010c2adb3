// Entries, each call one transaction. The order is etcd's create revision.
#include <algorithm>
#include <utility>

#include "backends/etcd/v3/engine.hpp"
#include "backends/etcd/v3/json_call.hpp"
#include "backends/etcd/v3/layout.hpp"

namespace tenure::etcd::detail::v3 {
namespace {

Range all_of(const std::string& prefix, Range::Sort sort) {
    return {.key = first_key_of(prefix), .range_end = end_of_keys_of(prefix), .sort = sort};
}

Range first_of(const std::string& prefix) {
    Range range = all_of(prefix, Range::Sort::oldest_first);
    range.limit = 1;
    return range;
}

Range newest_of(const std::string& prefix, std::int64_t limit) {
    Range range = all_of(prefix, Range::Sort::newest_first);
    range.limit = limit;
    return range;
}

std::optional<Entry> only(const RangeAnswer& answer) {
    if (answer.entries.empty()) return std::nullopt;
    return to_entry(answer.entries.front());
}

// An election named `a/b` keeps its entries in the midst of those of one named `a`.
bool has_strangers(const std::string& prefix, const std::vector<KeyValue>& entries) {
    return !std::ranges::all_of(entries,
                                [&](const KeyValue& kv) { return is_entry_of(prefix, kv.key); });
}

std::vector<Entry> own_entries(const std::string& prefix, const std::vector<KeyValue>& found) {
    std::vector<Entry> entries;
    for (const KeyValue& kv : found) {
        if (is_entry_of(prefix, kv.key)) entries.push_back(to_entry(kv));
    }
    return entries;
}

// The entry was made: that the read after it was refused must not say that it was not.
Reply<Standing> after_entering(Reply<Standing> reply) {
    return [reply = std::move(reply)](result<Standing> standing) {
        if (!standing && standing.error().code == condition::refused) {
            return reply(Error(errc::bad_answer, standing.error().message()));
        }
        reply(std::move(standing));
    };
}

const std::string& key_of(const Operation& operation) {
    return std::visit([](const auto& each) -> const std::string& { return each.key; }, operation);
}

// What a role has to allow.
std::string wish_of(const Transaction& transaction) {
    const bool writes = std::ranges::any_of(transaction.then, [](const Operation& operation) {
        return !std::holds_alternative<Range>(operation);
    });
    const std::string& key = key_of(transaction.then.front());
    return std::string(writes ? "to read and write" : "to read") + " keys that begin with " +
           quote(key.substr(0, key.rfind('/') + 1));
}

Error changed(const Entry& entry) {
    return {errc::entry_changed, "the entry '" + entry.key + "' is gone or another one"};
}

}  // namespace

void Engine::transact(const Transaction& transaction, Repeat repeat, TakeTransaction take,
                      std::function<void(Error)> fail) {
    caller_->start(
        {.path = "/v3/kv/txn",
         .body = encode(transaction),
         .take = [take, then = transaction.then.size(), otherwise = transaction.otherwise.size(),
                  is_conditional = transaction.condition.has_value()](
                     std::string_view body) -> std::optional<Error> {
             auto answer = decode_transaction(body);
             if (!answer) return answer.error();
             const bool is_whole =
                 answer->operations.size() == (answer->succeeded ? then : otherwise);
             if (!is_whole || !(answer->succeeded || is_conditional)) {
                 return Error(errc::bad_answer, "left out parts of its answer");
             }
             take(std::move(*answer));
             return std::nullopt;
         },
         .fail = std::move(fail),
         .wish = wish_of(transaction),
         .repeatable = repeat == Repeat::allowed});
}

// The key is made of the lease: asking again finds the entry that the first asking has made.
void Engine::create(NewEntry entry, Reply<Entry> reply) {
    const std::string key = key_of(entry.prefix, entry.lease);
    Transaction transaction{
        .condition = CreatedAt{.key = key},
        .then = {Put{.key = key, .value = entry.value, .lease = to_integer(entry.lease)}},
        .otherwise = {Range{.key = key}}};
    transact(
        transaction, Repeat::allowed,
        [key, entry, reply](const TransactionAnswer& answer) {
            if (answer.succeeded) {
                return reply(Entry{key, entry.value, entry.lease, Revision{answer.revision}});
            }
            const auto standing = only(answer.operations.front());
            if (!standing || standing->lease != entry.lease) {
                return reply(Error(errc::refused, "the key '" + key + "' belongs to another"));
            }
            reply(*standing);
        },
        [reply](Error error) { reply(std::move(error)); });
}

void Engine::enter(NewEntry entry, Reply<Standing> reply) {
    const std::string key = key_of(entry.prefix, entry.lease);
    // A new key is the newest of all, and the one ahead of it the second newest.
    Transaction transaction{
        .condition = CreatedAt{.key = key},
        .then = {Put{.key = key, .value = entry.value, .lease = to_integer(entry.lease)},
                 first_of(entry.prefix), newest_of(entry.prefix, 2)},
        .otherwise = {Range{.key = key}}};
    transact(
        transaction, Repeat::allowed,
        [weak = weak_from_this(), key, entry, reply](const TransactionAnswer& answer) {
            const auto self = weak.lock();
            if (!self) return;
            if (!answer.succeeded) {
                auto own = only(answer.operations.front());
                if (!own || own->lease != entry.lease) {
                    return reply(Error(errc::refused, "the key '" + key + "' belongs to another"));
                }
                return self->standing(entry.prefix, std::move(*own), after_entering(reply));
            }
            Entry own{key, entry.value, entry.lease, Revision{answer.revision}};
            const auto& newest = answer.operations[2].entries;
            if (has_strangers(entry.prefix, newest) ||
                has_strangers(entry.prefix, answer.operations[1].entries)) {
                return self->standing_among_all(entry.prefix, std::move(own),
                                                after_entering(reply));
            }
            Standing standing;
            standing.first = only(answer.operations[1]);
            if (newest.size() > 1) standing.predecessor = to_entry(newest[1]);
            standing.own = std::move(own);
            standing.revision = Revision{answer.revision};
            reply(std::move(standing));
        },
        [reply](Error error) { reply(std::move(error)); });
}

void Engine::standing(std::string prefix, Entry own, Reply<Standing> reply) {
    Range ahead = newest_of(prefix, 1);
    ahead.max_create_revision = to_integer(own.created) - 1;
    // Revision 0 would be no bound at all, and nothing was created at revision 1.
    if (ahead.max_create_revision < 1) ahead.max_create_revision = 1;
    Transaction transaction;
    transaction.then = {Range{.key = own.key}, first_of(prefix), std::move(ahead)};
    transact(
        transaction, Repeat::allowed,
        [weak = weak_from_this(), prefix, own, reply](const TransactionAnswer& answer) {
            const auto self = weak.lock();
            if (!self) return;
            if (has_strangers(prefix, answer.operations[1].entries) ||
                has_strangers(prefix, answer.operations[2].entries)) {
                return self->standing_among_all(prefix, own, reply);
            }
            Standing standing;
            standing.own = only(answer.operations[0]);
            if (standing.own && standing.own->created != own.created) standing.own.reset();
            standing.first = only(answer.operations[1]);
            standing.predecessor = only(answer.operations[2]);
            standing.revision = Revision{answer.revision};
            reply(std::move(standing));
        },
        [reply](Error error) { reply(std::move(error)); });
}

// For the rare election below which another one is named: who is nearest cannot be asked of
// etcd then, only picked out.
void Engine::standing_among_all(const std::string& prefix, Entry own, Reply<Standing> reply) {
    list({.prefix = prefix}, [own, reply](result<Listing> listing) {
        if (!listing) return reply(listing.error());
        Standing standing;
        standing.revision = listing->revision;
        for (const Entry& entry : listing->entries) {
            if (!standing.first) standing.first = entry;
            if (entry.created < own.created) standing.predecessor = entry;
            if (entry.created == own.created && entry.key == own.key) standing.own = entry;
        }
        reply(std::move(standing));
    });
}

void Engine::list(const ListQuery& query, Reply<Listing> reply) {
    const bool is_ascending = query.order == Order::ascending;
    Range range =
        all_of(query.prefix, is_ascending ? Range::Sort::oldest_first : Range::Sort::newest_first);
    range.limit = static_cast<std::int64_t>(query.limit);
    if (query.before) {
        range.max_create_revision = std::max<std::int64_t>(to_integer(*query.before) - 1, 1);
    }
    Transaction transaction;
    transaction.then.emplace_back(std::move(range));
    transact(
        transaction, Repeat::allowed,
        [weak = weak_from_this(), query, reply](const TransactionAnswer& answer) {
            const auto self = weak.lock();
            if (!self) return;
            const auto& found = answer.operations.front().entries;
            if (query.limit > 0 && has_strangers(query.prefix, found)) {
                ListQuery unlimited = query;
                unlimited.limit = 0;
                return self->list(unlimited, [limit = query.limit, reply](result<Listing> all) {
                    if (all && all->entries.size() > limit) all->entries.resize(limit);
                    reply(std::move(all));
                });
            }
            reply(Listing{.entries = own_entries(query.prefix, found),
                          .revision = Revision{answer.revision}});
        },
        [reply](Error error) { reply(std::move(error)); });
}

// Not repeated by itself: a first sending that arrives late would undo a later update.
void Engine::update(const Entry& entry, std::string value, Reply<Revision> reply) {
    Transaction transaction;
    transaction.condition = CreatedAt{entry.key, to_integer(entry.created)};
    transaction.then = {Put{entry.key, std::move(value), to_integer(entry.lease)}};
    transact(
        transaction, Repeat::forbidden,
        [entry, reply](const TransactionAnswer& answer) {
            if (!answer.succeeded) return reply(changed(entry));
            reply(Revision{answer.revision});
        },
        [reply](Error error) { reply(std::move(error)); });
}

void Engine::remove(const Entry& entry, Reply<void> reply) {
    Transaction transaction;
    transaction.condition = CreatedAt{entry.key, to_integer(entry.created)};
    transaction.then = {Delete{entry.key}};
    transact(
        transaction, Repeat::allowed, [reply](const TransactionAnswer&) { reply({}); },
        [reply](Error error) { reply(std::move(error)); });
}

// Not repeated by itself, for the same reason as `update`.
void Engine::guarded_put(GuardedPut put, Reply<Revision> reply) {
    Transaction transaction;
    transaction.condition = CreatedAt{put.entry.key, to_integer(put.entry.created)};
    transaction.then = {Put{.key = put.key, .value = put.value}};
    transact(
        transaction, Repeat::forbidden,
        [entry = put.entry, reply](const TransactionAnswer& answer) {
            if (!answer.succeeded) return reply(changed(entry));
            reply(Revision{answer.revision});
        },
        [reply](Error error) { reply(std::move(error)); });
}

}  // namespace tenure::etcd::detail::v3
