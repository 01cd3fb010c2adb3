#include "backends/etcd/v3/renewals.hpp"

#include <algorithm>
#include <utility>

namespace tenure::etcd::detail::v3 {

Renewals::Renewals(boost::asio::any_io_executor executor, Endpoints& endpoints,
                   std::chrono::milliseconds request_timeout)
    : executor_(std::move(executor)),
      endpoints_(endpoints),
      request_timeout_(request_timeout),
      alarm_(executor_) {}

Renewals::~Renewals() {
    close();
}

void Renewals::close() {
    outstanding_.clear();
    alarm_.clear();
    if (socket_) std::exchange(socket_, nullptr)->close();
}

void Renewals::renew(LeaseId id, Reply<Lease> reply) {
    outstanding_.push_back({.id = id,
                            .reply = std::move(reply),
                            .deadline = Clock::now() + request_timeout_,
                            .tries_left = endpoints_.size()});
    if (socket_) {
        send(outstanding_.back());
        socket_->receive(true);
    } else {
        connect();
    }
    arm();
}

void Renewals::send(const Request& request) {
    socket_->send(encode_lease_id(to_integer(request.id)));
}

void Renewals::connect() {
    endpoint_ = endpoints_.current();
    has_answered_ = false;
    // `this` is safe: close() comes before our end, and silences the socket.
    socket_ = open_web_socket(executor_, endpoints_.at(endpoint_), "/v3/lease/keepalive",
                              Clock::now() + request_timeout_,
                              {.opened = [] {},
                               .message = [this](std::string_view text) { received(text); },
                               .pong = [] {},
                               .broken = [this](const Error& error) { lost(error); }});
    for (const Request& request : outstanding_)
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
    has_answered_ = true;
    const Request request = std::move(*found);
    outstanding_.erase(found);
    socket_->receive(!outstanding_.empty());
    arm();
    if (answer.ttl_seconds <= 0) {
        return request.reply(Error(errc::lease_gone, to_string(endpoints_.at(endpoint_)) +
                                                         " answered that the lease is gone"));
    }
    request.reply(Lease{request.id, std::chrono::seconds(answer.ttl_seconds)});
}

// The socket goes with everything that may still come on it: a late answer must never be
// taken for that to a later request.
void Renewals::lost(const Error& error) {
    if (socket_) std::exchange(socket_, nullptr)->close();
    const bool died_idle = std::exchange(has_answered_, false) && error.code == errc::unreachable;
    if (!died_idle) endpoints_.failed(endpoint_);
    const std::string words = to_string(endpoints_.at(endpoint_)) + ' ' + error.detail;
    std::deque<Request> failed;
    std::deque<Request> again;
    for (Request& request : std::exchange(outstanding_, {})) {
        if (!died_idle) {
            request.words += (request.words.empty() ? "" : "; ") + words;
            --request.tries_left;
            request.deadline = Clock::now() + request_timeout_;
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
