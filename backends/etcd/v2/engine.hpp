// etcd's v2 keys API as a store: in-order keys, long polls, and leases that live on our side.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "backends/etcd/alarm.hpp"
#include "backends/etcd/api.hpp"
#include "backends/etcd/caller.hpp"
#include "backends/etcd/v2/leases.hpp"
#include "backends/etcd/v2/poll_hub.hpp"

namespace tenure::etcd::detail::v2 {

/// What this API cannot do, by name.
bool can(Capability capability) noexcept;

class Engine final : public Api, public std::enable_shared_from_this<Engine> {
public:
    Engine(Strand own_strand, const StoreOptions& options);
    /// Closes it: its context may end before that was asked for.
    ~Engine() override;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    void grant_lease(Duration ttl, Reply<Lease> reply) override;
    void renew_lease(LeaseId id, Reply<Lease> reply) override;
    void revoke_lease(LeaseId id, Reply<void> reply) override;

    void create(NewEntry entry, Reply<Entry> reply) override;
    void update(const Entry& entry, std::string value, Reply<Revision> reply) override;
    void remove(const Entry& entry, Reply<void> reply) override;
    void list(const ListQuery& query, Reply<Listing> reply) override;
    void standing(std::string prefix, Entry own, Reply<Standing> reply) override;
    void enter(NewEntry entry, Reply<Standing> reply) override;
    void guarded_put(GuardedPut put, Reply<Revision> reply) override;

    void watch(WatchNumber number, const WatchTarget& target, Reply<Change> reply) override;
    void end_watch(WatchNumber number) override { polls_->remove(number); }

    void close() override;

private:
    using Fail = std::function<void(Error)>;
    using TakeAnswer = std::function<void(const Answer&)>;
    /// What is in an election's directory, in order.
    struct Contents {
        std::vector<Node> nodes;
        std::int64_t index = 0;
    };
    using TakeContents = std::function<void(Contents)>;
    struct Round;

    void call(HttpQuestion question, TakeAnswer take, Fail fail, bool repeatable = true);

    // Leases (engine.cpp).
    template <class T>
    void say_lease_gone(Reply<T> reply);
    void renew_entries(HeldLease& lease, Reply<Lease> reply);
    void renewed(const std::shared_ptr<Round>& round, const result<std::int64_t>& outcome);
    void revoke_entries(HeldLease& lease, bool was_good, Reply<void> reply);
    void start_later(std::chrono::milliseconds after, std::function<void()> what);
    void start_what_is_due();

    // Entries (entries.cpp).
    static Contents contents_of(const std::string& directory, const Answer& answer);
    void read(const std::string& directory, TakeContents take, Fail fail);
    Entry entry_of(const Node& node);
    Standing standing_in(const Contents& contents, const Entry& own);
    void remove_foreign(const std::string& path, int tries_left, Reply<void> reply);

    // A place in the line (entering.cpp).
    void obtain(HeldLease& lease, const std::string& directory, const std::string& value,
                Making::Taker take);
    void make(const std::shared_ptr<Making>& making);
    void made(const std::shared_ptr<Making>& making, const Node& node);
    void give(const std::shared_ptr<Making>& making,
              const result<std::shared_ptr<HeldEntry>>& entry);
    void confirm(LeaseId lease, const std::shared_ptr<HeldEntry>& entry,
                 std::function<void(const result<Entry>&)> then);
    template <class T>
    HeldLease* admit(const NewEntry& entry, std::string& directory, const Reply<T>& reply);
    void create_within(int tries_left, const NewEntry& entry, Reply<Entry> reply);
    void enter_within(int tries_left, const NewEntry& entry, Reply<Standing> reply);

    // Ghosts (ghosts.cpp).
    void sweep(const std::string& directory, Contents contents, int tries_left, TakeContents take,
               Fail fail);
    bool is_ghost(const HeldLease& lease, const LostCreate& lost, const Node& node);

    Endpoints endpoints_;
    std::shared_ptr<Caller> caller_;
    std::shared_ptr<PollHub> polls_;
    Leases leases_;
    /// How far etcd has been seen to be.
    std::int64_t last_index_ = 0;
    std::uint64_t last_lost_ = 0;
    /// Directories in which something is being created.
    std::multiset<std::string> creating_;
    Alarm pace_;
    std::multimap<Clock::time_point, std::function<void()>> later_;
};

}  // namespace tenure::etcd::detail::v2
