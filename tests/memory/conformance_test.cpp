// The memory store keeps the contract, whatever runs it.
#include <tenure/conformance/boost_test.hpp>

#include "tests/memory/fixtures.hpp"

namespace tenure::test {

TENURE_CONFORMANCE_SUITE(memory_in_virtual_time, [] { return std::make_unique<VirtualFixture>(); })

TENURE_CONFORMANCE_SUITE(memory_behind_a_line, [] { return std::make_unique<CuttableFixture>(); })

TENURE_CONFORMANCE_SUITE(memory_on_threads, [] { return std::make_unique<ThreadedFixture>(); })

}  // namespace tenure::test
