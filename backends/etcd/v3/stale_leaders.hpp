// Whether a member that has lost its office without knowing may confirm renewals, and how much
// sooner a leadership has to end for that.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <tenure/types.hpp>
#include <vector>

#include "backends/etcd/v3/json_call.hpp"

namespace tenure::etcd::detail::v3 {

/// Whether etcd of this version, such as `3.4.23`, asks nobody before it confirms a renewal: before
/// 3.4.31, and from 3.5.0 to 3.5.12. Empty when it is no version.
std::optional<bool> confirms_alone(std::string_view version);

/// Asks once, where it has to be known: the first time. Call its members on the executor, which
/// must run one thing at a time.
class StaleLeaders : public std::enable_shared_from_this<StaleLeaders> {
public:
    using Taker = std::function<void(Duration margin)>;

    StaleLeaders(std::shared_ptr<Caller> caller, std::shared_ptr<JsonCaller> json)
        : caller_(std::move(caller)), json_(std::move(json)) {}

    /// What to take off a lease of this TTL: nothing where renewals are confirmed by most members,
    /// or there is but one. Where that cannot be found out they may be, and the next call asks
    /// again. Perhaps within this call; never when the caller is closed first.
    void margin_of(Duration ttl, Taker take);

private:
    void ask_version();
    void ask_members();
    void found(std::optional<bool> may_be);

    std::shared_ptr<Caller> caller_;
    std::shared_ptr<JsonCaller> json_;
    std::optional<bool> may_be_{};
    std::vector<std::function<void(bool may_be)>> waiting_{};
};

}  // namespace tenure::etcd::detail::v3
