// Stores that each break one rule of the contract, to show that the suite notices.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tenure/key_store.hpp>
#include <utility>
#include <vector>

namespace tenure::test {

/// Breaks nothing: the base of those below. `standing` and `enter` are the ones that `KeyStore`
/// makes of `list` and `create`.
class HonestStore : public KeyStore {
public:
    explicit HonestStore(std::shared_ptr<KeyStore> inner) : inner_(std::move(inner)) {}

    void grant_lease(Duration ttl, Reply<Lease> reply) override {
        inner_->grant_lease(ttl, std::move(reply));
    }
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        inner_->renew_lease(id, std::move(reply));
    }
    void revoke_lease(LeaseId id, Reply<void> reply) override {
        inner_->revoke_lease(id, std::move(reply));
    }
    void create(NewEntry entry, Reply<Entry> reply) override {
        inner_->create(std::move(entry), std::move(reply));
    }
    void update(Entry entry, std::string value, Reply<Revision> reply) override {
        inner_->update(std::move(entry), std::move(value), std::move(reply));
    }
    void remove(Entry entry, Reply<void> reply) override {
        inner_->remove(std::move(entry), std::move(reply));
    }
    void list(ListQuery query, Reply<Listing> reply) override {
        inner_->list(std::move(query), std::move(reply));
    }
    std::unique_ptr<Watch> watch(WatchTarget target, Reply<Change> reply) override {
        return inner_->watch(std::move(target), std::move(reply));
    }

protected:
    std::shared_ptr<KeyStore> inner_;
};

struct AnswersTwice : HonestStore {
    using HonestStore::HonestStore;
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        inner_->renew_lease(id, [reply](const result<Lease>& lease) {
            reply(lease);
            reply(lease);
        });
    }
};

/// What is on its way still arrives.
struct AnswersAfterItsEnd : HonestStore {
    using HonestStore::HonestStore;
    ~AnswersAfterItsEnd() override {
        auto kept = inner_;
        inner_->list({.prefix = "any"}, [kept](const result<Listing>&) {});
    }
    // Those of `KeyStore` would go on with a store that is not there any more.
    void standing(std::string prefix, Entry own, Reply<Standing> reply) override {
        inner_->standing(std::move(prefix), std::move(own), std::move(reply));
    }
    void enter(NewEntry entry, Reply<Standing> reply) override {
        inner_->enter(std::move(entry), std::move(reply));
    }
    AnswersAfterItsEnd(const AnswersAfterItsEnd&) = delete;
    AnswersAfterItsEnd& operator=(const AnswersAfterItsEnd&) = delete;
};

/// Answers with what the list before has found.
struct ReadsStale : HonestStore {
    using HonestStore::HonestStore;
    void list(ListQuery query, Reply<Listing> reply) override {
        inner_->list(query, [this, query, reply](result<Listing> listing) {
            if (listing) std::swap(last_[query.prefix], *listing);
            reply(std::move(listing));
        });
    }
    std::map<std::string, Listing> last_;
};

/// As a serial number taken before the transaction ends: the last but one is not there yet.
struct ShowsOutOfOrder : HonestStore {
    using HonestStore::HonestStore;
    void list(ListQuery query, Reply<Listing> reply) override {
        inner_->list(std::move(query), [reply](result<Listing> listing) {
            if (listing && listing->entries.size() > 1 && listing->entries.size() < 100) {
                listing->entries.erase(listing->entries.end() - 2);
            }
            reply(std::move(listing));
        });
    }
};

/// Counts from one again when something was removed.
struct ReusesCreated : HonestStore {
    using HonestStore::HonestStore;
    void create(NewEntry entry, Reply<Entry> reply) override {
        inner_->create(std::move(entry), [this, reply](result<Entry> created) {
            if (created) {
                real_[created->key] = created->created;
                created->created = Revision{++last_};
            }
            reply(std::move(created));
        });
    }
    void remove(Entry entry, Reply<void> reply) override {
        last_ = 0;
        entry.created = real_[entry.key];
        inner_->remove(std::move(entry), std::move(reply));
    }
    std::map<std::string, Revision> real_;
    std::int64_t last_ = 0;
};

struct ExpiresEarly : HonestStore {
    using HonestStore::HonestStore;
    void grant_lease(Duration ttl, Reply<Lease> reply) override {
        inner_->grant_lease(ttl * 9 / 10, [reply, ttl](result<Lease> lease) {
            if (lease) lease->granted_ttl = ttl;
            reply(std::move(lease));
        });
    }
};

struct ExpiresMuchTooLate : HonestStore {
    using HonestStore::HonestStore;
    void grant_lease(Duration ttl, Reply<Lease> reply) override {
        inner_->grant_lease(ttl * 3, [reply, ttl](result<Lease> lease) {
            if (lease) lease->granted_ttl = ttl;
            reply(std::move(lease));
        });
    }
};

struct RenewsNothing : HonestStore {
    using HonestStore::HonestStore;
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        reply(Lease{id, std::chrono::seconds(2)});
    }
};

