// Shows that the checker sees: each planted bug is switched on by itself and has to be caught.
// With TENURE_REWRITE=1 it writes docs/planted-bugs.md anew.
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <tenure/simulation.hpp>

#include "tests/simulation/planted/bug.hpp"

namespace tenure::testing {
namespace {

struct Planted {
    Bug bug;
    std::string_view name;
    std::string_view rule;
    std::string_view what;
};

constexpr std::array bugs{
#define TENURE_BUG(name, rule, what) Planted{Bug::name, #name, rule, what},
#include "tests/simulation/planted/bugs.inc"
#undef TENURE_BUG
};

/// Within so many seeds each has to be caught.
constexpr std::uint64_t most_seeds = 5000;

struct Caught {
    std::uint64_t seed = 0;
    std::string property;
};

std::optional<Caught> hunt(Bug bug) {
    planted_bug = bug;
    std::optional<Caught> caught;
    for (std::uint64_t seed = 1; seed <= most_seeds && !caught; ++seed) {
        const sim::Outcome outcome = sim::play({.seed = seed});
        if (!outcome.is_safe()) caught = Caught{seed, outcome.property};
    }
    planted_bug = Bug::none;
    return caught;
}

std::string document(const std::vector<std::optional<Caught>>& results) {
    std::ostringstream page;
    page << "# Planted bugs\n\n"
            "The simulated world's checker is tested by mistakes. Each of these is switched on by\n"
            "itself, in a copy of the library's own sources, and seeds of mixed chaos are played\n"
            "from 1 on until a property does not hold. `tests/simulation/planted/bugs.cmake` has\n"
            "the mistakes as code; `tests/simulation/planted_test.cpp` fails when one of them is\n"
            "not caught within "
         << most_seeds
         << " seeds, and writes this page with `TENURE_REWRITE=1`.\n\n"
            "| rule | mistake | caught by | seeds needed |\n|---|---|---|---|\n";
    for (std::size_t i = 0; i < bugs.size(); ++i) {
        page << "| " << bugs[i].rule << " | " << bugs[i].what << " (`" << bugs[i].name << "`) | ";
        if (results[i]) {
            page << '`' << results[i]->property << "` | " << results[i]->seed << " |\n";
        } else {
            page << "nothing | |\n";
        }
    }
    return page.str();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(planted)

BOOST_AUTO_TEST_CASE(without_a_bug_nothing_is_caught) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        const sim::Outcome outcome = sim::play({.seed = seed});
        BOOST_TEST(outcome.is_safe(), outcome.violation);
    }
}

BOOST_AUTO_TEST_CASE(each_planted_bug_is_caught) {
    std::vector<std::optional<Caught>> results;
    for (const Planted& bug : bugs) {
        const auto& caught = results.emplace_back(hunt(bug.bug));
        BOOST_TEST(caught.has_value(), bug.name << " is not caught by " << most_seeds << " seeds");
        std::cout << bug.name << ": ";
        if (caught) {
            std::cout << caught->property << ", seed " << caught->seed << std::endl;
        } else {
            std::cout << "not caught" << std::endl;
        }
    }
    const std::string page = document(results);
    const std::string path = TENURE_DOCS "/planted-bugs.md";
    if (std::getenv("TENURE_REWRITE") != nullptr) std::ofstream(path) << page;
    std::ifstream file(path);
    const std::string written((std::istreambuf_iterator<char>(file)), {});
    BOOST_TEST((page == written), "docs/planted-bugs.md is out of date: run with TENURE_REWRITE=1");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
