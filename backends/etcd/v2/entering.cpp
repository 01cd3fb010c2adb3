// How an entry comes into the line: made, confirmed, and seen where it stands.
#include <utility>

#include "backends/etcd/v2/engine.hpp"
#include "backends/etcd/v2/layout.hpp"

namespace tenure::etcd::detail::v2 {
namespace {

// Once more when an entry we had turns out to be gone.
constexpr int tries = 2;

bool is_gone(const Error& error) {
    return error.code == errc::entry_changed;
}

// An entry was made: no later failure may say that it was not.
Error unknown(const Error& error) {
    if (error.code != condition::refused) return error;
    return {errc::bad_answer, error.message()};
}

}  // namespace

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
void Engine::confirm(LeaseId lease, const std::shared_ptr<HeldEntry>& held_entry,
                     std::function<void(const result<Entry>&)> then) {
    // Weak, for the entry keeps what it will call; it is there while it calls.
    held_entry->refresh([weak = weak_from_this(), lease, weak_entry = std::weak_ptr(held_entry),
                         then = std::move(then)](const result<std::int64_t>& outcome) {
        const auto self = weak.lock();
        const auto entry = weak_entry.lock();
        if (!self || !entry) return;
        // It may be gone by our own doing; then nothing was renewed.
        if (outcome && *outcome > 0) {
            return then(Entry{entry->path(), entry->value(), lease, entry->number()});
        }
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
    if (const auto good = check_value(entry.value); !good) {
        reply(good.error());
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
               confirm(entry.lease, *held, [=, this](const result<Entry>& confirmed) {
                   if (!confirmed && is_gone(confirmed.error()) && tries_left > 1) {
                       return create_within(tries_left - 1, entry, reply);
                   }
                   if (!confirmed) return reply(unknown(confirmed.error()));
                   reply(*confirmed);
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
        std::optional<result<Entry>> confirmed{};
        std::optional<result<Contents>> contents{};
    };
    obtain(*lease, directory, entry.value,
           [this, tries_left, entry, directory,
            reply](const result<std::shared_ptr<HeldEntry>>& held) {
               if (!held) return reply(held.error());
               const auto halves = std::make_shared<Halves>();
               const auto join = [=, weak = weak_from_this()] {
                   const auto self = weak.lock();
                   if (!self || !halves->confirmed || !halves->contents) return;
                   const auto& confirmed = *halves->confirmed;
                   if (!confirmed && is_gone(confirmed.error()) && tries_left > 1) {
                       return self->enter_within(tries_left - 1, entry, reply);
                   }
                   if (!confirmed) return reply(unknown(confirmed.error()));
                   const auto& contents = *halves->contents;
                   if (!contents) return reply(unknown(contents.error()));
                   reply(self->standing_in(*contents, *confirmed));
               };
               confirm(entry.lease, *held, [halves, join](const result<Entry>& confirmed) {
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

}  // namespace tenure::etcd::detail::v2
