// All watches of a store over one line: opens them, closes their gaps, vouches for the line, and
// carries them over to another one when it breaks.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <set>
#include <tenure/key_store.hpp>

#include "backends/etcd/alarm.hpp"
#include "backends/etcd/api.hpp"
#include "backends/etcd/v3/json_call.hpp"
#include "backends/etcd/v3/watch_line.hpp"

namespace tenure::etcd::detail::v3 {

/// What is watched, in etcd's terms.
struct WatchedKeys {
    std::string key;
    /// Empty for the one key.
    std::string range_end{};
};

/// Call its members on the executor, which must run one thing at a time.
class WatchHub : public std::enable_shared_from_this<WatchHub> {
public:
    WatchHub(boost::asio::any_io_executor executor, Endpoints& endpoints,
             std::shared_ptr<JsonCaller> caller, const StoreOptions& options);
    ~WatchHub();
    WatchHub(const WatchHub&) = delete;
    WatchHub& operator=(const WatchHub&) = delete;

    void add(WatchNumber number, WatchedKeys keys, Revision after, Reply<Change> reply);
    void remove(WatchNumber number);
    /// Somebody was failed by this endpoint: whether watches wait there in vain is looked at now.
    void doubt(std::size_t endpoint);
    /// Closes everything; nothing is replied any more.
    void close();

private:
    enum class Phase {
        /// Not asked for on the present line.
        waiting,
        /// Asked for; etcd has not answered yet.
        opening,
        /// Open, and what came before is being read.
        closing_gap,
        open,
    };
    struct Watched {
        WatchedKeys keys;
        Reply<Change> reply;
        /// Every change up to here has been reported.
        std::int64_t after = 0;
        /// When it must have been opened, or fail.
        Clock::time_point deadline;
        Phase phase = Phase::waiting;
        /// Names it on the present line.
        std::int64_t id = 0;
        bool from_history = false;
        /// What came while its gap was being closed.
        std::vector<Event> held{};
    };
    using Watches = std::map<WatchNumber, Watched>;
    /// One round of vouching for the line.
    struct Check {
        Clock::time_point started;
        bool pong_came = false;
        bool read_came = false;
    };

    void connect();
    void opened();
    void received(const WatchAnswer& answer);
    void declined(const Error& error);
    void lost(const Error& error, Clock::time_point heard_last);
    void leave_line(Clock::time_point heard_last);
    void renew_line();

    void ask(WatchNumber number, Watched& watched, bool from_history);
    void opened_at(WatchNumber number, Watched& watched, std::int64_t revision);
    void gap_closed(WatchNumber number, std::int64_t id, std::int64_t until,
                    std::optional<std::vector<Event>> changes);
    void canceled(const WatchAnswer& answer);
    void report(Watched& watched, const std::vector<Event>& events);
    std::string wish_of(std::int64_t id) const;
    void fail(WatchNumber number, Error error);
    void forget(std::int64_t id);

    void start_check();
    void check_passed(bool Check::*part);
    std::chrono::milliseconds check_time_out() const;
    bool is_idle() const;
    void arm();
    void tick();
    void give_up_late_ones(Clock::time_point now);

    boost::asio::any_io_executor executor_;
    Endpoints& endpoints_;
    std::shared_ptr<JsonCaller> caller_;
    std::chrono::milliseconds request_timeout_;
    std::chrono::milliseconds watch_check_;
    StreamKind kind_;
    Alarm alarm_;

    Watches watches_;
    /// By the ids of the present line.
    std::map<std::int64_t, WatchNumber> by_id_;
    /// Taken back, and not yet confirmed by etcd.
    std::set<std::int64_t> canceling_;
    std::int64_t last_id_ = 0;

    std::shared_ptr<WatchLine> line_;
    bool is_open_ = false;
    Clock::time_point open_since_;
    std::size_t endpoint_ = 0;
    /// When to try again, while there is no line.
    std::optional<Clock::time_point> reconnect_at_;
    std::chrono::milliseconds pause_{0};
    /// Why there was no line, last time.
    std::optional<Error> last_error_;
    std::optional<Check> check_;
    Clock::time_point next_check_;
};

}  // namespace tenure::etcd::detail::v3
