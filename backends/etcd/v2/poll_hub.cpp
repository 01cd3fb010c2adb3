#include "backends/etcd/v2/poll_hub.hpp"

#include <algorithm>
#include <utility>

namespace tenure::etcd::detail::v2 {
namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 10ms;
constexpr auto longest_pause = 300ms;
// A connection may die without a word while its server is well. After so many checks' time a poll
// is opened anew; etcd itself ends one after five minutes. The longer it is, the more has happened
// meanwhile, of which etcd remembers a thousand events.
constexpr int checks_per_poll = 10;
// A server that ends polls sooner ends them at once.
constexpr auto shortest_poll = 1s;

}  // namespace

PollHub::PollHub(boost::asio::any_io_executor executor, Endpoints& endpoints,
                 std::shared_ptr<Caller> caller, const StoreOptions& options, Leases leases)
    : executor_(std::move(executor)),
      endpoints_(endpoints),
      caller_(std::move(caller)),
      request_timeout_(options.request_timeout),
      watch_check_(options.watch_check),
      leases_(std::move(leases)),
      alarm_(executor_) {}

PollHub::~PollHub() {
    close();
}

void PollHub::close() {
    alarm_.clear();
    for (auto& [number, watched] : std::exchange(watches_, {})) {
        if (watched.connection) watched.connection->close();
    }
}

void PollHub::add(WatchNumber number, Polled polled, Reply<Change> reply) {
    Watched& watched = watches_[number];
    watched.polled = std::move(polled);
    watched.reply = std::move(reply);
    watched.deadline = Clock::now() + request_timeout_;
    poll(number, watched);
    arm();
}

void PollHub::remove(WatchNumber number) {
    const auto found = watches_.find(number);
    if (found == watches_.end()) return;
    if (found->second.connection) found->second.connection->close();
    watches_.erase(found);
    arm();
}

// Whether the poll waits, or has not even arrived, cannot be told from outside: the check of its
// endpoint does that.
void PollHub::poll(WatchNumber number, Watched& watched) {
    const std::size_t endpoint = endpoints_.current();
    if (!watched.connection || watched.endpoint != endpoint) {
        if (watched.connection) watched.connection->close();
        watched.connection = make_http_connection(executor_, endpoints_.peer(endpoint));
        watched.endpoint = endpoint;
    }
    watched.retry_at.reset();
    watched.is_open = true;
    watched.opened_at = Clock::now();
    in_use_since_.try_emplace(endpoint, Clock::now());
    watched.connection->ask(
        ask_to_wait(watched.polled.path, watched.polled.is_directory, watched.polled.after + 1),
        Clock::now() + watch_check_ * checks_per_poll,
        [weak = weak_from_this(), number](HttpOutcome outcome) {
            if (const auto self = weak.lock()) self->answered(number, std::move(outcome));
        });
}

void PollHub::answered(WatchNumber number, HttpOutcome outcome) {
    const auto found = watches_.find(number);
    if (found == watches_.end()) return;
    Watched& watched = found->second;
    // Another cluster counts from elsewhere: its index would have us wait for years.
    if (auto distrust = endpoints_.guard().judge_cluster(outcome.answer.origin)) {
        if (const auto old = std::exchange(watched.connection, nullptr)) old->close();
        return broke(number, watched, std::move(*distrust), Clock::now());
    }
    if (outcome.error) {
        // What it was doing may not have come to its end yet: the next poll is not for it.
        watched.connection.reset();
        const std::int64_t began_at = outcome.answer.etcd_index;
        const bool is_just_old = began_at > 0 && outcome.error->code == errc::timed_out;
        if (is_just_old) return poll_after(number, watched, began_at);
        if (outcome.stale) return poll(number, watched);
        // Of an event that came in part we know nothing, and the next poll may break on it, too.
        if (!outcome.answer.body.empty()) watched.opened_at = Clock::now();
        return broke(number, watched, std::move(*outcome.error), Clock::now());
    }
    if (outcome.answer.status == 200 && outcome.answer.body.empty()) {
        if (Clock::now() - watched.opened_at < shortest_poll) {
            return broke(number, watched, {errc::bad_answer, "ends each poll at once"},
                         Clock::now());
        }
        // etcd's own limit.
        return poll_after(number, watched, outcome.answer.etcd_index);
    }
    const auto event = decode(outcome.answer);
    if (event && event->outcome == Answer::Outcome::done) return take(number, *event);
    Error error = event ? Error(errc::bad_answer, "answered a poll as if it had been a request")
                        : event.error();
    const bool is_final = error.code == condition::refused || error.code == errc::compacted;
    if (!is_final) return broke(number, watched, std::move(error), Clock::now());
    fail(number, {error.code, to_string(endpoints_.at(watched.endpoint)) + ' ' + error.detail});
}

