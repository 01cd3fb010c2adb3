// The run of one case: asks the store and waits for the answer, and says in words what is wrong.
#pragma once

#include <algorithm>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tenure/conformance/fixture.hpp>
#include <tenure/conformance/replies.hpp>
#include <utility>
#include <vector>

namespace tenure::conformance {

/// The store breaks the contract.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};
/// The fixture lacks what the case needs.
struct Skipped : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One run of one case. Its helpers throw `Failure` when the store does not do what every store
/// does, so that a case reads as the story it tells.
class Trial {
public:
    explicit Trial(Fixture& fixture)
        : fixture_(fixture), limits_(fixture.limits()), prefix_(fresh_prefix()) {}

    Fixture& fixture() { return fixture_; }
    const Limits& limits() const { return limits_; }
    /// A name no other case has used, without a slash at its end.
    const std::string& prefix() const { return prefix_; }
    /// The client that most cases use.
    KeyStore& store() {
        if (!store_) store_ = fixture_.open();
        return *store_;
    }
    /// Another client.
    KeyStore& other() {
        if (!other_) other_ = fixture_.open();
        return *other_;
    }

    /// Without it the case is skipped, by the capability's name.
    void need(Capability capability) {
        if (can(capability)) return;
        throw Skipped("the store does without " + std::string(to_string(capability)));
    }
    bool can(Capability capability) { return store().can(capability); }
    /// Another client that shares the leases, where there is such a thing.
    KeyStore& peer() { return can(Capability::shared_leases) ? other() : store(); }
    /// Whether `seen`, by another client or a watch, is that entry as far as they can tell.
    bool is_same(Entry seen, const Entry& entry) {
        if (!can(Capability::shared_leases)) seen.lease = entry.lease;
        return seen == entry;
    }

    static void require(bool holds, std::string_view words) {
        if (!holds) throw Failure(std::string(words));
    }
    template <class T>
    static T value_of(result<T> outcome, std::string_view doing) {
        require(outcome.has_value(), std::string(doing) + " failed: " + words_of(outcome));
        if constexpr (!std::is_void_v<T>) return std::move(*outcome);
    }
    /// `code` is an `errc` or a `condition`.
    template <class T, class Code>
    static void require_error(const result<T>& outcome, Code code, std::string_view doing) {
        require(outcome.has_error(), std::string(doing) + " succeeded");
        require(outcome.error().code == code,
                std::string(doing) + " failed with another error: " + words_of(outcome));
    }
    void wait(const std::function<bool()>& predicate, std::string_view what) {
        wait(predicate, what, limits_.answer);
    }
    void wait(const std::function<bool()>& predicate, std::string_view what, Duration bound) {
        require(fixture_.run_until(predicate, bound), "in vain waited for " + std::string(what));
    }
    void let_pass(Duration duration) {
        fixture_.run_until([] { return false; }, duration);
    }

    /// Waits for the one answer.
    template <class T>
    result<T> answer(const Replies<T>& pending, std::string_view doing) {
        wait([&] { return pending.count() > 0; }, "an answer to " + std::string(doing));
        require(pending.count() == 1, std::string(doing) + " was answered twice");
        return pending.all().front();
    }
    /// `call(reply)` asks.
    template <class T, class Call>
    result<T> ask(std::string_view doing, Call call) {
        const Replies<T> pending;
        call(pending.reply());
        return answer(pending, doing);
    }

    result<Lease> try_grant(Duration ttl) {
        auto lease = ask<Lease>("grant_lease",
                                [&](auto reply) { store().grant_lease(ttl, std::move(reply)); });
        if (lease) leases_.push_back(lease->id);
        return lease;
    }
    Lease grant(Duration ttl) { return value_of(try_grant(ttl), "grant_lease"); }
    /// Outlasts the case.
    LeaseId lasting_lease() { return grant(std::chrono::minutes(2)).id; }

