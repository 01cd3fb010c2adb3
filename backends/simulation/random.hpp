// Chance, decided by the seed: Boost's engine and distribution, so that a seed means the same
// on every platform.
#pragma once

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cstdint>
#include <tenure/types.hpp>

namespace tenure::sim::detail {

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    /// Below `bound`, which is not 0.
    std::uint64_t below(std::uint64_t bound) {
        return boost::random::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
    }
    /// From zero to `most`.
    Duration up_to(Duration most) {
        if (most <= Duration::zero()) return Duration::zero();
        return Duration(
            static_cast<Duration::rep>(below(static_cast<std::uint64_t>(most.count()) + 1)));
    }
    bool one_in_a_thousand(unsigned times) { return times > 0 && below(1000) < times; }
    std::uint64_t any() { return engine_(); }
    /// A stream of its own: what draws from it disturbs no other.
    Random split() { return Random(any()); }

private:
    boost::random::mt19937_64 engine_;
};

}  // namespace tenure::sim::detail
