// Leases, watches and calls; the line is in entries.cpp, how to get into it in entering.cpp, and
// what lost replies leave there in ghosts.cpp.
#include "backends/etcd/v2/engine.hpp"

#include <algorithm>
#include <utility>

#include "backends/etcd/v2/layout.hpp"

namespace tenure::etcd::detail::v2 {
namespace {

using namespace std::chrono_literals;

// The renewals of a session with many entries are spread over this part of its TTL, and so over
// a seventh of the time between two rounds.
constexpr int spread_divisor = 20;

Error lease_is_gone(const std::string& why) {
    return {errc::lease_gone, "the lease is gone: " + why};
}

Error unknown_lease() {
    return lease_is_gone("this store has not granted it, or it is over");
}

}  // namespace

bool can(Capability capability) noexcept {
    switch (capability) {
        case Capability::guarded_puts:
        case Capability::one_step_entering:
        case Capability::whole_leases:
        case Capability::shared_leases:
        case Capability::binary_values: return false;
    }
    return false;
}

Engine::Engine(Strand own_strand, const StoreOptions& options)
    : Api(std::move(own_strand)),
      endpoints_(strand(), options),
      caller_(std::make_shared<Caller>(strand(), endpoints_, options.request_timeout)),
      polls_(std::make_shared<PollHub>(
          strand(), endpoints_, caller_, options,
          PollHub::Leases{.deleted =
                              [this](std::string_view path) {
                                  const auto found = leases_.find_entry(path);
                                  if (!found.place) return;
                                  found.place->entry->was_deleted();
                                  found.place->entry.reset();
                              },
                          .shortest_ttl = [this] { return leases_.shortest_ttl(); },
                          .lease_of =
                              [this](std::string_view path) {
                                  const auto found = leases_.find_entry(path);
                                  return found.lease ? found.lease->id : LeaseId{};
                              }})),
      pace_(strand()) {
    endpoints_.on_failure([weak = std::weak_ptr(polls_)](std::size_t) {
        if (const auto polls = weak.lock()) polls->doubt();
    });
}

Engine::~Engine() {
    close();
}

void Engine::close() {
    later_.clear();
    pace_.clear();
    polls_->close();
    caller_->close();
}

void Engine::call(HttpQuestion question, TakeAnswer take, Fail fail, bool repeatable) {
    caller_->start({.question = std::move(question),
                    .take = [weak = weak_from_this(), take = std::move(take)](
                                const HttpAnswer& http) -> std::optional<Error> {
                        const auto self = weak.lock();
                        const auto answer = decode(http);
                        if (!answer) return answer.error();
                        if (!self) return std::nullopt;
                        self->last_index_ = std::max(self->last_index_, answer->index);
                        take(*answer);
                        return std::nullopt;
                    },
                    .fail = std::move(fail),
                    .repeatable = repeatable});
}

// The lease is ours to grant; but a store that cannot be reached, or has no such API, grants none.
void Engine::grant_lease(Duration ttl, Reply<Lease> reply) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(ttl);
    call(
        ask_to_read(no_such_key),
        [this, seconds, reply](const Answer&) {
            reply(Lease{leases_.grant(seconds).id, seconds});
        },
        reply);
}

// Even what we know by ourselves is said only when etcd can be reached: nobody shall take a lease
// for gone, and ask for another one, because of an outage.
template <class T>
void Engine::say_lease_gone(Reply<T> reply) {
    call(
        ask_to_read(no_such_key), [reply](const Answer&) { reply(unknown_lease()); }, reply);
}
template void Engine::say_lease_gone(Reply<Entry>);
template void Engine::say_lease_gone(Reply<Standing>);

void Engine::renew_lease(LeaseId id, Reply<Lease> reply) {
    HeldLease* const lease = leases_.find_good(id);
    if (lease == nullptr) return say_lease_gone(reply);
    renew_entries(*lease, std::move(reply));
}

struct Engine::Round {
    LeaseId lease{};
    std::size_t left = 0;
    std::optional<Error> error{};
    std::optional<Error> gone{};
    Reply<Lease> reply;
};

