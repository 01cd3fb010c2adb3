// The store at work: everything here runs on its strand, and none of it is seen by callers.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>
#include <memory>
#include <tenure/etcd.hpp>

#include "backends/etcd/caller.hpp"
#include "backends/etcd/renewals.hpp"
#include "backends/etcd/watch_hub.hpp"

namespace tenure::etcd::detail {

/// `KeyStore`'s calls, asked for on the strand. Replies come on it, and never within the call
/// that asks.
class Engine : public std::enable_shared_from_this<Engine> {
public:
    /// As its own type: a type-erased strand counts its owners in a way that thread sanitizers
    /// do not follow, and other threads post to this one.
    using Strand = boost::asio::strand<boost::asio::any_io_executor>;

    Engine(Strand strand, const StoreOptions& options);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    const Strand& strand() const noexcept { return strand_; }

    void grant_lease(Duration ttl, Reply<Lease> reply);
    void renew_lease(LeaseId id, Reply<Lease> reply) { renewals_->renew(id, std::move(reply)); }
    void revoke_lease(LeaseId id, Reply<void> reply);

    void create(NewEntry entry, Reply<Entry> reply);
    void update(const Entry& entry, std::string value, Reply<Revision> reply);
    void remove(const Entry& entry, Reply<void> reply);
    void list(const ListQuery& query, Reply<Listing> reply);
    void standing(std::string prefix, Entry own, Reply<Standing> reply);
    void enter(NewEntry entry, Reply<Standing> reply);
    void guarded_put(GuardedPut put, Reply<Revision> reply);

    void watch(WatchNumber number, const WatchTarget& target, Reply<Change> reply);
    void end_watch(WatchNumber number) { watches_->remove(number); }

    /// Closes everything; nothing is replied any more.
    void close();

private:
    using TakeTransaction = std::function<void(TransactionAnswer)>;
    /// What may be done with a transaction whose outcome is unknown.
    enum class Repeat { allowed, forbidden };

    void transact(const Transaction& transaction, Repeat repeat, TakeTransaction take,
                  std::function<void(Error)> fail);
    void standing_among_all(const std::string& prefix, Entry own, Reply<Standing> reply);

    Strand strand_;
    Endpoints endpoints_;
    std::shared_ptr<Caller> caller_;
    std::shared_ptr<Renewals> renewals_;
    std::shared_ptr<WatchHub> watches_;
};

}  // namespace tenure::etcd::detail
