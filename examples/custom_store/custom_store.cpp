// A store of one page: the eight calls over a map in memory, with watches that poll. It shows what
// each call owes its caller; main() runs the conformance suite over it, in virtual time.
#include <algorithm>
#include <iostream>
#include <map>
#include <mutex>
#include <tenure/conformance.hpp>
#include <tenure/scheduler.hpp>
#include <tenure/virtual_scheduler.hpp>

using namespace tenure;
using namespace std::chrono_literals;

// What would be a database: shared by all clients, and the only one to number things.
struct Database {
    std::mutex mutex;
    std::int64_t revision = 0;
    std::int64_t last_lease = 0;
    std::map<LeaseId, std::pair<Duration, Instant>> leases;  // granted, and until when
    std::map<Revision, Entry> entries;                       // in the order of creation
    std::vector<Change> history;

    Revision note(Change::Kind kind, const Entry& entry) {
        history.push_back({kind, entry, Revision{++revision}});
        return Revision{revision};
    }
    // Rule 9: this very entry, not a later one with its key.
    auto find(const Entry& entry) {
        const auto found = entries.find(entry.created);
        return found != entries.end() && found->second.key == entry.key ? found : entries.end();
    }
    void erase(std::map<Revision, Entry>::iterator entry) {
        note(Change::Kind::removed, entry->second);
        entries.erase(entry);
    }
    void end_lease(LeaseId id) {
        leases.erase(id);
        for (auto entry = entries.begin(); entry != entries.end();) {
            const auto next = std::next(entry);
            if (entry->second.lease == id) erase(entry);
            entry = next;
        }
    }
    // Rule 4: entries go together, and not before their time.
    void expire(Instant now) {
        while (true) {
            const auto over = std::ranges::find_if(
                leases, [&](const auto& lease) { return lease.second.second <= now; });
            if (over == leases.end()) return;
            end_lease(over->first);
        }
    }
};

// Rule 8: a prefix ends where its last slash is.
std::string closed(const std::string& prefix) {
    return prefix + "/";
}

Error lease_gone() {
    return {errc::lease_gone, "the database knows no such lease"};
}

// Rule 6: looks every 10 ms at what has happened since the last time.
class Poll : public std::enable_shared_from_this<Poll> {
public:
    Poll(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<Database> database,
         std::weak_ptr<void> store, WatchTarget target, Reply<Change> reply)
        : scheduler_(std::move(scheduler)),
          database_(std::move(database)),
          store_(std::move(store)),
          target_(std::move(target)),
          reply_(std::move(reply)) {}

    void look() {
        timer_ = scheduler_->call_at(scheduler_->now() + 10ms, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->look();
        });
        for (const Change& change : take_news()) {
            // Rule 10: who has dropped the watch by then hears nothing.
            scheduler_->post([weak = weak_from_this(), change] {
                const auto self = weak.lock();
                if (self && !self->store_.expired()) self->reply_(change);
            });
        }
    }

private:
    std::vector<Change> take_news() {
        const std::lock_guard lock(database_->mutex);
        database_->expire(scheduler_->now());
        std::vector<Change> news;
        for (const Change& change : database_->history) {
            const bool is_ours = target_.scope == WatchTarget::Scope::key
                                     ? change.entry.key == target_.name
                                     : change.entry.key.starts_with(closed(target_.name));
            if (is_ours && change.revision > target_.after) news.push_back(change);
        }
        target_.after = std::max(target_.after, Revision{database_->revision});
        return news;
    }

    std::shared_ptr<Scheduler> scheduler_;
    std::shared_ptr<Database> database_;
    std::weak_ptr<void> store_;
    WatchTarget target_;
    Reply<Change> reply_;
    std::unique_ptr<Scheduler::Timer> timer_;
};

struct PollingWatch : Watch {
    explicit PollingWatch(std::shared_ptr<Poll> its_poll) : poll(std::move(its_poll)) {}
    std::shared_ptr<Poll> poll;
};

// One client. `standing` and `enter` are left to KeyStore, which makes them of `list` and `create`.
class CustomStore : public KeyStore {
public:
    CustomStore(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<Database> database)
        : scheduler_(std::move(scheduler)), database_(std::move(database)) {}

