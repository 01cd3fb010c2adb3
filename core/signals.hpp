// Signals that reach every slot, also when one of them throws.
#pragma once

#include <boost/signals2/signal.hpp>
#include <cstddef>

namespace tenure::detail {

/// Calls them all, and answers how many threw. Boost.Signals2's own combiner stops at the first.
struct ReachEverySlot {
    using result_type = std::size_t;

    template <class Iterator>
    std::size_t operator()(Iterator first, Iterator last) const {
        std::size_t threw = 0;
        for (; first != last; ++first) {
            try {
                *first;
            } catch (...) {
                ++threw;
            }
        }
        return threw;
    }
};

template <class Signature>
using Signal = boost::signals2::signal<Signature, ReachEverySlot>;

}  // namespace tenure::detail