void Engine::renew_entries(HeldLease& lease, Reply<Lease> reply) {
    const auto entries = lease.entries();
    auto round = std::make_shared<Round>();
    round->lease = lease.id;
    round->left = entries.size();
    round->reply = std::move(reply);
    if (entries.empty()) {
        round->left = 1;
        return call(
            ask_to_read(no_such_key),
            [this, round](const Answer& answer) { renewed(round, answer.index); },
            [weak = weak_from_this(), round](const Error& error) {
                if (const auto self = weak.lock()) self->renewed(round, error);
            });
    }
    const auto spread = std::chrono::milliseconds(lease.ttl) / spread_divisor;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        start_later(spread * i / entries.size(),
                    [weak = weak_from_this(), entry = entries[i], round] {
                        entry->refresh([weak, round](const result<std::int64_t>& outcome) {
                            if (const auto self = weak.lock()) self->renewed(round, outcome);
                        });
                    });
    }
}

void Engine::renewed(const std::shared_ptr<Round>& round, const result<std::int64_t>& outcome) {
    if (!outcome) {
        const bool is_gone = outcome.error().code == errc::entry_changed;
        (is_gone ? round->gone : round->error) = outcome.error();
    }
    if (--round->left > 0) return;
    HeldLease* const lease = leases_.find(round->lease);
    if (round->gone) {
        if (lease != nullptr) lease->is_over = true;
        return round->reply(lease_is_gone(round->gone->message()));
    }
    if (round->error) return round->reply(*round->error);
    // Given back meanwhile.
    if (lease == nullptr || lease->is_over) return round->reply(unknown_lease());
    lease->good_until = LeaseClock::now() + lease->ttl;
    round->reply(Lease{lease->id, lease->ttl});
}

void Engine::revoke_lease(LeaseId id, Reply<void> reply) {
    const bool was_good = leases_.find_good(id) != nullptr;
    HeldLease* const lease = leases_.find(id);
    if (lease == nullptr) return say_lease_gone(reply);
    lease->is_over = true;
    revoke_entries(*lease, was_good, std::move(reply));
}

// Each by itself: the API has no way to remove them together. What lost replies may have left goes
// first: it is known by the lease.
void Engine::revoke_entries(HeldLease& lease, bool was_good, Reply<void> reply) {
    for (const auto& [directory, place] : lease.places) {
        if (place.lost.empty()) continue;
        return read(
            directory,
            [this, id = lease.id, where = directory, was_good, reply](const Contents&) {
                HeldLease* const held = leases_.find(id);
                if (held == nullptr) return reply(unknown_lease());
                held->places[where].lost.clear();
                revoke_entries(*held, was_good, reply);
            },
            reply);
    }
    struct Removals {
        std::size_t left;
        std::size_t removed = 0;
        std::optional<Error> error{};
    };
    const auto entries = lease.entries();
    if (entries.empty()) {
        leases_.erase(lease.id);
        if (!was_good) return say_lease_gone(reply);
        return call(
            ask_to_read(no_such_key), [reply](const Answer&) { reply({}); }, reply);
    }
    const auto removals = std::make_shared<Removals>(Removals{.left = entries.size()});
    for (const auto& entry : entries) {
        entry->remove([weak = weak_from_this(), id = lease.id, was_good, removals,
                       reply](const result<std::int64_t>& outcome) {
            const auto self = weak.lock();
            if (!self) return;
            if (!outcome) removals->error = outcome.error();
            if (outcome && *outcome > 0) ++removals->removed;
            if (--removals->left > 0) return;
            if (removals->error) return reply(*removals->error);
            self->leases_.erase(id);
            if (removals->removed == 0 && !was_good) return reply(unknown_lease());
            reply({});
        });
    }
}

void Engine::start_later(std::chrono::milliseconds after, std::function<void()> what) {
    if (after <= 0ms) return what();
    later_.emplace(Clock::now() + after, std::move(what));
    start_what_is_due();
}

void Engine::start_what_is_due() {
    while (!later_.empty() && later_.begin()->first <= Clock::now()) {
        const auto what = std::move(later_.begin()->second);
        later_.erase(later_.begin());
        what();
    }
    if (later_.empty()) return;
    pace_.set(later_.begin()->first, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->start_what_is_due();
    });
}

void Engine::watch(WatchNumber number, const WatchTarget& target, Reply<Change> reply) {
    Polled polled{.path = path_of(target.name), .after = to_integer(target.after)};
    if (target.scope == WatchTarget::Scope::prefix) {
        auto directory = directory_of(target.name);
        if (!directory) return reply(directory.error());
        polled.path = std::move(*directory);
        polled.is_directory = true;
    }
    polls_->add(number, std::move(polled), std::move(reply));
}

}  // namespace tenure::etcd::detail::v2
