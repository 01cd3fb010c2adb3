// Prints a number for the trace of each of some seeds. Every build has to print the same: a seed
// means the same with each compiler and each optimisation.
#include <iostream>
#include <tenure/simulation/scenario.hpp>

int main() {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const auto outcome = tenure::sim::play({.seed = seed, .trace_messages = true});
        std::cout << seed << ' ' << outcome.trace.size() << ' '
                  << tenure::sim::hash_of(outcome.trace) << std::endl;
    }
}
