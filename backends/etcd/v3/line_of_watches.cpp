// The line under the watches: opened when there is something to watch, vouched for, and
// replaced when it breaks or falls silent.
#include <algorithm>
#include <utility>

#include "backends/etcd/v3/watch_hub.hpp"

namespace tenure::etcd::detail::v3 {
namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 10ms;
constexpr auto longest_pause = 300ms;
// Requests are opened anew after so many checks' time. What is between us and etcd may answer our
// checks, and have lost a stream without a word; nobody can be asked whether it is still there.
constexpr int checks_per_request = 10;

}  // namespace

void WatchHub::connect() {
    reconnect_at_.reset();
    endpoint_ = endpoints_.current();
    // Each endpoint has its share of the time, so that all can be tried.
    const auto share = request_timeout_ / static_cast<std::int64_t>(endpoints_.size());
    // `this` is safe: close() comes before our end, and silences the line.
    WatchLine::Handlers handlers{.opened = [this] { opened(); },
                                 .answer = [this](const WatchAnswer& answer) { received(answer); },
                                 .pong = [this] { check_passed(&Check::pong_came); },
                                 .declined = [this](const Error& error) { declined(error); },
                                 .broken = [this](const Error& e) { lost(e, Clock::now()); }};
    const auto time = std::max<std::chrono::milliseconds>(share, 50ms);
    const Peer peer = endpoints_.peer(endpoint_);
    line_ = kind_ == StreamKind::request
                ? open_request_line(executor_, peer, time, caller_->sign_in(), std::move(handlers))
                : open_socket_line(executor_, peer, Clock::now() + time, std::move(handlers));
}

// Somebody on the way takes no WebSockets: requests do as well.
void WatchHub::declined(const Error& error) {
    if (kind_ == StreamKind::web_socket) return lost(error, Clock::now());
    kind_ = StreamKind::request;
    if (line_) std::exchange(line_, nullptr)->close();
    connect();
}

void WatchHub::opened() {
    is_open_ = true;
    open_since_ = Clock::now();
    last_error_.reset();
    next_check_ = Clock::now() + watch_check_;
    for (auto& [number, watched] : watches_)
        ask(number, watched, false);
    arm();
}

// Every watch waits for the next line; each for as long as the caller was promised, counted
// from when the old one was last known to be alive.
void WatchHub::lost(const Error& error, Clock::time_point heard_last) {
    // What has lasted is missed at once. What breaks as soon as watches are opened on it would be
    // opened anew as fast as it goes, for ever.
    if (is_open_ && Clock::now() - open_since_ > longest_pause) pause_ = {};
    endpoints_.failed(endpoint_, error);
    last_error_ = Error(error.code, to_string(endpoints_.at(endpoint_)) + ' ' + error.detail);
    leave_line(heard_last);
    if (!watches_.empty()) {
        reconnect_at_ = Clock::now() + pause_;
        pause_ = std::clamp<std::chrono::milliseconds>(pause_ * 2, first_pause, longest_pause);
    }
    arm();
}

void WatchHub::leave_line(Clock::time_point heard_last) {
    if (line_) std::exchange(line_, nullptr)->close();
    is_open_ = false;
    check_.reset();
    by_id_.clear();
    canceling_.clear();
    for (auto& [number, watched] : watches_) {
        if (watched.phase == Phase::open || watched.phase == Phase::closing_gap) {
            watched.deadline = heard_last + request_timeout_;
        }
        watched.phase = Phase::waiting;
        watched.id = 0;
        watched.held.clear();
    }
}

