// What a run came to in numbers.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tests/chaos/history.hpp"

namespace tenure::chaos {

struct Figures {
    struct Done {
        std::size_t times = 0;
        Duration lasted{};
    };
    /// By kind.
    std::array<Done, fault_kinds> faults{};

    std::size_t leaderships = 0;
    /// While there were faults.
    Duration led{};
    Duration of{};
    /// From the end of one leadership to the beginning of the next.
    Duration longest_without_leader{};
    /// How long it then took, from when a leader was possible: most of etcd ran, and a candidate
    /// that ran had a line to it. In order of length.
    std::vector<Duration> recoveries{};

    std::size_t accepted = 0;
    std::size_t refused = 0;
    std::size_t errors_told = 0;
    std::size_t looks = 0;
    std::size_t failed_looks = 0;
    /// Of etcd itself.
    std::int64_t etcd_elections = 0;

    /// The smallest that so many of a hundred do not exceed; zero when there are none.
    Duration recovery(std::size_t percent) const;
    std::size_t fault_count() const;
};

struct Parties {
    std::size_t members = 3;
    std::size_t candidates = 5;
};

Figures count(const History& history, const Parties& parties);

}  // namespace tenure::chaos
