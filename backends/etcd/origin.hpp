// Which cluster an answer comes from, and how new a view of it its member has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tenure/error.hpp>

namespace tenure::etcd::detail {

/// What is not said is empty, or 0.
struct Origin {
    std::string cluster{};
    /// Of Raft, which etcd's members elect their leader by: it only ever grows.
    std::int64_t term = 0;
};

/// Out of a body of the v3 API, or of a message of its streams: their header.
Origin origin_in(std::string_view text);

/// Refuses what a store must not believe: answers from another cluster, as when an endpoint's name
/// leads elsewhere, and from a member that has missed an election of its cluster's leader. The
/// second may have lost its quorum, and confirm what the others do not know.
class OriginGuard {
public:
    /// Take this before a question is sent.
    std::int64_t newest_term() const noexcept { return newest_term_; }
    /// Why an answer is not to be believed. `term` was the newest when the question was sent: one
    /// that was under way during an election may still be answered from before it.
    /// Learns from what it believes; only linearizable answers may be given to it.
    std::optional<Error> judge(const Origin& origin, std::int64_t term);
    /// The same, and learns nothing: for what a member answers by itself. The term of one that is
    /// cut off may run ahead, by elections that it cannot win.
    std::optional<Error> judge_local(const Origin& origin, std::int64_t term) const;
    /// The same for what was asked at no particular time, such as the beginning of a watch.
    std::optional<Error> judge_cluster(const Origin& origin) const;

private:
    std::string cluster_{};
    std::int64_t newest_term_ = 0;
};

}  // namespace tenure::etcd::detail
