// A store with a bad line in front of it: for tests of what your service does when it is
// cut off. Link tenure::simulation.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <tenure/key_store.hpp>
#include <tenure/scheduler.hpp>

namespace tenure::sim {

/// Which call of `KeyStore` a request is.
enum class Call {
    grant_lease,
    renew_lease,
    revoke_lease,
    create,
    update,
    remove,
    list,
    watch,
    standing,
    enter,
    guarded_put
};
std::string_view to_string(Call call) noexcept;

/// What becomes of one request.
enum class Fate {
    /// Nothing special.
    pass,
    /// Lost on the way: no effect, no answer until the time-out says `errc::timed_out`.
    lose_request,
    /// It takes effect, but the answer is lost: `errc::timed_out`, too.
    lose_reply,
    /// `errc::unreachable` at once, without effect.
    unreachable,
    /// `errc::refused` at once, without effect.
    refuse,
};

/// Passes every call on to another store, unless told to harm it.
/// Thread safety: every member from any thread.
class FaultyStore : public KeyStore {
public:
    /// Cuts the line: requests and replies are lost, watches fall silent and fail with
    /// `errc::unreachable` after the time-out.
    virtual void cut() = 0;
    /// Mends it. What was lost stays lost.
    virtual void mend() = 0;
    /// Asked before each call, with its number counted from 1; `{}` lets all pass.
    virtual void set_fate(std::function<Fate(Call, std::uint64_t number)> fate) = 0;
    /// Calls so far, the harmed ones included.
    virtual std::uint64_t calls() const = 0;
};

/// `time_out` is how long a request whose answer is lost waits for it.
std::shared_ptr<FaultyStore> make_faulty_store(std::shared_ptr<Scheduler> scheduler,
                                               std::shared_ptr<KeyStore> store, Duration time_out);

}  // namespace tenure::sim
