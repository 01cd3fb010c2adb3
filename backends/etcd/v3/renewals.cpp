#include "backends/etcd/v3/renewals.hpp"

#include <algorithm>
#include <utility>

namespace tenure::etcd::detail::v3 {

namespace {

using namespace std::chrono_literals;

// etcd answers as if it were renewed, and leaves the time out.
Error lease_is_gone() {
    return {errc::lease_gone, "answered that the lease is gone"};
}

}  // namespace

Renewals::Renewals(boost::asio::any_io_executor executor, Endpoints& endpoints,
                   std::shared_ptr<JsonCaller> caller, const StoreOptions& options)
    : executor_(std::move(executor)),
      endpoints_(endpoints),
      caller_(std::move(caller)),
      request_timeout_(options.request_timeout),
      kind_(options.credentials ? StreamKind::request : options.streams),
      alarm_(executor_) {}

Renewals::~Renewals() {
    close();
}

void Renewals::close() {
    outstanding_.clear();
    alarm_.clear();
    if (socket_) std::exchange(socket_, nullptr)->close();
}

void Renewals::granted(const Lease& lease) {
    ttls_[lease.id] = std::chrono::duration_cast<std::chrono::milliseconds>(lease.granted_ttl);
}

std::chrono::milliseconds Renewals::time_for(LeaseId id) const {
    const auto found = ttls_.find(id);
    return renewal_time(found == ttls_.end() ? 0ms : found->second, endpoints_.size(),
                        request_timeout_);
}

void Renewals::renew(LeaseId id, Reply<Lease> reply) {
    if (kind_ == StreamKind::request) return renew_by_request(id, std::move(reply));
    outstanding_.push_back({.id = id,
                            .reply = std::move(reply),
                            .deadline = Clock::now() + time_for(id),
                            .tries_left = endpoints_.size()});
    // Others have left that endpoint: so does who has nothing under way there.
    const bool is_left = outstanding_.size() == 1 && endpoints_.current() != endpoint_;
    if (socket_ && is_left) std::exchange(socket_, nullptr)->close();
    if (socket_) {
        send(outstanding_.back());
        socket_->receive(true);
    } else {
        connect();
    }
    arm();
}

// One lease a request: of several in one, answers get lost.
void Renewals::renew_by_request(LeaseId id, Reply<Lease> reply) {
    caller_->start({.path = "/v3/lease/keepalive",
                    .body = encode_lease_id(to_integer(id)),
                    .take = [id, reply](std::string_view body) -> std::optional<Error> {
                        const auto answer = decode_renewal_message(body);
                        if (!answer) return answer.error();
                        if (LeaseId{answer->id} != id) {
                            return Error(errc::bad_answer,
                                         "answered for a lease that was not asked for");
                        }
                        if (answer->ttl_seconds <= 0) return lease_is_gone();
                        reply(Lease{id, std::chrono::seconds(answer->ttl_seconds)});
                        return std::nullopt;
                    },
                    .fail = reply,
                    .wish = "to renew a lease",
                    .time_out = time_for(id),
                    .is_urgent = true});
}

// Somebody on the way takes no WebSockets: requests do as well.
void Renewals::declined(const Error& error) {
    if (kind_ == StreamKind::web_socket) return lost(error);
    kind_ = StreamKind::request;
    if (socket_) std::exchange(socket_, nullptr)->close();
    alarm_.clear();
    for (Request& request : std::exchange(outstanding_, {}))
        renew_by_request(request.id, std::move(request.reply));
}

void Renewals::send(Request& request) {
    request.term = endpoints_.guard().newest_term();
    socket_->send(encode_lease_id(to_integer(request.id)));
}

void Renewals::connect() {
    endpoint_ = endpoints_.current();
    has_answered_ = false;
    // `this` is safe: close() comes before our end, and silences the socket.
    socket_ = open_web_socket(executor_, endpoints_.peer(endpoint_), "/v3/lease/keepalive",
                              Clock::now() + request_timeout_,
                              {.opened = [] {},
                               .message = [this](std::string_view text) { received(text); },
                               .pong = [] {},
                               .declined = [this](const Error& error) { declined(error); },
                               .broken = [this](const Error& error) { lost(error); }});
    for (Request& request : outstanding_)
        send(request);
    socket_->receive(true);
}

void Renewals::received(std::string_view message) {
    const auto answer = decode_renewal_message(message);
    if (!answer) return lost(answer.error());
    answered(*answer);
}

void Renewals::answered(const LeaseAnswer& answer) {
    const auto found = std::ranges::find(outstanding_, LeaseId{answer.id}, &Request::id);
    if (found == outstanding_.end()) {
        return lost({errc::bad_answer, "answered for a lease that was not asked for"});
    }
    // What is not to be believed confirms nothing.
    const auto distrust = endpoints_.guard().judge(answer.origin, found->term);
    if (distrust) return lost(*distrust);
    has_answered_ = true;
    endpoints_.worked(endpoint_);
    const Request request = std::move(*found);
    outstanding_.erase(found);
    socket_->receive(!outstanding_.empty());
    arm();
    if (answer.ttl_seconds <= 0) {
        forget(request.id);
        Error gone = lease_is_gone();
        gone.detail.insert(0, to_string(endpoints_.at(endpoint_)) + ' ');
        return request.reply(std::move(gone));
    }
    request.reply(Lease{request.id, std::chrono::seconds(answer.ttl_seconds)});
}

// The socket goes with everything that may still come on it: a late answer must never be
// taken for that to a later request.
void Renewals::lost(const Error& error) {
    if (socket_) std::exchange(socket_, nullptr)->close();
    const bool died_idle = std::exchange(has_answered_, false) && error.code == errc::unreachable;
    if (!died_idle) endpoints_.failed(endpoint_, error);
    const std::string words = to_string(endpoints_.at(endpoint_)) + ' ' + error.detail;
    std::deque<Request> failed;
    std::deque<Request> again;
    for (Request& request : std::exchange(outstanding_, {})) {
        if (!died_idle) {
            request.words += (request.words.empty() ? "" : "; ") + words;
            --request.tries_left;
            request.deadline = Clock::now() + time_for(request.id);
        }
        (request.tries_left == 0 ? failed : again).push_back(std::move(request));
    }
    outstanding_ = std::move(again);
    if (!outstanding_.empty()) connect();
    arm();
    for (const Request& request : failed)
        request.reply(Error(error.code, request.words));
}

void Renewals::arm() {
    if (outstanding_.empty()) {
        alarm_.clear();
        return;
    }
    const auto due = std::ranges::min(outstanding_, {}, &Request::deadline).deadline;
    alarm_.set(due, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->lost({errc::timed_out, "did not answer in time"});
    });
}

}  // namespace tenure::etcd::detail::v3