// Nothing had happened up to where the poll before began to wait.
void PollHub::poll_after(WatchNumber number, Watched& watched, std::int64_t index) {
    watched.polled.after = std::max(watched.polled.after, index);
    watched.deadline = Clock::now() + request_timeout_;
    poll(number, watched);
}

// The next poll is under way before the change is told: whoever is told may end the watch.
void PollHub::take(WatchNumber number, const Answer& event) {
    Watched& watched = watches_.at(number);
    if (event.node.modified <= watched.polled.after) {
        // It would do so again at once, and for ever.
        return broke(number, watched, {errc::bad_answer, "answers a poll with what was known"},
                     Clock::now());
    }
    watched.pause = {};
    watched.deadline = Clock::now() + request_timeout_;
    News news = news_of(watched.polled, event);
    watched.polled.after = event.node.modified;
    if (news.lost_track) {
        return fail(number, {errc::compacted,
                             "the directory '" + watched.polled.path + "' was removed as a whole"});
    }
    poll(number, watched);
    if (!news.change) return;
    if (news.change->kind != Change::Kind::removed) {
        news.change->entry.lease = leases_.lease_of(news.change->entry.key);
    }
    if (news.was_deleted) leases_.deleted(news.change->entry.key);
    const Reply<Change> reply = watched.reply;
    reply(std::move(*news.change));
}

// A poll that was good is given the time of one request to be good again. It was if it has stood
// for a while, and meanwhile its endpoint could read: one that breaks at once has told nobody
// anything.
void PollHub::broke(WatchNumber number, Watched& watched, Error error,
                    Clock::time_point heard_last) {
    endpoints_.failed(watched.endpoint, error);
    const auto now = Clock::now();
    const auto stood = now - watched.opened_at;
    const bool was_good = stood >= std::min<Clock::duration>(request_timeout_, shortest_poll) &&
                          endpoints_.answered_at(watched.endpoint) >= watched.opened_at;
    if (was_good) watched.deadline = heard_last + request_timeout_;
    watched.is_open = false;
    if (now >= watched.deadline) {
        error.detail = to_string(endpoints_.at(watched.endpoint)) + ' ' + error.detail;
        return fail(number, std::move(error));
    }
    watched.retry_at = now + watched.pause;
    watched.pause =
        std::clamp<std::chrono::milliseconds>(watched.pause * 2, first_pause, longest_pause);
    arm();
}

void PollHub::fail(WatchNumber number, Error error) {
    const auto found = watches_.find(number);
    if (found == watches_.end()) return;
    const Reply<Change> reply = std::move(found->second.reply);
    remove(number);
    reply(std::move(error));
}

