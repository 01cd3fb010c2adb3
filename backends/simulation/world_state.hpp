// All the parts of one world, in the order in which they depend on each other.
#pragma once

#include <memory>
#include <vector>

#include "backends/simulation/checker.hpp"
#include "backends/simulation/node_state.hpp"

namespace tenure::sim::detail {

class Chaos;

class WorldState {
public:
    explicit WorldState(WorldOptions options);
    ~WorldState();
    WorldState(const WorldState&) = delete;
    WorldState& operator=(const WorldState&) = delete;

    NodeState& add_node(const std::string& name, World::Program program);
    /// Throws std::invalid_argument when there is none.
    NodeState& node(std::string_view name);
    bool is_calm() const;
    void heal();
    void chaos(const ChaosOptions& faults);
    bool run_until(const std::function<bool()>& predicate, Duration bound);

    const WorldOptions options;
    Engine engine;
    Tracer tracer;
    Random random;
    Checker checker;
    ServerState server;
    Server server_handle;
    std::vector<std::unique_ptr<NodeState>> nodes;

private:
    std::vector<std::unique_ptr<Chaos>> chaos_;
    bool running_ = false;
};

}  // namespace tenure::sim::detail
