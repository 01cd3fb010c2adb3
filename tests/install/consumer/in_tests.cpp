// A service's own test: an election on virtual time, and two in a simulated world.
#include <tenure/simulation.hpp>
#include <tenure/tenure.hpp>

using namespace std::chrono_literals;

namespace {

bool elected_on_virtual_time() {
    const auto scheduler = tenure::sim::make_virtual_scheduler();
    tenure::Election election(scheduler, tenure::make_memory_store(scheduler),
                              {.election = "e", .candidate = "c"});
    election.start();
    return scheduler->run_until([&] { return election.is_leader(); }, 10s);
}

bool another_rises_when_one_is_cut_off() {
    tenure::sim::World world;
    for (const char* name : {"a", "b"}) {
        world.add_node(name, [](tenure::sim::Node& node) {
            const auto election = std::make_shared<tenure::Election>(
                node.executor(), node.store(),
                tenure::ElectionOptions{.election = "e", .candidate = node.name()});
            node.follow(*election);
            election->start();
            return election;
        });
    }
    if (!world.run_until([&] { return !world.leader("e").empty(); }, 10s)) return false;
    const std::string first = world.leader("e");
    world.partition(first);
    return world.run_until([&] { return !world.leader("e").empty() && world.leader("e") != first; },
                           60s);
}

}  // namespace

int main() {
    return elected_on_virtual_time() && another_rises_when_one_is_cut_off() ? 0 : 1;
}
