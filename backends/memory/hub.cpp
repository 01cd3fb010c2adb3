#include "backends/memory/hub.hpp"

#include <string>

namespace tenure::memory {
namespace {

// Far beyond what a session may ask for, and far from where the clock's arithmetic ends.
constexpr Duration longest_ttl = std::chrono::hours(24 * 365);

Error no_lease(LeaseId id) {
    return {errc::lease_gone, "there is no lease " + std::to_string(to_integer(id))};
}

}  // namespace

Member Hub::join(std::shared_ptr<Scheduler> scheduler) {
    auto outbox = std::make_shared<Outbox>(scheduler);
    std::lock_guard lock(mutex_);
    return {std::move(outbox), times_.join(scheduler)};
}

void Hub::leave(const Member& member) {
    member.outbox->close();
    std::vector<std::shared_ptr<Watcher>> ended;
    std::unique_ptr<Scheduler::Timer> timer;
    std::shared_ptr<Timekeeper> heir;
    {
        std::lock_guard lock(mutex_);
        ended = watchers_.remove_all_of(*member.outbox);
        heir = times_.leave(member.keeper);
        if (member.keeper->handles == 0) timer = std::move(member.keeper->timer);
    }
    if (heir) set_timer(heir);
}

void Hub::grant(const Member& member, Duration ttl, Reply<Lease> reply) {
    answer(member, std::move(reply), [&](Tables& tables) -> result<Lease> {
        if (ttl <= Duration::zero() || ttl > longest_ttl) {
            return Error(errc::refused, "a lease lasts longer than nothing and at most a year");
        }
        const Lease lease{tables.add_lease(), ttl};
        times_.restart(lease.id, ttl, member.keeper);
        return lease;
    });
    set_timer(member.keeper);
}

void Hub::renew(const Member& member, LeaseId id, Reply<Lease> reply) {
    answer(member, std::move(reply), [&](Tables& tables) -> result<Lease> {
        if (!tables.has_lease(id)) return no_lease(id);
        const Lease lease{id, times_.granted(id)};
        times_.restart(id, lease.granted_ttl, member.keeper);
        return lease;
    });
    set_timer(member.keeper);
}

void Hub::revoke(const Member& member, LeaseId id, Reply<void> reply) {
    answer(member, std::move(reply), [&](Tables& tables) -> result<void> {
        if (!tables.has_lease(id)) return no_lease(id);
        times_.forget(id);
        tables.drop_lease(id);
        return {};
    });
    set_timer(member.keeper);
}

std::shared_ptr<Watcher> Hub::watch(const Member& member, WatchTarget target, Reply<Change> reply) {
    auto watcher = std::make_shared<Watcher>();
    if (target.scope == WatchTarget::Scope::prefix) target.name = closed(std::move(target.name));
    watcher->target = std::move(target);
    watcher->outbox = member.outbox;
    watcher->reply = std::move(reply);
    run([&](Sends& sends) {
        watcher->number = ++last_watch_;
        sends.push_back(member.outbox);
        auto missed = tables_.changes_after(watcher->target);
        if (!missed) {
            return push_to(watcher, Error(errc::compacted,
                                          "the changes after revision " +
                                              std::to_string(to_integer(watcher->target.after)) +
                                              " are forgotten"));
        }
        for (Change& change : *missed)
            push_to(watcher, std::move(change));
        watchers_.add(watcher);
    });
    return watcher;
}

void Hub::end_watch(Watcher& watcher) {
    watcher.is_open = false;
    std::lock_guard lock(mutex_);
    watchers_.remove(watcher);
}

void Hub::compact(Revision revision) {
    run([&](Sends&) { tables_.compact(revision); });
}

Revision Hub::revision() const {
    std::lock_guard lock(mutex_);
    return tables_.revision();
}

std::vector<Entry> Hub::entries(const std::string& election) const {
    std::lock_guard lock(mutex_);
    return tables_.entries(election);
}

bool Hub::has_lease(LeaseId id) const {
    std::lock_guard lock(mutex_);
    return tables_.has_lease(id);
}

void Hub::expire(Sends& sends) {
    for (const LeaseId id : times_.take_due()) {
        tables_.drop_lease(id);
        publish(sends);
    }
}

void Hub::publish(Sends& sends) {
    for (const Change& change : tables_.take_changes()) {
        const auto outboxes = watchers_.push(change);
        sends.insert(sends.end(), outboxes.begin(), outboxes.end());
    }
}

// A renewal leaves the timer as it is: when it rings too early it is set again. So only a
// lease that ends sooner than all others moves it. Without leases there is none: a context that
// has nothing else to do comes to its end.
void Hub::set_timer(const std::shared_ptr<Timekeeper>& keeper) {
    Instant first;
    std::unique_ptr<Scheduler::Timer> needless;
    {
        std::lock_guard lock(mutex_);
        if (keeper->handles == 0) return;
        if (keeper->deadlines.empty()) {
            keeper->rings_at.reset();
            needless = std::move(keeper->timer);
            return;
        }
        first = keeper->deadlines.begin()->first;
        if (keeper->rings_at && *keeper->rings_at <= first) return;
        keeper->rings_at = first;
    }
    auto timer =
        keeper->scheduler->call_at(first, [hub = weak_from_this(), weak = std::weak_ptr(keeper)] {
            const auto self = hub.lock();
            const auto ours = weak.lock();
            if (self && ours) self->ring(ours);
        });
    std::lock_guard lock(mutex_);
    // An earlier one may have been set meanwhile, or this one may have rung already.
    if (keeper->handles > 0 && keeper->rings_at == first) keeper->timer.swap(timer);
}

void Hub::ring(const std::shared_ptr<Timekeeper>& keeper) {
    run([&](Sends&) { keeper->rings_at.reset(); });
    set_timer(keeper);
}

}  // namespace tenure::memory
