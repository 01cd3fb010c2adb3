// Prints a number for the trace of each of some worlds. Every build has to print the same: a seed
// means the same with each compiler and each optimisation.
#include <iostream>
#include <tenure/simulation.hpp>

namespace {

using namespace std::chrono_literals;
using namespace tenure;

void print(std::uint64_t seed, const sim::Trace& trace) {
    std::cout << seed << ' ' << trace.size() << ' ' << sim::hash_of(trace) << std::endl;
}

std::shared_ptr<void> run_candidate(sim::Node& node) {
    const auto election = std::make_shared<Election>(
        node.executor(), node.store(),
        ElectionOptions{.election = "jobs", .candidate = node.name(), .ttl = 5s});
    node.follow(*election);
    election->start();
    return election;
}

/// As a user has it: elections that draw their seeds from the world.
sim::Trace trace_of_a_users_world(std::uint64_t seed) {
    sim::World world({.seed = seed});
    for (const char* name : {"a", "b", "c"})
        world.add_node(name, run_candidate);
    world.chaos(sim::all_chaos());
    world.run_for(60s);
    return world.trace();
}

}  // namespace

int main() {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        print(seed, sim::play({.seed = seed, .trace_messages = true}).trace);
        print(seed, trace_of_a_users_world(seed));
    }
}
