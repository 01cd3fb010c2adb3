// A service's own test: an election on virtual time.
#include <tenure/memory_store.hpp>
#include <tenure/tenure.hpp>
#include <tenure/virtual_scheduler.hpp>

int main() {
    using namespace std::chrono_literals;
    const auto scheduler = tenure::sim::make_virtual_scheduler();
    tenure::Election election(scheduler, tenure::make_memory_store(scheduler),
                              {.election = "e", .candidate = "c"});
    election.start();
    return scheduler->run_until([&] { return election.is_leader(); }, 10s) ? 0 : 1;
}
