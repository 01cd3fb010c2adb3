// One of etcd's HTTP APIs at work. Everything here runs on the store's strand, and none of it is
// seen by callers; v3/engine.hpp and v2/engine.hpp are the two.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>
#include <memory>
#include <tenure/etcd.hpp>
#include <utility>

namespace tenure::etcd::detail {

/// Names a watch within one store; never reused.
enum class WatchNumber : std::uint64_t {};

/// As its own type: a type-erased strand counts its owners in a way that thread sanitizers do
/// not follow, and other threads post to this one.
using Strand = boost::asio::strand<boost::asio::any_io_executor>;

/// `KeyStore`'s calls, asked for on the strand. Replies come on it, and never within the call
/// that asks.
class Api {
public:
    explicit Api(Strand strand) : strand_(std::move(strand)) {}
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;
    virtual ~Api() = default;

    const Strand& strand() const noexcept { return strand_; }

    virtual void grant_lease(Duration ttl, Reply<Lease> reply) = 0;
    virtual void renew_lease(LeaseId id, Reply<Lease> reply) = 0;
    virtual void revoke_lease(LeaseId id, Reply<void> reply) = 0;

    virtual void create(NewEntry entry, Reply<Entry> reply) = 0;
    virtual void update(const Entry& entry, std::string value, Reply<Revision> reply) = 0;
    virtual void remove(const Entry& entry, Reply<void> reply) = 0;
    virtual void list(const ListQuery& query, Reply<Listing> reply) = 0;
    virtual void standing(std::string prefix, Entry own, Reply<Standing> reply) = 0;
    virtual void enter(NewEntry entry, Reply<Standing> reply) = 0;
    virtual void guarded_put(GuardedPut put, Reply<Revision> reply) = 0;

    virtual void watch(WatchNumber number, const WatchTarget& target, Reply<Change> reply) = 0;
    virtual void end_watch(WatchNumber number) = 0;

    /// Closes everything; nothing is replied any more.
    virtual void close() = 0;

private:
    Strand strand_;
};

}  // namespace tenure::etcd::detail
