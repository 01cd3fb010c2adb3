// Mixed chaos by the thousand. TENURE_SEEDS says how many, TENURE_SEED replays one of them.
#include <boost/test/unit_test.hpp>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <tenure/simulation.hpp>

namespace tenure::sim {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    if (text == nullptr) return otherwise;
    std::uint64_t number = 0;
    const char* const end = text + std::strlen(text);
    const auto [rest, failure] = std::from_chars(text, end, number);
    if (failure == std::errc() && rest == end && number > 0) return number;
    throw std::invalid_argument(std::string(name) + ": '" + text + "' is no number of a seed");
}

/// An optimised build plays ten times as many in the same time.
constexpr std::uint64_t usual_count() {
#ifdef __OPTIMIZE__
    return 3000;
#else
    return 200;
#endif
}

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(seeds)

BOOST_AUTO_TEST_CASE(no_chaos_makes_two_leaders_nor_leaves_none) {
    const std::uint64_t only = from_environment("TENURE_SEED", 0);
    const std::uint64_t first = only > 0 ? only : 1;
    const std::uint64_t last = only > 0 ? only : from_environment("TENURE_SEEDS", usual_count());
    Duration covered{};
    std::uint64_t steps = 0;
    std::uint64_t leaderships = 0;
    const Instant began = LeaseClock::now();
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const Outcome outcome = play({.seed = seed, .trace_messages = only > 0});
        if (only > 0) std::cout << to_text(outcome.trace);
        BOOST_TEST_INFO("replay with TENURE_SEED=" << seed << "\n" << outcome.violation);
        BOOST_TEST(outcome.is_safe());
        covered += outcome.covered;
        steps += outcome.steps;
        for (const TraceEvent& event : outcome.trace)
            leaderships += event.kind == TraceEvent::Kind::elected;
    }
    const double took = seconds(LeaseClock::now() - began);
    std::cout << last - first + 1 << " seeds: " << seconds(covered) / 3600 << " h of virtual time, "
              << steps << " steps and " << leaderships << " leaderships in " << took << " s ("
              << seconds(covered) / took << " virtual seconds and "
              << static_cast<double>(steps) / took << " steps a second)" << std::endl;
    // A chaos in which nobody is ever elected shows nothing.
    if (only == 0) BOOST_TEST(leaderships >= 3 * (last - first + 1));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::sim
