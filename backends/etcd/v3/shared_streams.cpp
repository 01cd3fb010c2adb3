// No event is lost, by these rules. A stream delivers every event that is newer than what it has
// `covered`: the revision at which it was opened, then the last event that came over it. So a watch
// may join an open stream when it is told a revision no lower than that: whatever is older, its
// asker reads by itself. Or when it wants history that begins later than that. Members
// know what they have had (`after`), so two streams may bring them the same events.
#include "backends/etcd/v3/shared_streams.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "backends/etcd/v3/layout.hpp"

namespace tenure::etcd::detail::v3 {
namespace {

/// Empty where there is none.
std::string root_of(const WatchRequest& request) {
    // A name may begin with a slash.
    const std::size_t end = request.key.find('/', 1);
    if (end == std::string::npos) return {};
    std::string root = request.key.substr(0, end);
    const std::string& range_end = request.range_end;
    const bool is_within = range_end > request.key && range_end <= end_of_keys_of(root);
    return range_end.empty() || is_within ? root : std::string();
}

bool is_about(const WatchRequest& request, const std::string& key) {
    if (request.range_end.empty()) return key == request.key;
    return key >= request.key && key < request.range_end;
}

}  // namespace

SharedStreams::SharedStreams(WatchedPeer peer, Handlers handlers)
    : peer_(std::move(peer)), handlers_(std::move(handlers)) {}

bool SharedStreams::ask(const WatchRequest& request) {
    const std::string root = root_of(request);
    const auto found = roots_.find(root);
    if (root.empty() || (found != roots_.end() && found->second.is_refused)) return false;
    ask_soon(request);
    return true;
}

bool SharedStreams::cancel(std::int64_t id) {
    if (asked_.erase(id) > 0) return true;
    const auto found = places_.find(id);
    if (found == places_.end()) return false;
    const auto [name, kind] = found->second;
    places_.erase(found);
    Root& root = roots_.at(name);
    Shared& shared = root.*kind;
    shared.members.erase(id);
    if (shared.members.empty()) dissolve(name, kind);
    const bool is_used = root.live.stream || root.history.stream;
    if (!is_used && !root.is_refused) roots_.erase(name);
    return true;
}

void SharedStreams::close() {
    is_over_ = true;
    asked_.clear();
    places_.clear();
    for (auto& [name, root] : std::exchange(roots_, {})) {
        if (root.live.stream) root.live.stream->close();
        if (root.history.stream) root.history.stream->close();
    }
}

// Later, since we may answer at once; and together, so that one stream does for all.
void SharedStreams::ask_soon(const WatchRequest& request) {
    asked_[request.id] = request;
    if (std::exchange(will_settle_, true)) return;
    boost::asio::post(peer_.executor, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->settle();
    });
}

// Who wants the oldest history comes first: the others find a stream that will do for them.
void SharedStreams::settle() {
    will_settle_ = false;
    std::vector<WatchRequest> requests;
    for (const auto& [id, request] : asked_)
        requests.push_back(request);
    std::ranges::stable_sort(requests, {}, &WatchRequest::start_revision);
    for (const WatchRequest& request : requests) {
        if (asked_.erase(request.id) > 0) join(request);
    }
}

void SharedStreams::join(const WatchRequest& request) {
    const std::string name = root_of(request);
    Root& root = roots_[name];
    if (root.is_refused) return handlers_.alone(request);
    const Kind kind = kind_for(root, request);
    Shared& shared = root.*kind;
    const bool wants_history = request.start_revision > 0;
    if (shared.stream && wants_history && shared.covered >= request.start_revision) {
        for (const WatchRequest& rest : dissolve(name, kind))
            ask_soon(rest);
    }
    if (!shared.stream) open(name, kind, request.start_revision);
    // From now on it is given every event after this one.
    const std::int64_t after = wants_history ? request.start_revision - 1 : shared.covered;
    shared.members[request.id] = {request, after};
    places_[request.id] = {name, kind};
    if (shared.is_open)
        tell({{.id = request.id, .revision = after, .created = true, .is_own_word = true}});
}

SharedStreams::Kind SharedStreams::kind_for(Root& root, const WatchRequest& request) {
    if (request.start_revision == 0) return &Root::live;
    const bool is_to_come = root.live.is_open && root.live.covered < request.start_revision;
    return is_to_come ? &Root::live : &Root::history;
}

void SharedStreams::open(const std::string& root, Kind kind, std::int64_t start_revision) {
    Shared& shared = roots_.at(root).*kind;
    shared.is_open = false;
    shared.covered = start_revision > 0 ? start_revision - 1 : 0;
    const auto weak = weak_from_this();
    shared.stream = std::make_shared<WatchStream>(
        peer_,
        WatchRequest{.key = first_key_of(root),
                     .range_end = end_of_keys_of(root),
                     .start_revision = start_revision},
        WatchStream::Handlers{.answer =
                                  [weak, root, kind](const WatchAnswer& answer) {
                                      if (const auto self = weak.lock())
                                          self->received(root, kind, answer);
                                  },
                              .failed =
                                  [weak, root, kind](const Error& error) {
                                      if (const auto self = weak.lock())
                                          self->failed(root, kind, error);
                                  }});
    shared.stream->open();
}

