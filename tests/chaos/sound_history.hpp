// A short run in which all is well: the tests of the checker plant one thing into it and look.
#pragma once

#include "tests/chaos/checker.hpp"

namespace tenure::chaos {

inline constexpr Instant begin_of_run{std::chrono::hours(3)};

inline Instant at(Duration since_begin) {
    return begin_of_run + since_begin;
}

/// A sample takes a few microseconds.
inline Moment sample(Duration since_begin) {
    return {at(since_begin), at(since_begin + std::chrono::microseconds(5))};
}

inline const LifeId ann{"ann", 1};
inline const LifeId bob{"bob", 1};
inline const LifeId cid{"cid", 1};

/// Ann leads with token 5 until an operator deposes her after 20 s; bob follows with 7 and leads to
/// the end, after 100 s. Cid's process is killed after 30 s, while bob's is stopped for 3 s, and
/// member-1 is gone from 60 s to 65 s: then etcd has another leader.
History sound_history();

}  // namespace tenure::chaos