// Renewals vouch for their endpoint; where there are some, a read is needed only when they stop.
Clock::time_point PollHub::next_check(std::size_t endpoint) const {
    const auto since = in_use_since_.find(endpoint);
    const auto vouched =
        std::max(endpoints_.answered_at(endpoint),
                 since == in_use_since_.end() ? Clock::time_point{} : since->second);
    const bool is_in_doubt = endpoints_.failed_at(endpoint) > endpoints_.answered_at(endpoint);
    const auto renewed_within = std::chrono::milliseconds(leases_.shortest_ttl()) / 2;
    if (is_in_doubt) return std::max(vouched, endpoints_.failed_at(endpoint));
    return vouched + std::max(watch_check_, renewed_within);
}

std::set<std::size_t> PollHub::endpoints_in_use() const {
    std::set<std::size_t> all;
    for (const auto& [number, watched] : watches_) {
        if (watched.is_open) all.insert(watched.endpoint);
    }
    return all;
}

// A member that is cut off from the quorum keeps a poll open for ever, and one that is dead may
// seem to: only a linearizable read tells.
void PollHub::check(std::size_t endpoint) {
    checking_.insert(endpoint);
    const auto started = Clock::now();
    // Half of the time is kept for moving on, where there is somewhere to move to.
    const auto time_out = endpoints_.size() > 1 ? request_timeout_ / 2 : request_timeout_;
    caller_->start({.question = ask_to_read(no_such_key),
                    .take = [weak = weak_from_this(),
                             endpoint](const HttpAnswer& http) -> std::optional<Error> {
                        if (const auto answer = decode(http); !answer) return answer.error();
                        const auto self = weak.lock();
                        if (!self) return std::nullopt;
                        self->checking_.erase(endpoint);
                        // The caller notes the answer when this returns.
                        self->in_use_since_[endpoint] = Clock::now();
                        self->arm();
                        return std::nullopt;
                    },
                    .fail =
                        [weak = weak_from_this(), endpoint, started](const Error& error) {
                            const auto self = weak.lock();
                            if (!self) return;
                            self->checking_.erase(endpoint);
                            self->distrust(endpoint, error, started);
                        },
                    .only_at = endpoint,
                    .time_out = time_out,
                    .is_urgent = true});
}

void PollHub::distrust(std::size_t endpoint, const Error& error, Clock::time_point heard_last) {
    in_use_since_.erase(endpoint);
    std::vector<WatchNumber> affected;
    for (const auto& [number, watched] : watches_) {
        if (watched.is_open && watched.endpoint == endpoint) affected.push_back(number);
    }
    for (const WatchNumber number : affected) {
        const auto found = watches_.find(number);
        if (found == watches_.end()) continue;
        if (const auto old = std::exchange(found->second.connection, nullptr)) old->close();
        broke(number, found->second, {error.code, "cannot vouch for a poll: " + error.detail},
              heard_last);
    }
    arm();
}

// While nothing is watched no timer runs: an idle store keeps no context running.
void PollHub::arm() {
    Clock::time_point due = Clock::time_point::max();
    for (const auto& [number, watched] : watches_) {
        if (watched.retry_at) due = std::min(due, *watched.retry_at);
    }
    // Sooner than that something may come to be in doubt.
    const auto look_again = Clock::now() + watch_check_;
    for (const std::size_t endpoint : endpoints_in_use()) {
        if (checking_.contains(endpoint)) continue;
        due = std::min({due, next_check(endpoint), look_again});
    }
    if (watches_.empty()) in_use_since_.clear();
    if (due == Clock::time_point::max()) {
        alarm_.clear();
        return;
    }
    alarm_.set_by(due, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->tick();
    });
}

void PollHub::tick() {
    const auto now = Clock::now();
    for (const std::size_t endpoint : endpoints_in_use()) {
        if (!checking_.contains(endpoint) && next_check(endpoint) <= now) check(endpoint);
    }
    std::vector<WatchNumber> due;
    for (const auto& [number, watched] : watches_) {
        if (watched.retry_at && *watched.retry_at <= now) due.push_back(number);
    }
    for (const WatchNumber number : due)
        poll(number, watches_.at(number));
    arm();
}

}  // namespace tenure::etcd::detail::v2
