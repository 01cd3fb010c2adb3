// Candidates on one memory store in virtual time, each with a line of its own to be cut.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tenure/election.hpp>
#include <tenure/faulty_store.hpp>
#include <tenure/memory_store.hpp>
#include <tenure/observer.hpp>
#include <tenure/virtual_scheduler.hpp>
#include <vector>

namespace tenure::testing {

using namespace std::chrono_literals;

/// The store, and the time. Ends with nothing left to run.
class World {
public:
    World();
    ~World();

    const std::shared_ptr<sim::VirtualScheduler> scheduler;
    const std::shared_ptr<MemoryStore> store;

    void run_for(Duration duration) { scheduler->run_for(duration); }
    bool run_until(const std::function<bool()>& predicate, Duration bound = 60s) {
        return scheduler->run_until(predicate, bound);
    }
    /// The entries of the election, in their order.
    std::vector<Entry> entries(const std::string& election = "jobs");
    /// Whether so many stand within a minute.
    bool wait_for_entries(std::size_t count, const std::string& election = "jobs");
    /// What an operator does.
    void delete_entry(const Entry& entry);
    void revoke(LeaseId lease);
};

/// An election behind its own line, which writes down what it is told.
class Candidate {
public:
    Candidate(World& world, const std::string& name, ElectionOptions options = {});

    World& world;
    const std::string name;
    const std::shared_ptr<sim::FaultyStore> line;
    /// "elected 3", "unelected resigned", "leader a", "leader -", "error …"; the last word of an
    /// error is not compared anywhere.
    std::vector<std::string> events;
    std::optional<Election> election;

    /// Only what was elected and unelected.
    std::vector<std::string> turns() const;
    std::size_t count(const std::string& prefix) const;
    bool leads() const { return election && election->is_leader(); }
    void start() { election->start(); }
};

/// Starts the first and waits until it leads, then the others until all stand in line.
void line_up(World& world, const std::vector<Candidate*>& candidates);

using Strings = std::vector<std::string>;

}  // namespace tenure::testing

namespace std {
inline ostream& operator<<(ostream& out, const vector<string>& list) {
    for (const auto& item : list)
        out << '[' << item << ']';
    return out;
}
}  // namespace std
