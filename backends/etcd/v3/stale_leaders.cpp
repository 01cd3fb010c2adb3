#include "backends/etcd/v3/stale_leaders.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "backends/etcd/v3/messages.hpp"

namespace tenure::etcd::detail::v3 {
namespace {

using namespace std::chrono_literals;

// A leader that hears of no other gives up after one election time-out, of a second unless etcd was
// told otherwise, and one that was stopped in the midst of it after another.
constexpr Duration two_election_timeouts = 2s;

}  // namespace

std::optional<bool> confirms_alone(std::string_view version) {
    std::array<int, 3> parts{};
    const char* at = version.data();
    const char* const end = at + version.size();
    for (int& part : parts) {
        const auto [next, error] = std::from_chars(at, end, part);
        if (error != std::errc()) return std::nullopt;
        at = next != end && *next == '.' ? next + 1 : next;
    }
    const auto is_before = [&](std::array<int, 3> other) { return parts < other; };
    return is_before({3, 4, 31}) || (!is_before({3, 5, 0}) && is_before({3, 5, 13}));
}

// With half the TTL taken off, what a stale leader confirms while a leadership still believes in
// it never lasts longer than what was confirmed before.
void StaleLeaders::margin_of(Duration ttl, Taker take) {
    const auto answer = [ttl, take = std::move(take)](bool may_be) {
        take(may_be ? std::min(two_election_timeouts, ttl / 2) : Duration::zero());
    };
    if (may_be_) return answer(*may_be_);
    waiting_.emplace_back(answer);
    if (waiting_.size() == 1) ask_version();
}

void StaleLeaders::ask_version() {
    caller_->start(
        {.question = {.target = "/version"},
         .take = [weak = weak_from_this()](const HttpAnswer& answer) -> std::optional<Error> {
             const auto self = weak.lock();
             if (!self) return std::nullopt;
             const auto version = decode_version(answer.body);
             const auto is_old =
                 answer.status == 200 && version ? confirms_alone(*version) : std::optional<bool>();
             if (is_old.value_or(false)) {
                 self->ask_members();
             } else {
                 self->found(is_old);
             }
             return std::nullopt;
         },
         .fail =
             [weak = weak_from_this()](const Error&) {
                 if (const auto self = weak.lock()) self->found(std::nullopt);
             },
         .is_linearizable = false});
}

void StaleLeaders::ask_members() {
    json_->start({.path = "/v3/cluster/member/list",
                  .body = "{}",
                  .take = [weak = weak_from_this()](std::string_view body) -> std::optional<Error> {
                      const auto self = weak.lock();
                      if (!self) return std::nullopt;
                      const auto count = decode_member_count(body);
                      self->found(!count || *count > 1);
                      return std::nullopt;
                  },
                  .fail =
                      [weak = weak_from_this()](const Error& error) {
                          const auto self = weak.lock();
                          if (!self) return;
                          // Who is not told has to expect several.
                          const bool is_refused = error.code == condition::refused;
                          self->found(is_refused ? std::optional(true) : std::nullopt);
                      },
                  .wish = "to list the cluster's members",
                  .is_linearizable = false});
}

void StaleLeaders::found(std::optional<bool> may_be) {
    may_be_ = may_be;
    for (const auto& answer : std::exchange(waiting_, {}))
        answer(may_be.value_or(true));
}

}  // namespace tenure::etcd::detail::v3
