#include "backends/etcd/http_pool.hpp"

#include <algorithm>
#include <utility>

namespace tenure::etcd::detail {
namespace {

// Enough for etcd to answer hundreds of elections at once: it writes one after the other.
constexpr std::size_t most_connections = 8;
// Beyond these, for what is urgent: what the others wait for may have fallen silent.
constexpr std::size_t more_for_urgent = 4;
// What is kept when a burst is over, and how long after.
constexpr std::size_t most_idle_connections = 2;
constexpr auto burst_is_over_after = std::chrono::seconds(5);

}  // namespace

struct HttpPool::Waiting {
    Waiting(const boost::asio::any_io_executor& executor, HttpRequest asked,
            HttpConnection::Handler then)
        : request(std::move(asked)), handler(std::move(then)), timer(executor, request.deadline) {}
    HttpRequest request;
    HttpConnection::Handler handler;
    boost::asio::steady_timer timer;
};

HttpPool::~HttpPool() {
    close();
}

HttpPool::HttpPool(boost::asio::any_io_executor executor, const Endpoints& endpoints)
    : executor_(std::move(executor)), endpoints_(endpoints) {}

void HttpPool::ask(HttpRequest request, HttpConnection::Handler handler) {
    if (closed_) return;
    if (!has_room_for(request)) return queue(std::move(request), std::move(handler));
    run(std::move(request), std::move(handler));
}

bool HttpPool::has_room_for(const HttpRequest& request) const {
    return busy_.size() < most_connections + (request.is_urgent ? more_for_urgent : 0);
}

void HttpPool::queue(HttpRequest request, HttpConnection::Handler handler) {
    auto waiting = std::make_shared<Waiting>(executor_, std::move(request), std::move(handler));
    // What is urgent comes first, in turn.
    const auto before = waiting->request.is_urgent
                            ? std::ranges::find_if(
                                  queue_, [](const auto& each) { return !each->request.is_urgent; })
                            : queue_.end();
    queue_.insert(before, waiting);
    waiting->timer.async_wait([weak = weak_from_this(), waiting](error_code) {
        const auto self = weak.lock();
        if (!self || std::erase(self->queue_, waiting) == 0) return;
        waiting->handler(
            {.error = Error(errc::timed_out, "was not asked in time: all connections wait"),
             .is_local = true});
    });
}

void HttpPool::run(HttpRequest request, HttpConnection::Handler handler) {
    const Connection connection = take(request.endpoint, request.on_new_connection);
    busy_.push_back(connection);
    connection->ask(
        request.question, request.deadline,
        [weak = weak_from_this(), &connection = *connection, endpoint = request.endpoint,
         handler = std::move(handler)](HttpOutcome outcome) {
            const auto self = weak.lock();
            if (!self) return;
            self->done(endpoint, connection, !outcome.error);
            handler(std::move(outcome));
        });
}

void HttpPool::done(std::size_t endpoint, const HttpConnection& connection, bool is_healthy) {
    const auto found = std::ranges::find(busy_, &connection, &Connection::get);
    if (found == busy_.end()) return;
    if (is_healthy) {
        idle_.push_back({endpoint, *found, Clock::now()});
    } else {
        (*found)->close();
    }
    busy_.erase(found);
    if (queue_.empty()) return close_idle();
    const auto next = queue_.front();
    if (!has_room_for(next->request)) return;
    queue_.pop_front();
    next->timer.cancel();
    run(std::move(next->request), std::move(next->handler));
}

HttpPool::Connection HttpPool::take(std::size_t endpoint, bool must_be_new) {
    // The one that was used last is the least likely to have been closed meanwhile.
    for (std::size_t i = idle_.size(); i-- > 0 && !must_be_new;) {
        if (idle_[i].endpoint != endpoint) continue;
        const Connection connection = std::move(idle_[i].connection);
        idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
        if (connection->is_usable()) return connection;
        connection->close();
    }
    // Open and idle ones count, too.
    if (!idle_.empty() && idle_.size() + busy_.size() >= most_connections) {
        idle_.front().connection->close();
        idle_.erase(idle_.begin());
    }
    return make_http_connection(executor_, endpoints_.peer(endpoint));
}

// After a burst an idle process has as many with two hundred elections as with one. No timer
// looks after that: it would be work for the executor when nothing else is.
void HttpPool::close_idle() {
    const auto now = Clock::now();
    // The one that has been idle for longest is in front.
    while (idle_.size() > most_idle_connections &&
           now - idle_.front().since > burst_is_over_after) {
        idle_.front().connection->close();
        idle_.erase(idle_.begin());
    }
}

void HttpPool::close() {
    closed_ = true;
    for (const auto& waiting : std::exchange(queue_, {}))
        waiting->timer.cancel();
    for (const Idle& idle : std::exchange(idle_, {}))
        idle.connection->close();
    for (const Connection& connection : std::exchange(busy_, {}))
        connection->close();
}

}  // namespace tenure::etcd::detail