/// A renewal writes the entry again, so that all who watch it wake up.
struct WakesWatchersByRenewal : HonestStore {
    using HonestStore::HonestStore;
    void create(NewEntry entry, Reply<Entry> reply) override {
        inner_->create(std::move(entry), [this, reply](const result<Entry>& created) {
            if (created) entries_[created->lease] = *created;
            reply(created);
        });
    }
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        inner_->update(entries_[id], entries_[id].value, [](const result<Revision>&) {});
        inner_->renew_lease(id, std::move(reply));
    }
    std::map<LeaseId, Entry> entries_;
};

/// Each create makes a new place in line.
struct LeavesGhosts : HonestStore {
    using HonestStore::HonestStore;
    void create(NewEntry entry, Reply<Entry> reply) override {
        inner_->create(entry, [this, entry, reply](const result<Entry>& first) {
            if (!first || first->value == entry.value) return reply(first);
            inner_->grant_lease(std::chrono::minutes(1),
                                [this, entry, reply](const result<Lease>& lease) {
                                    if (!lease) return reply(lease.error());
                                    inner_->create({entry.prefix, entry.value, lease->id}, reply);
                                });
        });
    }
};

struct LosesChanges : HonestStore {
    using HonestStore::HonestStore;
    std::unique_ptr<Watch> watch(WatchTarget target, Reply<Change> reply) override {
        return inner_->watch(std::move(target), [reply, count = 0](result<Change> change) mutable {
            if (++count != 3) reply(std::move(change));
        });
    }
};

/// Begins with what happens next, not with what was missed.
struct IgnoresAfter : HonestStore {
    using HonestStore::HonestStore;
    std::unique_ptr<Watch> watch(WatchTarget target, Reply<Change> reply) override {
        const Revision newest = newest_;
        return inner_->watch(std::move(target), [reply, newest](result<Change> change) {
            if (!change || change->revision > newest) reply(std::move(change));
        });
    }
    void update(Entry entry, std::string value, Reply<Revision> reply) override {
        inner_->update(std::move(entry), std::move(value),
                       [this, reply](const result<Revision>& revision) {
                           if (revision) newest_ = *revision;
                           reply(revision);
                       });
    }
    Revision newest_{};
};

/// What it has forgotten, it does not mention.
struct HidesCompaction : HonestStore {
    using HonestStore::HonestStore;
    std::unique_ptr<Watch> watch(WatchTarget target, Reply<Change> reply) override {
        return inner_->watch(std::move(target), [reply](result<Change> change) {
            if (change) reply(std::move(change));
        });
    }
};

struct CallsAnOutageEmpty : HonestStore {
    using HonestStore::HonestStore;
    void list(ListQuery query, Reply<Listing> reply) override {
        inner_->list(std::move(query), [reply](result<Listing> listing) {
            if (!listing && listing.error().code == condition::unavailable) return reply(Listing{});
            reply(std::move(listing));
        });
    }
};

struct CallsAnOutageGone : HonestStore {
    using HonestStore::HonestStore;
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        inner_->renew_lease(id, [reply](result<Lease> lease) {
            if (!lease) return reply(Error(errc::lease_gone));
            reply(std::move(lease));
        });
    }
};

/// Looks for keys that begin with the name, as it is.
struct LeavesPrefixesOpen : HonestStore {
    using HonestStore::HonestStore;
    void list(ListQuery query, Reply<Listing> reply) override {
        const std::string name = query.prefix;
        const auto slash = name.rfind('/');
        if (slash != std::string::npos) query.prefix.resize(slash);
        inner_->list(std::move(query), [name, reply](result<Listing> listing) {
            if (listing) {
                std::erase_if(listing->entries,
                              [&](const Entry& entry) { return !entry.key.starts_with(name); });
            }
            reply(std::move(listing));
        });
    }
};

/// Goes by the key alone.
struct IgnoresCreated : HonestStore {
    using HonestStore::HonestStore;
    void update(Entry entry, std::string value, Reply<Revision> reply) override {
        of_that_key(entry, [this, value, reply](const Entry& found) {
            inner_->update(found, value, reply);
        });
    }

protected:
    void of_that_key(const Entry& entry, std::function<void(Entry)> then) {
        const auto prefix = entry.key.substr(0, entry.key.rfind('/'));
        inner_->list({.prefix = prefix}, [entry, then](const result<Listing>& listing) {
            Entry found = entry;
            if (listing) {
                const auto same = std::ranges::find(listing->entries, entry.key, &Entry::key);
                if (same != listing->entries.end()) found = *same;
            }
            then(found);
        });
    }
};

struct RemovesByKey : IgnoresCreated {
    using IgnoresCreated::IgnoresCreated;
    void update(Entry entry, std::string value, Reply<Revision> reply) override {
        inner_->update(std::move(entry), std::move(value), std::move(reply));
    }
    void remove(Entry entry, Reply<void> reply) override {
        of_that_key(entry, [this, reply](const Entry& found) { inner_->remove(found, reply); });
    }
};

struct KeepsWatching : HonestStore {
    using HonestStore::HonestStore;
    std::unique_ptr<Watch> watch(WatchTarget target, Reply<Change> reply) override {
        watches_.push_back(inner_->watch(std::move(target), std::move(reply)));
        return std::make_unique<Watch>();
    }
    std::vector<std::unique_ptr<Watch>> watches_;
};

}  // namespace tenure::test