/// What a member still wants, on whatever stream.
WatchRequest SharedStreams::Shared::rest_of(const Member& member) const {
    WatchRequest rest = member.request;
    if (is_open) rest.start_revision = std::max(member.after, covered) + 1;
    return rest;
}

/// Closes a stream, and gives back what its members still want.
std::vector<WatchRequest> SharedStreams::dissolve(const std::string& root, Kind kind) {
    const Shared shared = std::exchange(roots_.at(root).*kind, {});
    shared.stream->close();
    std::vector<WatchRequest> rests;
    for (const auto& [id, member] : shared.members) {
        rests.push_back(shared.rest_of(member));
        places_.erase(id);
    }
    return rests;
}

void SharedStreams::received(const std::string& root, Kind kind, const WatchAnswer& answer) {
    if (answer.canceled) return canceled(root, kind, answer);
    if (answer.created) opened(root, kind, answer);
    const auto found = roots_.find(root);
    if (answer.events.empty() || found == roots_.end()) return;
    Shared& shared = found->second.*kind;
    std::vector<WatchAnswer> answers;
    for (const auto& [id, member] : shared.members) {
        WatchAnswer part{.id = id, .revision = answer.revision};
        std::ranges::copy_if(answer.events, std::back_inserter(part.events),
                             [&member = member](const Event& event) {
                                 return event.entry.mod_revision > member.after &&
                                        is_about(member.request, event.entry.key);
                             });
        if (!part.events.empty()) answers.push_back(std::move(part));
    }
    // Not the revision of the message, which may be ahead of its events.
    for (const Event& event : answer.events)
        shared.covered = std::max(shared.covered, event.entry.mod_revision);
    merge(root);
    tell(answers);
}

void SharedStreams::opened(const std::string& root, Kind kind, const WatchAnswer& answer) {
    Shared& shared = roots_.at(root).*kind;
    if (std::exchange(shared.is_open, true)) return;
    if (kind == &Root::live) shared.covered = answer.revision;
    std::vector<WatchAnswer> answers;
    for (auto& [id, member] : shared.members) {
        if (kind == &Root::live) member.after = answer.revision;
        answers.push_back(
            {.id = id, .origin = answer.origin, .revision = answer.revision, .created = true});
    }
    merge(root);
    tell(answers);
}

// Once the stream that began in the past has caught up, its members need it no longer.
void SharedStreams::merge(const std::string& name) {
    auto& [live, history, is_refused] = roots_.at(name);
    if (!live.is_open || !history.is_open || live.covered > history.covered) return;
    for (auto& [id, member] : history.members) {
        live.members[id] = {member.request, std::max(member.after, history.covered)};
        places_.at(id).kind = &Root::live;
    }
    history.stream->close();
    history = {};
}

// Where the history that they want is gone, the watches hear so. Any other reason is about the
// range: the watches may be better off by themselves, or will hear the same.
void SharedStreams::canceled(const std::string& root, Kind kind, const WatchAnswer& answer) {
    if (answer.compact_revision == 0) return refuse(root, kind);
    std::vector<std::int64_t> ended;
    for (const WatchRequest& rest : dissolve(root, kind)) {
        const bool is_gone = rest.start_revision < answer.compact_revision;
        ask_soon(rest);
        if (is_gone) ended.push_back(rest.id);
    }
    for (const std::int64_t id : ended) {
        // Unless it was taken back meanwhile.
        if (asked_.erase(id) == 0) continue;
        WatchAnswer end = answer;
        end.id = id;
        handlers_.answer(end);
    }
}

void SharedStreams::failed(const std::string& root, Kind kind, const Error& error) {
    // A message too long is no answer either, and is shorter with one election's events.
    const bool is_about_range = error.code == errc::denied || error.code == errc::bad_answer;
    if (is_about_range) return refuse(root, kind);
    close();
    handlers_.broken(error);
}

void SharedStreams::refuse(const std::string& root, Kind kind) {
    roots_.at(root).is_refused = true;
    for (const WatchRequest& rest : dissolve(root, kind))
        handlers_.alone(rest);
}

void SharedStreams::tell(const std::vector<WatchAnswer>& answers) {
    for (const WatchAnswer& answer : answers) {
        // Unless it was taken back meanwhile.
        if (places_.contains(answer.id)) handlers_.answer(answer);
    }
}

}  // namespace tenure::etcd::detail::v3
