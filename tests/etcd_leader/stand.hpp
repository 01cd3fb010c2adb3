// What the tests of this folder share: a candidate made as the npm module's tests make one, and
// stores that write down what they are asked.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/core/fixture.hpp"
#include "tests/memory/broken_stores.hpp"

namespace tenure::testing {

/// An election by the name that the module's tests use.
inline ElectionOptions foo(ElectionOptions options = {}) {
    options.election = "/foo";
    if (options.candidate.empty()) options.candidate = "bar";
    if (!options.seed) options.seed = 7;
    return options;
}

/// How often each call was made on a candidate's line, and which of them are harmed.
class Calls {
public:
    explicit Calls(Candidate& candidate) : line_(candidate.line) {
        line_->set_fate([this](sim::Call call, std::uint64_t) {
            ++counts_[call];
            const auto harm = harms_.find(call);
            if (harm == harms_.end() || harm->second.times == 0) return sim::Fate::pass;
            --harm->second.times;
            return harm->second.fate;
        });
    }
    ~Calls() { line_->set_fate({}); }
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    void harm(sim::Call call, sim::Fate fate, int times) { harms_[call] = {fate, times}; }
    std::size_t count(sim::Call call) const {
        const auto found = counts_.find(call);
        return found == counts_.end() ? 0 : found->second;
    }

private:
    struct Harm {
        sim::Fate fate = sim::Fate::pass;
        int times = 0;
    };
    const std::shared_ptr<sim::FaultyStore> line_;
    std::map<sim::Call, std::size_t> counts_;
    std::map<sim::Call, Harm> harms_;
};

/// A store of the eight calls only. It writes them down, and keeps the answers to one of them
/// back until they are let go.
class SlowStore : public test::HonestStore {
public:
    using HonestStore::HonestStore;

    Strings asked;
    std::string holds;
    std::vector<std::function<void()>> held;

    void grant_lease(Duration ttl, Reply<Lease> reply) override {
        HonestStore::grant_lease(ttl, pass("grant_lease", std::move(reply)));
    }
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        HonestStore::renew_lease(id, pass("renew_lease", std::move(reply)));
    }
    void create(NewEntry entry, Reply<Entry> reply) override {
        HonestStore::create(std::move(entry), pass("create", std::move(reply)));
    }
    void list(ListQuery query, Reply<Listing> reply) override {
        HonestStore::list(std::move(query), pass("list", std::move(reply)));
    }
    std::size_t count(const std::string& call) const {
        return static_cast<std::size_t>(std::ranges::count(asked, call));
    }
    void let_go() {
        for (const auto& answer : std::exchange(held, {}))
            answer();
    }

private:
    template <class T>
    Reply<T> pass(const std::string& call, Reply<T> reply) {
        asked.push_back(call);
        if (call != holds) return reply;
        return
            [this, reply](result<T> answer) { held.push_back([reply, answer] { reply(answer); }); };
    }
};

}  // namespace tenure::testing