    void grant_lease(Duration ttl, Reply<Lease> reply) override {
        answer(std::move(reply), [&](Database& data) -> result<Lease> {
            if (ttl <= 0s) return Error(errc::refused, "a lease needs time");
            const LeaseId id{++data.last_lease};
            data.leases[id] = {ttl, scheduler_->now() + ttl};
            return Lease{id, ttl};
        });
    }
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        answer(std::move(reply), [&](Database& data) -> result<Lease> {
            const auto lease = data.leases.find(id);
            if (lease == data.leases.end()) return lease_gone();
            auto& [granted, end] = lease->second;
            end = scheduler_->now() + granted;
            return Lease{id, granted};
        });
    }
    void revoke_lease(LeaseId id, Reply<void> reply) override {
        answer(std::move(reply), [&](Database& data) -> result<void> {
            if (!data.leases.contains(id)) return lease_gone();
            data.end_lease(id);
            return {};
        });
    }
    void create(NewEntry entry, Reply<Entry> reply) override {
        answer(std::move(reply), [&](Database& data) -> result<Entry> {
            if (!data.leases.contains(entry.lease)) return lease_gone();
            // Rule 5: the lease names the key, so asking again finds the first entry.
            const auto key = closed(entry.prefix) + std::to_string(to_integer(entry.lease));
            for (const auto& [created, standing] : data.entries) {
                if (standing.key == key) return standing;
            }
            Entry created{key, entry.value, entry.lease, Revision{data.revision + 1}};
            data.note(Change::Kind::created, created);
            return data.entries[created.created] = created;
        });
    }
    void update(Entry entry, std::string value, Reply<Revision> reply) override {
        answer(std::move(reply), [&](Database& data) -> result<Revision> {
            const auto found = data.find(entry);
            if (found == data.entries.end()) {
                return Error(errc::entry_changed, "'" + entry.key + "' is not there any more");
            }
            found->second.value = value;
            return data.note(Change::Kind::updated, found->second);
        });
    }
    void remove(Entry entry, Reply<void> reply) override {
        answer(std::move(reply), [&](Database& data) -> result<void> {
            const auto found = data.find(entry);
            if (found != data.entries.end()) data.erase(found);
            return {};
        });
    }
    void list(ListQuery query, Reply<Listing> reply) override {
        answer(std::move(reply), [&](Database& data) -> result<Listing> {
            Listing listing{.entries = {}, .revision = Revision{data.revision}};
            for (const auto& [created, entry] : data.entries) {
                const bool is_ahead = !query.before || created < *query.before;
                if (is_ahead && entry.key.starts_with(closed(query.prefix)))
                    listing.entries.push_back(entry);
            }
            if (query.order == Order::descending) std::ranges::reverse(listing.entries);
            if (query.limit > 0 && listing.entries.size() > query.limit)
                listing.entries.resize(query.limit);
            return listing;
        });
    }
    std::unique_ptr<Watch> watch(WatchTarget target, Reply<Change> reply) override {
        const auto poll = std::make_shared<Poll>(scheduler_, database_, alive_, std::move(target),
                                                 std::move(reply));
        scheduler_->post([weak = std::weak_ptr(poll)] {
            if (const auto self = weak.lock()) self->look();
        });
        return std::make_unique<PollingWatch>(poll);
    }

private:
    // Rule 1: once, and never after the end of this client, whose replies run on the scheduler.
    template <class T, class Transaction>
    void answer(Reply<T> reply, Transaction transaction) {
        const std::lock_guard lock(database_->mutex);
        database_->expire(scheduler_->now());
        result<T> outcome = transaction(*database_);
        scheduler_->post([weak = std::weak_ptr(alive_), reply, outcome] {
            if (!weak.expired()) reply(outcome);
        });
    }

    std::shared_ptr<Scheduler> scheduler_;
    std::shared_ptr<Database> database_;
    std::shared_ptr<void> alive_ = std::make_shared<int>();
};

// What the suite needs to know: how to open a client, and how to let time pass.
class CustomFixture : public conformance::Fixture {
public:
    std::shared_ptr<KeyStore> open() override {
        return std::make_shared<CustomStore>(scheduler_, database_);
    }
    bool run_until(const std::function<bool()>& predicate, Duration bound) override {
        return scheduler_->run_until(predicate, bound);
    }
    Instant now() const override { return scheduler_->now(); }

private:
    std::shared_ptr<sim::VirtualScheduler> scheduler_ = sim::make_virtual_scheduler();
    std::shared_ptr<Database> database_ = std::make_shared<Database>();
};

int main() {
    const auto reports = conformance::run_all([] { return std::make_unique<CustomFixture>(); });
    bool all_is_well = true;
    for (const auto& report : reports) {
        const char* verdicts[] = {"passed ", "FAILED ", "skipped"};
        std::cout << verdicts[static_cast<int>(report.verdict)] << "  " << report.name
                  << (report.words.empty() ? "" : ": ") << report.words << '\n';
        all_is_well = all_is_well && report.verdict != conformance::Verdict::failed;
    }
    std::cout << (all_is_well ? "the store keeps the contract" : "the store breaks the contract")
              << '\n';
    return all_is_well ? 0 : 1;
}