// The line is alive when its other end answers, and fresh when that member has a quorum: a
// member that is cut off keeps a watch open for ever, and silent.
void WatchHub::start_check() {
    check_ = Check{.started = Clock::now()};
    line_->ping();
    line_->receive(true);
    Range range{.key = std::string(1, '\0')};
    if (!watches_.empty()) {
        range.key = watches_.begin()->second.keys.key;
        range.range_end = watches_.begin()->second.keys.range_end;
    }
    range.count_only = true;
    Transaction transaction;
    transaction.then.emplace_back(std::move(range));
    const auto is_mine = [this, started = check_->started] {
        return check_ && check_->started == started;
    };
    caller_->start(
        {.path = "/v3/kv/txn",
         .body = encode(transaction),
         .take = [weak = weak_from_this(), is_mine](std::string_view body) -> std::optional<Error> {
             const auto self = weak.lock();
             if (!self || !is_mine()) return std::nullopt;
             if (auto answer = decode_transaction(body); !answer) return answer.error();
             self->check_passed(&Check::read_came);
             return std::nullopt;
         },
         .fail =
             [weak = weak_from_this(), is_mine](const Error& error) {
                 const auto self = weak.lock();
                 if (!self || !is_mine()) return;
                 self->lost({error.code, "cannot vouch for its watches: it " + error.detail},
                            self->check_->started);
             },
         .only_at = endpoint_,
         .time_out = check_time_out(),
         .is_urgent = true});
}

// Half of the time is kept for moving on, where there is somewhere to move to.
std::chrono::milliseconds WatchHub::check_time_out() const {
    return endpoints_.size() > 1 ? request_timeout_ / 2 : request_timeout_;
}

void WatchHub::check_passed(bool Check::*part) {
    if (!check_) return;
    (*check_).*part = true;
    if (!check_->pong_came || !check_->read_came) return;
    next_check_ = check_->started + watch_check_;
    check_.reset();
    renew_line();
    arm();
}

// Right after a check: then the endpoint is well, and the next one is as far off as ever.
void WatchHub::renew_line() {
    const auto age = Clock::now() - open_since_;
    const bool is_old = kind_ == StreamKind::request && age >= watch_check_ * checks_per_request;
    if (!is_open_ || !is_old || is_idle()) return;
    leave_line(Clock::now());
    connect();
}

void WatchHub::doubt(std::size_t endpoint) {
    if (!is_open_ || check_ || is_idle() || endpoint != endpoint_) return;
    next_check_ = std::min(next_check_, Clock::now());
    arm();
}

bool WatchHub::is_idle() const {
    return watches_.empty() && canceling_.empty();
}

// Sets the timer to whatever is due next. While nothing is watched nothing is: an idle store
// keeps no context running.
void WatchHub::arm() {
    if (is_open_) line_->receive(!is_idle());
    if (is_idle()) {
        check_.reset();
        reconnect_at_.reset();
        alarm_.clear();
        return;
    }
    Clock::time_point due = Clock::time_point::max();
    if (reconnect_at_) due = std::min(due, *reconnect_at_);
    if (is_open_) due = std::min(due, check_ ? check_->started + check_time_out() : next_check_);
    for (const auto& [number, watched] : watches_) {
        const bool is_late_some_day =
            watched.phase == Phase::waiting || watched.phase == Phase::opening;
        if (is_late_some_day) due = std::min(due, watched.deadline);
    }
    alarm_.set(due, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->tick();
    });
}

void WatchHub::tick() {
    const auto now = Clock::now();
    if (is_open_ && check_ && now >= check_->started + check_time_out()) {
        lost({errc::timed_out, "does not vouch for its watches in time"}, check_->started);
    } else if (is_open_ && !check_ && now >= next_check_ && !is_idle()) {
        start_check();
    }
    give_up_late_ones(now);
    if (reconnect_at_ && *reconnect_at_ <= now) connect();
    arm();
}

void WatchHub::give_up_late_ones(Clock::time_point now) {
    std::vector<WatchNumber> late;
    bool is_mute = false;
    for (const auto& [number, watched] : watches_) {
        const bool waits = watched.phase == Phase::waiting || watched.phase == Phase::opening;
        if (!waits || watched.deadline > now) continue;
        late.push_back(number);
        is_mute = is_mute || watched.phase == Phase::opening;
    }
    // An open line that does not open watches is no good for the others either.
    // While it is left alone, what was wrong with it before still is.
    const Error mute(errc::timed_out, "did not open a watch in time");
    if (is_mute) lost(endpoints_.last_error(endpoint_).value_or(mute), now);
    const Error error = last_error_.value_or(
        Error(errc::timed_out, to_string(endpoints_.at(endpoint_)) + " did not answer in time"));
    for (const WatchNumber number : late)
        fail(number, error);
}

}  // namespace tenure::etcd::detail::v3
