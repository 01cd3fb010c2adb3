// What happened between a reader's revision and the opening of its watch. A watch that is
// opened from now is served at once, where one that is opened from an old revision waits for
// a loop in etcd that runs ten times a second; so the gap is closed by reads.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "backends/etcd/v3/json_call.hpp"
#include "backends/etcd/v3/messages.hpp"

namespace tenure::etcd::detail::v3 {

/// The revisions after `after` up to and including `until`, for a key or a range of keys.
struct Gap {
    std::string key;
    std::string range_end{};
    std::int64_t after = 0;
    std::int64_t until = 0;
};

/// Every change in the gap, in order; nothing when the reads cannot tell exactly, and only
/// etcd's own history can.
using GapHandler = std::function<void(std::optional<std::vector<Event>>)>;

/// Calls the handler once, perhaps within this call, unless the caller is closed first.
void close_gap(const std::shared_ptr<JsonCaller>& caller, Gap gap, GapHandler handler);

}  // namespace tenure::etcd::detail::v3
