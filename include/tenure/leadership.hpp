// What the first in line holds.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <tenure/key_store.hpp>
#include <tenure/types.hpp>

namespace tenure {

namespace detail {
class LeadershipTerm;
}

/// Proof of leadership, good until the lease ends on this machine's `LeaseClock`.
///
/// The margin is already taken off: work begun while `valid()` ends before a successor rises
/// only if it takes less than the margin. Longer work carries `token()` to whatever it writes
/// to, and that resource refuses smaller tokens.
///
/// A value; copies share one leadership. One that was default-constructed was never valid.
/// Thread safety: every member from any thread; `valid`, `remaining`, `ensure` and `token`
/// are wait-free and look at the clock when they are asked.
class Leadership {
public:
    /// Keeps the entry in the store while work goes on, after the leadership has ended; see
    /// `hold()`. Destroying it lets go. Thread safety: any thread.
    using Hold = std::shared_ptr<void>;

    Leadership() = default;
    explicit Leadership(std::shared_ptr<detail::LeadershipTerm> term) : term_(std::move(term)) {}

    /// The fencing token: greater than that of every earlier leadership of the election.
    std::int64_t token() const noexcept;
    /// Whether this candidate may still act as the leader, now.
    bool valid() const noexcept;
    /// How much of the lease is left, the margin taken off; zero once not valid.
    Duration remaining() const noexcept;
    /// Whether it holds for at least so long, even if the store is never heard of again.
    bool ensure(Duration at_least) const noexcept;
    /// Asked to stop when the leadership is over, whatever the reason. The request comes from
    /// the election's scheduler: `valid()` may be false a little earlier.
    std::stop_token stop_token() const noexcept;
    /// Delays the removal of the entry, and so the rise of a successor who need not wait for
    /// the lease, until every hold is let go: take one for work that outlasts the `unelected`
    /// handlers. Bounded: when the lease's time is over the hold no longer protects anything.
    [[nodiscard]] Hold hold() const;
    /// The entry it rests on, for `KeyStore::guarded_put`.
    Entry entry() const;

    /// Whether both speak of the same leadership.
    friend bool operator==(const Leadership&, const Leadership&) = default;

private:
    std::shared_ptr<detail::LeadershipTerm> term_;
};

}  // namespace tenure
