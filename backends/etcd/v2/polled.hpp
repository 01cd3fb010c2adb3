// What a long poll says, as a change of an entry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tenure/key_store.hpp>

#include "backends/etcd/v2/messages.hpp"

namespace tenure::etcd::detail::v2 {

/// What is watched: a key, or all entries in a directory.
struct Polled {
    std::string path;
    bool is_directory = false;
    /// Every change up to here has been reported.
    std::int64_t after = 0;
};

/// What an event of a poll means to whoever watches.
struct News {
    /// Empty when it is nothing to them: a renewal, or a key that is no entry.
    std::optional<Change> change{};
    /// The key was deleted on purpose: its time was not over.
    bool was_deleted = false;
    /// The directory itself went, and with it entries that no event names.
    bool lost_track = false;
};

News news_of(const Polled& polled, const Answer& event);

}  // namespace tenure::etcd::detail::v2
