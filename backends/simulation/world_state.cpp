#include "backends/simulation/world_state.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "backends/simulation/chaos.hpp"

namespace tenure::sim::detail {

WorldState::WorldState(WorldOptions given)
    : options(std::move(given)),
      tracer(engine, options.trace_messages),
      random(options.seed),
      checker(engine, tracer, options),
      server(engine, tracer, random.split()),
      server_handle(server) {
    check(options.link);
    checker.attach(server, [this] { return is_calm(); });
}

// Programs go first, while all that they use is still there; what they then ask is not heard.
WorldState::~WorldState() {
    for (const auto& node : nodes)
        node->close();
    engine.close();
}

NodeState& WorldState::add_node(const std::string& name, World::Program program) {
    const bool taken =
        std::ranges::any_of(nodes, [&](const auto& other) { return other->name() == name; });
    if (taken || name == "store" || name.empty()) {
        throw std::invalid_argument("a node cannot be called '" + name +
                                    "': " + (name.empty() ? "it is empty" : "the name is taken"));
    }
    nodes.push_back(std::make_unique<NodeState>(engine, tracer, server, checker, random.split(),
                                                name, options.link));
    // The program may add a node.
    NodeState& added = *nodes.back();
    added.set_program(std::move(program));
    return added;
}

NodeState& WorldState::node(std::string_view name) {
    const auto found =
        std::ranges::find_if(nodes, [&](const auto& node) { return node->name() == name; });
    if (found == nodes.end()) {
        throw std::invalid_argument("there is no node '" + std::string(name) + "'");
    }
    return **found;
}

bool WorldState::is_calm() const {
    return server.is_calm() &&
           std::ranges::all_of(nodes, [](const auto& node) { return node->is_calm(); });
}

void WorldState::heal() {
    server.resume();
    server.start();
    server.resume_watches();
    // A program that is started anew may add a node.
    for (std::size_t i = 0; i < nodes.size(); ++i)
        nodes[i]->mend();
}

void WorldState::chaos(const ChaosOptions& faults) {
    std::ostringstream words;
    words << faults;
    checker.note_chaos(words.str());
    chaos_.push_back(std::make_unique<Chaos>(*this, faults));
    chaos_.back()->begin();
}

bool WorldState::run_until(const std::function<bool()>& predicate, Duration bound) {
    if (running_) throw std::logic_error("the world is run by what it runs");
    struct Running {
        explicit Running(bool& flag) : flag_(flag) { flag_ = true; }
        ~Running() { flag_ = false; }
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;
        bool& flag_;
    } const guard(running_);
    if (bound < Duration::zero()) throw std::invalid_argument("time cannot run backwards");
    const Duration end = later(engine.now(), bound);
    // What was done to the world between two runs counts as a step.
    engine.forget_runner();
    checker.check();
    while (!predicate()) {
        if (!engine.step(end)) {
            engine.idle_until(end);
            checker.check();
            return predicate();
        }
        if (engine.stands_still()) checker.time_stands_still();
        checker.check();
    }
    return true;
}

}  // namespace tenure::sim::detail
