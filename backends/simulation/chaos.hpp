// Befalls a world with the faults of a ChaosOptions, in the order in which the seed draws them.
#pragma once

#include <functional>
#include <set>
#include <string_view>
#include <tenure/simulation/world.hpp>
#include <vector>

#include "backends/simulation/random.hpp"

namespace tenure::sim::detail {

class WorldState;
class NodeState;
struct Candidate;

class Chaos {
public:
    Chaos(WorldState& world, const ChaosOptions& options);

    void begin();

private:
    struct Fault {
        unsigned weight;
        std::function<void()> befall;
    };

    void add_line_faults();
    void add_process_faults();
    void add_store_faults();
    void add_operator();
    void add_users();
    /// One that befalls a node and is over after a while.
    void add(unsigned weight, std::function<void(NodeState&)> befall,
             std::function<void(NodeState&)> over);
    void befall_again();
    void strike();

    /// Its line becomes slow, and then breaks.
    void let_die(NodeState& node);
    /// After a while, unless the faults are over by then.
    void later(Duration delay, std::function<void()> what);
    void user_does(const Candidate& candidate, const char* what);
    void start_again(const Candidate& candidate);
    void lose_replies(NodeState& node);
    void end();
    NodeState& any_node();
    Duration some_while();
    Direction some_direction();
    Duration some_lag();
    std::int64_t some_drift();

    WorldState& world_;
    const ChaosOptions options_;
    Random random_;
    Duration end_{};
    /// The numbers of the elections that are to be started again.
    std::set<std::uint64_t> stopped_;
    std::vector<Fault> faults_;
    std::uint64_t weights_ = 0;
};

}  // namespace tenure::sim::detail
