// Entries: in-order keys in the election's directory. Their numbers are etcd's own index, so they
// are the order.
#include <algorithm>
#include <utility>

#include "backends/etcd/v2/engine.hpp"
#include "backends/etcd/v2/layout.hpp"
#include "text/utf8.hpp"

namespace tenure::etcd::detail::v2 {

using tenure::detail::take_code_point;

namespace {

constexpr int tries = 2;
constexpr int most_tries_against_renewals = 10;

// etcd answers in JSON, and would change what is not UTF-8 without a word.
bool is_text(std::string_view value) {
    while (!value.empty()) {
        if (!take_code_point(value)) return false;
    }
    return true;
}

Error not_text() {
    return {errc::refused, "the v2 keys API takes values of UTF-8 text only"};
}

Error changed(const Entry& entry) {
    return {errc::entry_changed, "the entry '" + entry.key + "' is gone or another one"};
}

bool is_entry(const Entry& entry, const std::string& path) {
    const std::int64_t number = number_of(parent_of(path), path);
    return number > 0 && number == to_integer(entry.created);
}

bool is_gone(const Error& error) {
    return error.code == errc::entry_changed;
}

// An entry was made: no later failure may say that it was not.
Error unknown(const Error& error) {
    if (error.code != condition::refused) return error;
    return {errc::bad_answer, error.message()};
}

}  // namespace

// One that somebody has made anew, in the place of ours, is not ours.
Entry Engine::entry_of(const Node& node) {
    const std::int64_t number = number_of(parent_of(node.key), node.key);
    Entry entry = to_entry(node, number);
    const auto held = leases_.find_entry(node.key);
    if (held.lease != nullptr && node.created == number) entry.lease = held.lease->id;
    return entry;
}

Engine::Contents Engine::contents_of(const std::string& directory, const Answer& answer) {
    Contents contents{.nodes = {}, .index = answer.index};
    for (const Node& node : answer.children) {
        if (!node.is_directory && number_of(directory, node.key) > 0) {
            contents.nodes.push_back(node);
        }
    }
    std::ranges::sort(contents.nodes, {}, &Node::key);
    return contents;
}

// A directory as it is once ghosts of ours are gone from it. One that is not there is empty.
void Engine::read(const std::string& directory, TakeContents take, Fail fail) {
    call(
        ask_to_read(directory),
        [this, directory, take = std::move(take), fail](const Answer& answer) {
            if (answer.outcome == Answer::Outcome::done && !answer.node.is_directory) {
                return fail(Error(errc::refused, "'" + directory +
                                                     "' is a key with a value in etcd, not an "
                                                     "election"));
            }
            sweep(directory, contents_of(directory, answer), tries, take, fail);
        },
        fail);
}

void Engine::list(const ListQuery& query, Reply<Listing> reply) {
    const auto directory = directory_of(query.prefix);
    if (!directory) return reply(directory.error());
    read(
        *directory,
        [this, query, reply](const Contents& contents) {
            Listing listing{.entries = {}, .revision = Revision{contents.index}};
            for (const Node& node : contents.nodes) {
                Entry entry = entry_of(node);
                if (!query.before || entry.created < *query.before) {
                    listing.entries.push_back(std::move(entry));
                }
            }
            if (query.order == Order::descending) std::ranges::reverse(listing.entries);
            if (query.limit > 0 && listing.entries.size() > query.limit) {
                listing.entries.resize(query.limit);
            }
            reply(std::move(listing));
        },
        reply);
}

Standing Engine::standing_in(const Contents& contents, const Entry& own) {
    Standing standing;
    standing.revision = Revision{contents.index};
    for (const Node& node : contents.nodes) {
        Entry entry = entry_of(node);
        if (!standing.first) standing.first = entry;
        if (entry.created < own.created) standing.predecessor = entry;
        if (entry.created == own.created && entry.key == own.key) standing.own = std::move(entry);
    }
    return standing;
}

void Engine::standing(std::string prefix, Entry own, Reply<Standing> reply) {
    const auto directory = directory_of(prefix);
    if (!directory) return reply(directory.error());
    read(
        *directory,
        [this, own, reply](const Contents& contents) { reply(standing_in(contents, own)); }, reply);
}

// The entry of that lease there: the one it has, or a new one. Whoever asks while one is being
// made gets the same.
void Engine::obtain(HeldLease& lease, const std::string& directory, const std::string& value,
                    Making::Taker take) {
    Place& place = lease.places[directory];
    if (place.entry) return take(place.entry);
    if (place.making) {
        place.making->takers.push_back(std::move(take));
        return;
    }
    const auto making = std::make_shared<Making>(Making{lease.id, directory, value, lease.ttl, {}});
    making->takers.push_back(std::move(take));
    place.making = making;
    if (place.lost.empty()) return make(making);
    read(
        directory, [this, making](const Contents&) { make(making); },
        [weak = weak_from_this(), making](const Error& error) {
            if (const auto self = weak.lock()) self->give(making, error);
        });
}

void Engine::make(const std::shared_ptr<Making>& making) {
    const LostCreate lost{.number = ++last_lost_,
                          .value = making->value,
                          .after = last_index_,
                          .forget_at = LeaseClock::now() + 3 * making->ttl};
    const auto in_progress = creating_.insert(making->directory);
    call(
        ask_to_create(making->directory, making->value, making->ttl),
        [this, making, in_progress](const Answer& answer) {
            creating_.erase(in_progress);
            made(making, answer.node);
        },
        [weak = weak_from_this(), making, in_progress, lost](const Error& error) {
            const auto self = weak.lock();
            if (!self) return;
            self->creating_.erase(in_progress);
            HeldLease* const lease = self->leases_.find(making->lease);
            if (error.code != condition::refused && lease != nullptr) {
                lease->places[making->directory].lost.push_back(lost);
            }
            self->give(making, error);
        },
        false);
}

void Engine::made(const std::shared_ptr<Making>& making, const Node& node) {
    const std::int64_t number = number_of(making->directory, node.key);
    if (number == 0 || number != node.created) {
        return give(making, Error(errc::bad_answer, "etcd made the odd key '" + node.key + "'"));
    }
    const auto entry = std::make_shared<HeldEntry>(caller_, node, making->ttl);
    HeldLease* const lease = leases_.find(making->lease);
    // Revoked meanwhile: nothing of it may stay.
    if (lease == nullptr || lease->is_over) {
        entry->remove([](const result<std::int64_t>&) {});
        return give(making, Error(errc::lease_gone, "the lease ended while an entry was made"));
    }
    lease->places[making->directory].entry = entry;
    give(making, entry);
}

void Engine::give(const std::shared_ptr<Making>& making,
                  const result<std::shared_ptr<HeldEntry>>& entry) {
    if (HeldLease* const lease = leases_.find(making->lease)) {
        lease->places[making->directory].making.reset();
    }
    for (const auto& take : std::exchange(making->takers, {}))
        take(entry);
}

// Nobody of ours leads by an entry before it was renewed once: so a ghost, which nobody renews,
// can be told from it. A new entry is confirmed by that, and an old one is found to stand.
void Engine::confirm(LeaseId lease, const std::shared_ptr<HeldEntry>& entry,
                     std::function<void(result<void>)> then) {
    entry->refresh([weak = weak_from_this(), lease, entry,
                    then = std::move(then)](const result<std::int64_t>& outcome) {
        const auto self = weak.lock();
        if (!self) return;
        // It may be gone by our own doing; then nothing was renewed.
        if (outcome && *outcome > 0) return then({});
        const Error error =
            outcome ? Error(errc::entry_changed, "the entry '" + entry->path() + "' was taken away")
                    : outcome.error();
        const auto held = self->leases_.find_entry(entry->path());
        const bool is_its = held.lease != nullptr && held.lease->id == lease;
        if (is_gone(error) && is_its) held.place->entry.reset();
        then(error);
    });
}

template <class T>
HeldLease* Engine::admit(const NewEntry& entry, std::string& directory, const Reply<T>& reply) {
    auto path = directory_of(entry.prefix);
    if (!path) {
        reply(path.error());
        return nullptr;
    }
    directory = std::move(*path);
    if (!is_text(entry.value)) {
        reply(not_text());
        return nullptr;
    }
    HeldLease* const lease = leases_.find_good(entry.lease);
    if (lease == nullptr) {
        say_lease_gone(reply);
        return nullptr;
    }
    // One lease has one entry in a directory: two elections may not share it without knowing.
    Place& place = lease->places[directory];
    if (!place.entry && !place.making) place.election = entry.prefix;
    if (place.election == entry.prefix) return lease;
    reply(Error(errc::refused, "'" + entry.prefix + "' and '" + place.election +
                                   "' are one election over the v2 keys API, and the session "
                                   "stands in it already"));
    return nullptr;
}

void Engine::create(NewEntry entry, Reply<Entry> reply) {
    create_within(tries, entry, std::move(reply));
}

void Engine::create_within(int tries_left, const NewEntry& entry, Reply<Entry> reply) {
    std::string directory;
    HeldLease* const lease = admit(entry, directory, reply);
    if (lease == nullptr) return;
    obtain(*lease, directory, entry.value,
           [this, tries_left, entry, reply](const result<std::shared_ptr<HeldEntry>>& held) {
               if (!held) return reply(held.error());
               confirm(entry.lease, *held, [=, this, own = *held](const result<void>& confirmed) {
                   if (!confirmed && is_gone(confirmed.error()) && tries_left > 1) {
                       return create_within(tries_left - 1, entry, reply);
                   }
                   if (!confirmed) return reply(unknown(confirmed.error()));
                   reply(Entry{own->path(), own->value(), entry.lease, own->number()});
               });
           });
}

void Engine::enter(NewEntry entry, Reply<Standing> reply) {
    enter_within(tries, entry, std::move(reply));
}

void Engine::enter_within(int tries_left, const NewEntry& entry, Reply<Standing> reply) {
    std::string directory;
    HeldLease* const lease = admit(entry, directory, reply);
    if (lease == nullptr) return;
    // Confirmed and read at once: the entry stood at the read if it stood at the renewal.
    struct Halves {
        std::optional<result<void>> confirmed{};
        std::optional<result<Contents>> contents{};
    };
    obtain(*lease, directory, entry.value,
           [this, tries_left, entry, directory,
            reply](const result<std::shared_ptr<HeldEntry>>& held) {
               if (!held) return reply(held.error());
               const auto halves = std::make_shared<Halves>();
               const auto join = [=, weak = weak_from_this(), own = *held] {
                   const auto self = weak.lock();
                   if (!self || !halves->confirmed || !halves->contents) return;
                   const auto& confirmed = *halves->confirmed;
                   if (!confirmed && is_gone(confirmed.error()) && tries_left > 1) {
                       return self->enter_within(tries_left - 1, entry, reply);
                   }
                   if (!confirmed) return reply(unknown(confirmed.error()));
                   const auto& contents = *halves->contents;
                   if (!contents) return reply(unknown(contents.error()));
                   const Entry seen{own->path(), own->value(), entry.lease, own->number()};
                   reply(self->standing_in(*contents, seen));
               };
               confirm(entry.lease, *held, [halves, join](const result<void>& confirmed) {
                   halves->confirmed = confirmed;
                   join();
               });
               read(
                   directory,
                   [halves, join](const Contents& contents) {
                       halves->contents = contents;
                       join();
                   },
                   [halves, join](const Error& error) {
                       halves->contents = error;
                       join();
                   });
           });
}

void Engine::update(const Entry& entry, std::string value, Reply<Revision> reply) {
    if (!is_text(value)) return reply(not_text());
    const std::string path = path_of(entry.key);
    const auto held = leases_.find_entry(path);
    if (held.place != nullptr && is_entry(entry, path)) {
        return held.place->entry->change(std::move(value),
                                         [reply](const result<std::int64_t>& index) {
                                             if (!index) return reply(index.error());
                                             reply(Revision{*index});
                                         });
    }
    // Its owner takes a change by anybody else for the loss of its lease.
    call(
        ask_to_read(path),
        [entry, path, reply](const Answer& answer) {
            const bool is_there = answer.outcome == Answer::Outcome::done && is_entry(entry, path);
            if (!is_there) return reply(changed(entry));
            reply(Error(errc::refused,
                        "over the v2 keys API an entry can be changed only through "
                        "the store that made it"));
        },
        reply);
}

void Engine::remove(const Entry& entry, Reply<void> reply) {
    const std::string path = path_of(entry.key);
    if (!is_entry(entry, path)) return remove_foreign(path, 0, std::move(reply));
    const auto held = leases_.find_entry(path);
    if (held.place == nullptr) {
        return remove_foreign(path, most_tries_against_renewals, std::move(reply));
    }
    held.place->entry->remove(
        [weak = weak_from_this(), path, reply](const result<std::int64_t>& outcome) {
            const auto self = weak.lock();
            if (!self) return;
            if (!outcome) return reply(outcome.error());
            if (const auto left = self->leases_.find_entry(path); left.place != nullptr) {
                left.place->entry.reset();
            }
            // What a lost reply may have left behind this entry goes with it.
            const std::string directory(parent_of(path));
            const auto places = self->leases_.in(directory);
            const bool is_haunted = std::ranges::any_of(
                places, [](const Leases::Found& found) { return !found.place->lost.empty(); });
            if (!is_haunted) return reply({});
            self->read(
                directory, [reply](const Contents&) { reply({}); }, reply);
        });
}

// An entry of somebody who goes on renewing it, until we come in between.
void Engine::remove_foreign(const std::string& path, int tries_left, Reply<void> reply) {
    call(
        ask_to_read(path),
        [this, path, tries_left, reply](const Answer& found) {
            if (found.outcome == Answer::Outcome::absent || tries_left == 0) return reply({});
            call(
                ask_to_remove(path, ModifiedIndex(found.node.modified)),
                [this, path, tries_left, reply](const Answer& removed) {
                    if (removed.outcome != Answer::Outcome::changed) return reply({});
                    if (tries_left > 1) return remove_foreign(path, tries_left - 1, reply);
                    reply(Error(errc::unreachable, "'" + path + "' is changed all the time"));
                },
                reply);
        },
        reply);
}

void Engine::guarded_put(GuardedPut, Reply<Revision> reply) {
    reply(Error(errc::unsupported, "the v2 keys API has no guarded writes"));
}

}  // namespace tenure::etcd::detail::v2
