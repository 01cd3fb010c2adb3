// Keeps connections to an endpoint few while it does not work.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <tenure/error.hpp>

#include "backends/etcd/alarm.hpp"

namespace tenure::etcd::detail {

/// Of one endpoint of a store. Each attempt to connect waits for its turn here.
///
/// Up to eight are under way at a time, and an attempt is until the endpoint has answered on it:
/// that it lets us connect proves nothing. After a failure the next one waits for 50 ms, and every
/// further one for twice as long, up to a second; up to half of that is left out by chance, so that
/// many processes do not come back at once. So who fails sees eight attempts at most, five more
/// within the next second, and then two in a second, however many candidates wait for it.
///
/// Call its members on the store's strand.
class BackOff : public std::enable_shared_from_this<BackOff> {
public:
    /// An attempt is under way for as long as somebody keeps this, but for a second at most: who
    /// is silent for longer shall not keep others from trying.
    using Admission = std::shared_ptr<void>;

    /// An attempt that waits.
    class Turn {
    public:
        virtual ~Turn() = default;
        /// Its turn has come. False when it is not wanted any more.
        virtual bool take(Admission admission) = 0;
    };

    explicit BackOff(boost::asio::any_io_executor executor) : alarm_(std::move(executor)) {}

    /// It may come within this call. One that has gone is passed over.
    void ask_for(std::weak_ptr<Turn> turn);

    /// The endpoint does not do what it is asked for; that attempts to connect fail counts, too.
    void failed(Error error);
    /// It has answered.
    void worked();

    /// Nobody waits any more, nor will.
    void close();

    /// Whether the next attempt would have to wait for a while.
    bool is_resting() const { return Clock::now() < next_at_; }
    Clock::time_point next_at() const noexcept { return next_at_; }
    /// Why it failed last time; none while it works.
    const std::optional<Error>& last_error() const noexcept { return last_error_; }

private:
    void give_turns();
    Admission admit();
    void ended(std::uint64_t number);
    void give_turns_at(Clock::time_point when);
    void pause();

    Alarm alarm_;
    std::deque<std::weak_ptr<Turn>> waiting_;
    /// By number, which grows with the time when it began.
    std::map<std::uint64_t, Clock::time_point> under_way_;
    std::uint64_t last_number_ = 0;
    /// Of attempts and failures that counted, since it worked.
    int pauses_ = 0;
    Clock::time_point next_at_{};
    std::optional<Error> last_error_{};
    bool is_closed_ = false;
    std::minstd_rand chance_{std::random_device{}()};
};

}  // namespace tenure::etcd::detail
