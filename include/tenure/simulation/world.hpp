// The simulated world: one seed decides everything, and virtual time jumps from one event to
// the next. No thread is started and nothing sleeps.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tenure/simulation/chaos.hpp>
#include <tenure/simulation/node.hpp>
#include <tenure/simulation/server.hpp>
#include <tenure/simulation/trace.hpp>

namespace tenure::sim {

namespace detail {
class WorldState;
}

/// The line between a node and the store.
struct LinkOptions {
    /// How long a message takes one way, at least, and how much longer at most.
    Duration latency = std::chrono::milliseconds(1);
    Duration jitter = std::chrono::milliseconds(4);
    /// How many of a thousand requests, and of a thousand replies, are lost: a request before it
    /// has its effect, a reply after. Watches lose nothing: what does not get through is sent
    /// again, and arrives late.
    unsigned loss_per_mille = 0;
    /// How long a request waits for its answer.
    Duration time_out = std::chrono::seconds(2);
    /// How long a watch may hear nothing from the store before it fails.
    Duration silence = std::chrono::seconds(3);
};

enum class Direction { both, to_store, from_store };

struct WorldOptions {
    std::uint64_t seed = 1;
    /// What nodes begin with.
    LinkOptions link{};
    /// How soon after the last fault there must be a leader whom all know, and how long the
    /// entry of a candidate that is gone may stand. Keep it above three times the TTL.
    Duration patience = std::chrono::seconds(30);
    /// Write requests and replies into the trace as well.
    bool trace_messages = true;
    /// Words for a violation: what replays it. Default: the seed.
    std::string replay{};
};

/// What `run_for` and `run_until` throw when a property does not hold.
class Violation : public std::logic_error {
public:
    Violation(std::string property, Duration at, const std::string& words);
    const std::string& property() const { return property_; }
    /// The world's time.
    Duration at() const { return at_; }

private:
    std::string property_;
    Duration at_;
};

/// Thread safety: one thread.
class World {
public:
    /// Makes what runs on a node, at once and after each restart. What it returns is destroyed
    /// when the node crashes, and when the world ends.
    using Program = std::function<std::shared_ptr<void>(Node&)>;

    explicit World(WorldOptions options = {});
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Throws std::invalid_argument when there is one of this name, or the name is "store". Where
    /// the program throws the node is there, but down.
    Node& add_node(const std::string& name, Program program = {});
    /// Throws std::invalid_argument when there is none; so does all below that takes a name.
    Node& node(std::string_view name);
    Server& server();

    // Lines.
    void partition(std::string_view node, Direction direction = Direction::both);
    void heal(std::string_view node);
    /// What the line is from now on, also after `heal`. In one direction only that way's latency,
    /// jitter and loss change.
    void set_link(std::string_view node, const LinkOptions& link,
                  Direction direction = Direction::both);

    // Processes. SIGSTOP and SIGCONT: time goes on, nothing runs, what arrives waits.
    void pause(std::string_view node);
    void resume(std::string_view node);
    /// The machine sleeps: nothing runs, and timers notice only a while after it has woken.
    void suspend(std::string_view node, Duration duration);
    /// SIGKILL: the program is destroyed, and nothing it does while it is gets out.
    void crash(std::string_view node);
    /// Runs the program anew; nothing happens unless it had crashed.
    void restart(std::string_view node);
    /// Parts per million that its clock runs fast; negative is slow. Throws std::invalid_argument
    /// for a clock that would stand still or run backwards.
    void set_clock_rate(std::string_view node, std::int64_t parts_per_million);

    /// Heals every line, resumes, wakes and restarts every node and the store. Links, clock rates
    /// and how late leases end stay what they were set to.
    void heal();
    /// Begins a schedule of faults, from now on.
    void chaos(const ChaosOptions& options);

    // Time. Each throws Violation as soon as a property does not hold, and std::logic_error when
    // it is called by what it runs.
    /// Since the world began.
    Duration now() const;
    void run_for(Duration duration);
    /// Looks after each step; false when the bound has passed without.
    bool run_until(const std::function<bool()>& predicate, Duration bound);
    /// Runs the action then, on no node; now, if that is past.
    void at(Duration when, std::function<void()> action);

    /// Looked at after each step.
    void always(std::string name, std::function<bool()> predicate);
    /// Has to hold at some step from now on, before the time is over; a world that ends sooner
    /// asks no more.
    void eventually(std::string name, std::function<bool()> predicate, Duration within);

    /// The node that leads the election by its own clock, among the elections that are followed;
    /// empty when none does. Throws std::invalid_argument when no such election ever was followed.
    std::string leader(std::string_view election) const;

    /// From now on violations of what is watched anyway are only written into the trace, each
    /// property once: for tests of what of yours still holds then.
    void tolerate_violations();

    const Trace& trace() const;
    /// How many steps the world has made.
    std::uint64_t steps() const;

private:
    std::unique_ptr<detail::WorldState> state_;
};

}  // namespace tenure::sim