    result<Lease> renew(LeaseId id) {
        return ask<Lease>("renew_lease",
                          [&](auto reply) { store().renew_lease(id, std::move(reply)); });
    }
    result<void> revoke(LeaseId id) {
        return ask<void>("revoke_lease",
                         [&](auto reply) { store().revoke_lease(id, std::move(reply)); });
    }
    result<Entry> try_create(NewEntry entry) {
        return ask<Entry>("create", [&](auto reply) { store().create(entry, std::move(reply)); });
    }
    Entry create(NewEntry entry) { return value_of(try_create(std::move(entry)), "create"); }
    /// An entry of its own lease below the case's prefix.
    Entry join(std::string value) { return create({prefix_, std::move(value), lasting_lease()}); }
    result<Revision> update(const Entry& entry, std::string value) {
        return ask<Revision>("update", [&](auto reply) {
            store().update(entry, std::move(value), std::move(reply));
        });
    }
    result<void> remove(const Entry& entry) {
        return ask<void>("remove", [&](auto reply) { store().remove(entry, std::move(reply)); });
    }
    Listing list(ListQuery query) { return list_on(store(), std::move(query)); }
    Listing list_on(KeyStore& client, ListQuery query) {
        return value_of(
            ask<Listing>("list",
                         [&](auto reply) { client.list(std::move(query), std::move(reply)); }),
            "list");
    }
    Standing standing(std::string prefix, const Entry& own) {
        return value_of(
            ask<Standing>(
                "standing",
                [&](auto reply) { store().standing(std::move(prefix), own, std::move(reply)); }),
            "standing");
    }
    Standing enter(NewEntry entry) {
        return value_of(
            ask<Standing>("enter",
                          [&](auto reply) { store().enter(std::move(entry), std::move(reply)); }),
            "enter");
    }

    Watching watch(WatchTarget::Scope scope, std::string name, Revision after) {
        Watching watching;
        watching.watch = store().watch({scope, std::move(name), after}, watching.heard.reply());
        require(watching.watch != nullptr, "watch returned null");
        return watching;
    }
    /// What has been reported; an error is a failure.
    static std::vector<Change> changes_of(const Watching& watching) {
        std::vector<Change> changes;
        for (auto& heard : watching.heard.all())
            changes.push_back(value_of(std::move(heard), "the watch"));
        return changes;
    }

    static bool has_heard_removal(const Watching& watching) {
        return std::ranges::any_of(changes_of(watching), [](const Change& change) {
            return change.kind == Change::Kind::removed;
        });
    }

    /// What was on its way to either client has arrived, when this returns: later requests have
    /// been answered.
    void fence() {
        for (int round = 0; round < 2; ++round) {
            list_on(store(), {.prefix = prefix_});
            list_on(other(), {.prefix = prefix_});
        }
    }
    /// Gives the leases back, without waiting for long or looking at the answers.
    void clean_up() {
        if (!store_) return;
        std::vector<Replies<void>> answers(leases_.size());
        for (std::size_t i = 0; i < leases_.size(); ++i)
            store_->revoke_lease(leases_[i], answers[i].reply());
        const auto are_there = [&] {
            for (const auto& each : answers) {
                if (each.count() == 0) return false;
            }
            return true;
        };
        fixture_.run_until(are_there, limits_.answer);
    }

    template <class T>
    static std::string words_of(const result<T>& outcome) {
        if (outcome) return "success";
        std::ostringstream words;
        words << outcome.error();
        return words.str();
    }

private:
    // Stores may keep what earlier runs have left: so the name is drawn, not counted.
    static std::string fresh_prefix() {
        std::random_device source;
        std::ostringstream name;
        name << "conformance/" << std::hex << source() << source();
        return name.str();
    }

    Fixture& fixture_;
    const Limits limits_;
    const std::string prefix_;
    std::shared_ptr<KeyStore> store_;
    std::shared_ptr<KeyStore> other_;
    std::vector<LeaseId> leases_;
};

/// One claim about a store.
struct Case {
    /// Which of the numbered rules of `KeyStore` it belongs to.
    int rule = 0;
    std::string words;
    std::function<void(Trial&)> run;

    std::string name() const { return "rule_" + std::to_string(rule) + "_" + words; }
};

}  // namespace tenure::conformance
