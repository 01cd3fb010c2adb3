// etcd's v3 JSON gateway as a store: unary calls, one socket of renewals, one of watches.
#pragma once

#include <memory>

#include "backends/etcd/api.hpp"
#include "backends/etcd/v3/json_call.hpp"
#include "backends/etcd/v3/renewals.hpp"
#include "backends/etcd/v3/stale_leaders.hpp"
#include "backends/etcd/v3/watch_hub.hpp"

namespace tenure::etcd::detail::v3 {

class Engine final : public Api, public std::enable_shared_from_this<Engine> {
public:
    Engine(Strand own_strand, const StoreOptions& options);
    /// Closes it: its context may end before that was asked for.
    ~Engine() override;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    void grant_lease(Duration ttl, Reply<Lease> reply) override;
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        renewals_->renew(id, std::move(reply));
    }
    void revoke_lease(LeaseId id, Reply<void> reply) override;

    void create(NewEntry entry, Reply<Entry> reply) override;
    void update(const Entry& entry, std::string value, Reply<Revision> reply) override;
    void remove(const Entry& entry, Reply<void> reply) override;
    void list(const ListQuery& query, Reply<Listing> reply) override;
    void standing(std::string prefix, Entry own, Reply<Standing> reply) override;
    void enter(NewEntry entry, Reply<Standing> reply) override;
    void guarded_put(GuardedPut put, Reply<Revision> reply) override;

    void watch(WatchNumber number, const WatchTarget& target, Reply<Change> reply) override;
    void end_watch(WatchNumber number) override { watches_->remove(number); }

    void close() override;

private:
    using TakeTransaction = std::function<void(TransactionAnswer)>;
    /// What may be done with a transaction whose outcome is unknown.
    enum class Repeat { allowed, forbidden };

    void grant(std::int64_t ttl_seconds, Reply<Lease> reply);
    void transact(const Transaction& transaction, Repeat repeat, TakeTransaction take,
                  std::function<void(Error)> fail);
    void standing_among_all(const std::string& prefix, Entry own, Reply<Standing> reply);

    Endpoints endpoints_;
    std::shared_ptr<Caller> plain_caller_;
    std::shared_ptr<JsonCaller> caller_;
    std::shared_ptr<StaleLeaders> stale_leaders_;
    std::shared_ptr<Renewals> renewals_;
    std::shared_ptr<WatchHub> watches_;
};

}  // namespace tenure::etcd::detail::v3
