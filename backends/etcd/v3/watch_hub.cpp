// What is watched: opening, closing the gap, reporting. The line is in line_of_watches.cpp.
#include "backends/etcd/v3/watch_hub.hpp"

#include <algorithm>
#include <utility>

#include "backends/etcd/v3/gap.hpp"
#include "backends/etcd/v3/layout.hpp"

namespace tenure::etcd::detail::v3 {
namespace {

Change change_of(const Event& event) {
    Change change;
    change.revision = Revision{event.entry.mod_revision};
    if (event.removed) {
        change.kind = Change::Kind::removed;
        change.entry = to_entry(event.previous ? *event.previous : event.entry);
        return change;
    }
    const bool is_new = event.entry.create_revision == event.entry.mod_revision;
    change.kind = is_new ? Change::Kind::created : Change::Kind::updated;
    change.entry = to_entry(event.entry);
    return change;
}

// An election named `a` does not see the entries of one named `a/b`.
bool is_within(const WatchedKeys& keys, const std::string& key) {
    return keys.range_end.empty() || key.find('/', keys.key.size()) == std::string::npos;
}

bool is_denial(const std::string& reason) {
    const auto says = [&](std::string_view part) { return reason.find(part) != reason.npos; };
    return says("permission denied") || says("auth") || says("user name");
}

// Old servers do not know a token that comes over a WebSocket.
StreamKind kind_of(const StoreOptions& options) {
    const bool has_choice = options.streams == StreamKind::automatic;
    return has_choice && options.credentials ? StreamKind::request : options.streams;
}

}  // namespace

WatchHub::WatchHub(boost::asio::any_io_executor executor, Endpoints& endpoints,
                   std::shared_ptr<JsonCaller> caller, const StoreOptions& options)
    : executor_(std::move(executor)),
      endpoints_(endpoints),
      caller_(std::move(caller)),
      request_timeout_(options.request_timeout),
      watch_check_(options.watch_check),
      kind_(kind_of(options)),
      alarm_(executor_) {}

WatchHub::~WatchHub() {
    close();
}

void WatchHub::close() {
    watches_.clear();
    by_id_.clear();
    canceling_.clear();
    reconnect_at_.reset();
    alarm_.clear();
    is_open_ = false;
    if (line_) std::exchange(line_, nullptr)->close();
}

void WatchHub::add(WatchNumber number, WatchedKeys keys, Revision after, Reply<Change> reply) {
    // Nothing has grown old on a line that carried nothing.
    if (is_idle()) open_since_ = Clock::now();
    Watched& watched = watches_[number];
    watched.keys = std::move(keys);
    watched.after = to_integer(after);
    watched.reply = std::move(reply);
    watched.deadline = Clock::now() + request_timeout_;
    if (is_open_) {
        ask(number, watched, false);
    } else if (!line_ && !reconnect_at_) {
        connect();
    }
    arm();
}

void WatchHub::remove(WatchNumber number) {
    const auto found = watches_.find(number);
    if (found == watches_.end()) return;
    forget(found->second.id);
    watches_.erase(found);
    arm();
}

// Takes a watch back from the present line.
void WatchHub::forget(std::int64_t id) {
    if (by_id_.erase(id) == 0) return;
    canceling_.insert(id);
    line_->cancel(id);
}

void WatchHub::ask(WatchNumber number, Watched& watched, bool from_history) {
    watched.id = ++last_id_;
    watched.phase = Phase::opening;
    watched.from_history = from_history;
    watched.held.clear();
    by_id_[watched.id] = number;
    line_->ask({.id = watched.id,
                .key = watched.keys.key,
                .range_end = watched.keys.range_end,
                .start_revision = from_history ? watched.after + 1 : 0});
    line_->receive(true);
}

void WatchHub::received(const WatchAnswer& answer) {
    if (answer.created) {
        const auto distrust = endpoints_.guard().judge_cluster(answer.origin);
        if (distrust) return lost(*distrust, Clock::now());
    }
    if (answer.canceled && canceling_.erase(answer.id) > 0) return arm();
    if (!answer.is_own_word) endpoints_.worked(endpoint_);
    if (answer.canceled) return canceled(answer);
    auto found = by_id_.find(answer.id);
    if (found == by_id_.end()) return;
    if (answer.created) {
        opened_at(found->second, watches_.at(found->second), answer.revision);
        // It may have been asked for anew, under another id.
        found = by_id_.find(answer.id);
        if (found == by_id_.end()) return;
    }
    Watched& watched = watches_.at(found->second);
    if (watched.phase == Phase::open) return report(watched, answer.events);
    std::ranges::copy(answer.events, std::back_inserter(watched.held));
}

void WatchHub::opened_at(WatchNumber number, Watched& watched, std::int64_t revision) {
    if (watched.phase != Phase::opening) return;
    // A member that lags behind reports again what the caller knows; report() leaves that out.
    if (watched.from_history || revision <= watched.after) {
        watched.phase = Phase::open;
        report(watched, std::exchange(watched.held, {}));
        return arm();
    }
    watched.phase = Phase::closing_gap;
    close_gap(caller_,
              {.key = watched.keys.key,
               .range_end = watched.keys.range_end,
               .after = watched.after,
               .until = revision},
              [weak = weak_from_this(), number, id = watched.id,
               revision](std::optional<std::vector<Event>> changes) {
                  if (const auto self = weak.lock()) {
                      self->gap_closed(number, id, revision, std::move(changes));
                  }
              });
    arm();
}

void WatchHub::gap_closed(WatchNumber number, std::int64_t id, std::int64_t until,
                          std::optional<std::vector<Event>> changes) {
    const auto found = watches_.find(number);
    if (found == watches_.end() || found->second.id != id) return;
    Watched& watched = found->second;
    if (watched.phase != Phase::closing_gap) return;
    if (!changes) {
        // Only etcd's history can tell; that is slow for a moment, and exact.
        forget(id);
        watched.deadline = Clock::now() + request_timeout_;
        ask(number, watched, true);
        return arm();
    }
    watched.phase = Phase::open;
    report(watched, *changes);
    watched.after = std::max(watched.after, until);
    report(watched, std::exchange(watched.held, {}));
}

// All changes of one revision come in one message, so what is not newer was reported before.
void WatchHub::report(Watched& watched, const std::vector<Event>& events) {
    const std::int64_t known = watched.after;
    for (const Event& event : events) {
        if (event.entry.mod_revision <= known) continue;
        watched.after = std::max(watched.after, event.entry.mod_revision);
        if (is_within(watched.keys, event.entry.key)) watched.reply(change_of(event));
    }
}

void WatchHub::canceled(const WatchAnswer& answer) {
    Error error(errc::unreachable, "ended the watch: " + quote(answer.cancel_reason));
    if (is_denial(answer.cancel_reason)) {
        error = caller_->denial({errc::denied, "answered " + quote(answer.cancel_reason)},
                                wish_of(answer.id));
    }
    error.detail = to_string(endpoints_.at(endpoint_)) + ' ' + error.detail;
    if (answer.not_let_in) error = *answer.not_let_in;
    if (answer.compact_revision > 0) {
        error = Error(errc::compacted, to_string(endpoints_.at(endpoint_)) +
                                           " has compacted its history up to revision " +
                                           std::to_string(answer.compact_revision));
    }
    if (const auto found = by_id_.find(answer.id); found != by_id_.end()) {
        const WatchNumber number = found->second;
        by_id_.erase(found);
        return fail(number, std::move(error));
    }
    // Refused before it was given an id: whichever it was, all that are asked for share its fate.
    std::vector<WatchNumber> asked;
    for (const auto& [number, watched] : watches_) {
        if (watched.phase == Phase::opening) asked.push_back(number);
    }
    for (const WatchNumber number : asked) {
        // There is nothing to take back: etcd does not know it.
        by_id_.erase(watches_.at(number).id);
        fail(number, error);
    }
}

// What a role has to allow.
std::string WatchHub::wish_of(std::int64_t id) const {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return "to watch keys";
    const std::string& key = watches_.at(found->second).keys.key;
    return "to watch keys that begin with " + quote(key.substr(0, key.rfind('/') + 1));
}

void WatchHub::fail(WatchNumber number, Error error) {
    const auto found = watches_.find(number);
    if (found == watches_.end()) return;
    forget(found->second.id);
    const Reply<Change> reply = std::move(found->second.reply);
    watches_.erase(found);
    arm();
    reply(std::move(error));
}

}  // namespace tenure::etcd::detail::v3
