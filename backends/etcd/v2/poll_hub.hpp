// Watches of the keys API: a long poll for each, opened again after every event, and carried over
// to another endpoint when its own fails or cannot vouch for itself.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "backends/etcd/alarm.hpp"
#include "backends/etcd/api.hpp"
#include "backends/etcd/caller.hpp"
#include "backends/etcd/v2/polled.hpp"

namespace tenure::etcd::detail::v2 {

/// Call its members on the executor, which must run one thing at a time.
class PollHub : public std::enable_shared_from_this<PollHub> {
public:
    /// What it tells the leases, and is told by them.
    struct Leases {
        /// Somebody has deleted this key.
        std::function<void(std::string_view path)> deleted;
        /// Of the leases whose renewals go on, and vouch; zero when there are none.
        std::function<std::chrono::seconds()> shortest_ttl;
        /// Fills in what etcd does not know of an entry.
        std::function<LeaseId(std::string_view path)> lease_of;
    };

    PollHub(boost::asio::any_io_executor executor, Endpoints& endpoints,
            std::shared_ptr<Caller> caller, const StoreOptions& options, Leases leases);
    ~PollHub();
    PollHub(const PollHub&) = delete;
    PollHub& operator=(const PollHub&) = delete;

    void add(WatchNumber number, Polled polled, Reply<Change> reply);
    void remove(WatchNumber number);
    /// Somebody was failed by an endpoint: whether polls wait there in vain is looked at now.
    void doubt() { arm(); }
    /// Closes everything; nothing is replied any more.
    void close();

private:
    struct Watched {
        Polled polled;
        Reply<Change> reply;
        std::shared_ptr<HttpConnection> connection{};
        std::size_t endpoint = 0;
        /// Whether a poll waits, as far as we know.
        bool is_open = false;
        Clock::time_point opened_at{};
        /// When it must be good again, or fail.
        Clock::time_point deadline{};
        /// When to try again, while no poll waits.
        std::optional<Clock::time_point> retry_at{};
        std::chrono::milliseconds pause{0};
    };

    void poll(WatchNumber number, Watched& watched);
    void poll_after(WatchNumber number, Watched& watched, std::int64_t index);
    void answered(WatchNumber number, HttpOutcome outcome);
    void take(WatchNumber number, const Answer& event);
    void broke(WatchNumber number, Watched& watched, Error error, Clock::time_point heard_last);
    void fail(WatchNumber number, Error error);

    void check(std::size_t endpoint);
    void distrust(std::size_t endpoint, const Error& error, Clock::time_point heard_last);
    Clock::time_point next_check(std::size_t endpoint) const;
    std::set<std::size_t> endpoints_in_use() const;
    void arm();
    void tick();

    boost::asio::any_io_executor executor_;
    Endpoints& endpoints_;
    std::shared_ptr<Caller> caller_;
    std::chrono::milliseconds request_timeout_;
    std::chrono::milliseconds watch_check_;
    Leases leases_;
    Alarm alarm_;
    std::map<WatchNumber, Watched> watches_{};
    /// Since when polls wait there.
    std::map<std::size_t, Clock::time_point> in_use_since_{};
    /// Where a read is under way that vouches.
    std::set<std::size_t> checking_{};
};

}  // namespace tenure::etcd::detail::v2
