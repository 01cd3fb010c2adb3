// One memory store, shared by its handles: the tables, the leases' time, the watches, and the
// lock around them.
#pragma once

#include <memory>
#include <mutex>
#include <tenure/key_store.hpp>
#include <utility>
#include <vector>

#include "backends/memory/lease_times.hpp"
#include "backends/memory/outbox.hpp"
#include "backends/memory/tables.hpp"
#include "backends/memory/watchers.hpp"

namespace tenure::memory {

/// What the hub knows of a handle.
struct Member {
    std::shared_ptr<Outbox> outbox;
    std::shared_ptr<Timekeeper> keeper;
};

/// Under the lock everything is decided, and put into the outboxes in the order in which it
/// happened; nothing is called out before the lock is let go.
/// Thread safety: any thread.
class Hub : public std::enable_shared_from_this<Hub> {
public:
    Member join(std::shared_ptr<Scheduler> scheduler);
    /// No reply comes to this member once this has returned.
    void leave(const Member& member);

    /// Answers with what `body(tables)` returns. Changes go out before the answer.
    template <class T, class Body>
    void answer(const Member& member, Reply<T> reply, Body body) {
        run([&](Sends& sends) {
            result<T> outcome = body(tables_);
            publish(sends);
            member.outbox->push([reply = std::move(reply), outcome = std::move(outcome)]() mutable {
                reply(std::move(outcome));
            });
            sends.push_back(member.outbox);
        });
    }

    void grant(const Member& member, Duration ttl, Reply<Lease> reply);
    void renew(const Member& member, LeaseId id, Reply<Lease> reply);
    void revoke(const Member& member, LeaseId id, Reply<void> reply);
    std::shared_ptr<Watcher> watch(const Member& member, WatchTarget target, Reply<Change> reply);
    void end_watch(Watcher& watcher);
    void compact(Revision revision);
    Revision revision() const;
    std::vector<Entry> entries(const std::string& election) const;
    bool has_lease(LeaseId id) const;

private:
    /// Who has something in the outbox to be sent when the lock is let go.
    using Sends = std::vector<std::shared_ptr<Outbox>>;

    template <class Body>
    void run(Body body) {
        Sends sends;
        {
            std::lock_guard lock(mutex_);
            expire(sends);
            body(sends);
        }
        for (const auto& outbox : sends)
            outbox->send();
    }
    void expire(Sends& sends);
    void publish(Sends& sends);
    void set_timer(const std::shared_ptr<Timekeeper>& keeper);
    void ring(const std::shared_ptr<Timekeeper>& keeper);

    mutable std::mutex mutex_;
    Tables tables_;
    LeaseTimes times_;
    Watchers watchers_;
    std::uint64_t last_watch_ = 0;
};

}  // namespace tenure::memory
