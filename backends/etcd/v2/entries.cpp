// Entries: in-order keys in the election's directory. Their numbers are etcd's own index, so they
// are the order.
#include <algorithm>
#include <utility>

#include "backends/etcd/v2/engine.hpp"
#include "backends/etcd/v2/layout.hpp"

namespace tenure::etcd::detail::v2 {

namespace {

// A ghost, and one that came while it was removed.
constexpr int sweeps = 2;
constexpr int most_tries_against_renewals = 10;

Error changed(const Entry& entry) {
    return {errc::entry_changed, "the entry '" + entry.key + "' is gone or another one"};
}

bool is_entry(const Entry& entry, const std::string& path) {
    const std::int64_t number = number_of(parent_of(path), path);
    return number > 0 && number == to_integer(entry.created);
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
            sweep(directory, contents_of(directory, answer), sweeps, take, fail);
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

void Engine::update(const Entry& entry, std::string value, Reply<Revision> reply) {
    if (const auto good = check_value(value); !good) return reply(good.error());
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
