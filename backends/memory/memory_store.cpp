// A handle on a hub, and the hubs that have a name.
#include <map>
#include <mutex>
#include <tenure/memory_store.hpp>
#include <utility>

#include "backends/memory/hub.hpp"

namespace tenure {
namespace {

using memory::Hub;
using memory::Tables;
using memory::Watcher;

class HubWatch : public Watch {
public:
    HubWatch(std::weak_ptr<Hub> hub, std::shared_ptr<Watcher> watcher)
        : hub_(std::move(hub)), watcher_(std::move(watcher)) {}
    ~HubWatch() override {
        watcher_->is_open = false;
        if (const auto hub = hub_.lock()) hub->end_watch(*watcher_);
    }
    HubWatch(const HubWatch&) = delete;
    HubWatch& operator=(const HubWatch&) = delete;

private:
    std::weak_ptr<Hub> hub_;
    std::shared_ptr<Watcher> watcher_;
};

class HubStore : public MemoryStore {
public:
    HubStore(std::shared_ptr<Hub> hub, std::shared_ptr<Scheduler> scheduler)
        : hub_(std::move(hub)), member_(hub_->join(std::move(scheduler))) {}
    ~HubStore() override { hub_->leave(member_); }
    HubStore(const HubStore&) = delete;
    HubStore& operator=(const HubStore&) = delete;

    void grant_lease(Duration ttl, Reply<Lease> reply) override {
        hub_->grant(member_, ttl, std::move(reply));
    }
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        hub_->renew(member_, id, std::move(reply));
    }
    void revoke_lease(LeaseId id, Reply<void> reply) override {
        hub_->revoke(member_, id, std::move(reply));
    }
    void create(NewEntry entry, Reply<Entry> reply) override {
        answer(std::move(reply), [&](Tables& tables) { return tables.create(entry); });
    }
    void update(Entry entry, std::string value, Reply<Revision> reply) override {
        answer(std::move(reply),
               [&](Tables& tables) { return tables.update(entry, std::move(value)); });
    }
    void remove(Entry entry, Reply<void> reply) override {
        answer(std::move(reply), [&](Tables& tables) {
            tables.remove(entry);
            return result<void>();
        });
    }
    void list(ListQuery query, Reply<Listing> reply) override {
        answer(std::move(reply), [&](Tables& tables) { return tables.list(query); });
    }
    std::unique_ptr<Watch> watch(WatchTarget target, Reply<Change> reply) override {
        return std::make_unique<HubWatch>(
            hub_, hub_->watch(member_, std::move(target), std::move(reply)));
    }
    void standing(std::string prefix, Entry own, Reply<Standing> reply) override {
        answer(std::move(reply), [&](Tables& tables) { return tables.standing(prefix, own); });
    }
    void enter(NewEntry entry, Reply<Standing> reply) override {
        answer(std::move(reply), [&](Tables& tables) -> result<Standing> {
            const auto own = tables.create(entry);
            if (!own) return own.error();
            return tables.standing(entry.prefix, *own);
        });
    }
    bool can(Capability) const noexcept override { return true; }
    void guarded_put(GuardedPut put, Reply<Revision> reply) override {
        answer(std::move(reply), [&](Tables& tables) { return tables.guarded_put(put); });
    }
    void compact(Revision revision) override { hub_->compact(revision); }
    Revision revision() const override { return hub_->revision(); }
    std::vector<Entry> entries(const std::string& election) const override {
        return hub_->entries(election);
    }
    bool has_lease(LeaseId id) const override { return hub_->has_lease(id); }

private:
    template <class T, class Body>
    void answer(Reply<T> reply, Body body) {
        hub_->answer(member_, std::move(reply), body);
    }

    std::shared_ptr<Hub> hub_;
    memory::Member member_;
};

// Never destroyed: stores may be opened while other static objects still come and go.
struct Names {
    std::mutex mutex;
    std::map<std::string, std::weak_ptr<Hub>> hubs;
};

std::shared_ptr<Hub> hub_of(const std::string& name) {
    static auto* const names = new Names;
    std::lock_guard lock(names->mutex);
    std::erase_if(names->hubs, [](const auto& hub) { return hub.second.expired(); });
    auto hub = names->hubs[name].lock();
    if (!hub) {
        hub = std::make_shared<Hub>();
        names->hubs[name] = hub;
    }
    return hub;
}

}  // namespace

std::shared_ptr<MemoryStore> make_memory_store(std::shared_ptr<Scheduler> scheduler) {
    return std::make_shared<HubStore>(std::make_shared<Hub>(), std::move(scheduler));
}

std::shared_ptr<MemoryStore> shared_memory_store(std::shared_ptr<Scheduler> scheduler,
                                                 const std::string& name) {
    return std::make_shared<HubStore>(hub_of(name), std::move(scheduler));
}

}  // namespace tenure
