#include "tests/exploration/plays.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <iostream>

#include "tests/support/sanitized.hpp"

namespace tenure::exploration {
namespace {

using test::sanitized;

std::size_t from_environment(const char* name, std::size_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::stoul(text) : otherwise;
}

}  // namespace

Report play(const char* name, Bounds bounds) {
    Limits limits;
    if (sanitized) limits.states = 60000;
    limits.depth = from_environment("TENURE_EXPLORE_DEPTH", limits.depth);
    limits.states = from_environment("TENURE_EXPLORE_STATES", limits.states);
    const std::size_t more = from_environment("TENURE_EXPLORE_FAULTS", 0);
    bounds.budget.faults = static_cast<std::uint8_t>(bounds.budget.faults + more);
    const Report report = explore(bounds, limits);
    std::cout << name << ": " << report << std::endl;
    BOOST_TEST(report.violation.empty());
    // Not to pass because the guard was hit where nobody asked for it.
    const bool whole = more == 0 && !sanitized && !std::getenv("TENURE_EXPLORE_DEPTH") &&
                       !std::getenv("TENURE_EXPLORE_STATES");
    if (whole) BOOST_TEST(report.closed);
    return report;
}

}  // namespace tenure::exploration
