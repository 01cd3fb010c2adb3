#include "core/election_events.hpp"

#include <algorithm>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/system_executor.hpp>

namespace tenure::detail {
namespace {

void complete(WaitHandler handler, error_code code, Leadership leadership) {
    const auto executor =
        boost::asio::get_associated_executor(handler, boost::asio::system_executor());
    boost::asio::dispatch(executor, [handler = std::move(handler), code,
                                     leadership = std::move(leadership)]() mutable {
        std::move(handler)(code, std::move(leadership));
    });
}

bool is_turn(const ElectionEvents::Event& event) {
    return std::holds_alternative<ElectionEvents::Elected>(event) ||
           std::holds_alternative<ElectionEvents::Unelected>(event);
}

}  // namespace

void ElectionEvents::push(Event event) {
    auto place = events_.end();
    if (std::holds_alternative<Unelected>(event)) {
        place = std::find_if(events_.rbegin(), events_.rend(), is_turn).base();
    }
    events_.insert(place, std::move(event));
    scheduler_->post([self = shared_from_this()] { self->deliver(); });
}

void ElectionEvents::deliver() {
    if (poll_) poll_();
    if (events_.empty()) return;
    const Event event = std::move(events_.front());
    events_.pop_front();
    std::visit([this](const auto& what) { emit(what); }, event);
}

// A leadership that ended before anybody heard of it is not announced at all: to say "elected"
// now would be untrue.
void ElectionEvents::emit(const Elected& event) {
    const Leadership leadership(event.term);
    if (!leadership.valid()) return;
    announced_ = event.term;
    report(elected(leadership), "elected");
    for (auto& [id, handler] : std::exchange(waiting_, {})) {
        complete(std::move(handler), {}, leadership);
    }
}

void ElectionEvents::emit(const Unelected& event) {
    if (!announced_ || announced_ != event.term) return event.delivered();
    announced_.reset();
    ended_ = event.term->token();
    report(unelected(event.reason), "unelected");
    event.delivered();
    for (const LeaderChanged& held : std::exchange(held_, {}))
        emit(held);
}

// Nobody hears of a successor before the end of what that one succeeds, nor of itself after it.
void ElectionEvents::emit(const LeaderChanged& event) {
    const auto token = event.leader ? std::optional(event.leader->token) : std::nullopt;
    if (announced_) {
        const std::int64_t ours = announced_->token();
        const bool heard_of_us = told_ && told_->leader && told_->leader->token == ours;
        const bool follows = token ? *token > ours : heard_of_us;
        if (follows || !Leadership(announced_).valid()) return held_.push_back(event);
    }
    if (token && token == ended_) return;
    if (told_ == event) return;
    told_ = event;
    report(leader(event.leader), "leader");
}

// A slot of `error` that throws has nobody left to tell.
void ElectionEvents::emit(const Failed& event) {
    failed(event.code, event.doing);
}

void ElectionEvents::emit(const Stopped&) {
    told_.reset();
    cancel_waiting();
}

void ElectionEvents::report(std::size_t threw, const char* which) {
    if (threw == 0) return;
    push(Failed{make_error_code(errc::handler_threw),
                std::string("calling a handler of '") + which + "'"});
}

// The cancellation slot belongs to the caller's thread, so it is connected here and now.
void ElectionEvents::wait_elected(WaitHandler handler, Leadership current) {
    const std::uint64_t id = ++next_wait_;
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
        slot.assign([weak = weak_from_this(), id](boost::asio::cancellation_type) {
            const auto self = weak.lock();
            if (!self) return;
            self->scheduler_->post(
                [self, id] { self->finish_waiting(id, boost::asio::error::operation_aborted); });
        });
    }
    // A std::function must be copyable, and the handler is not.
    auto held = std::make_shared<WaitHandler>(std::move(handler));
    scheduler_->post([self = shared_from_this(), id, held, current = std::move(current)] {
        if (current.valid()) return complete(std::move(*held), {}, current);
        // Or it was elected, and everybody told, since the caller looked.
        const Leadership announced(self->announced_);
        if (announced.valid()) return complete(std::move(*held), {}, announced);
        if (self->detached_) return complete(std::move(*held), errc::cancelled, {});
        self->waiting_.emplace(id, std::move(*held));
    });
}

void ElectionEvents::finish_waiting(std::uint64_t id, error_code code) {
    auto node = waiting_.extract(id);
    if (!node.empty()) complete(std::move(node.mapped()), code, {});
}

void ElectionEvents::cancel_waiting() {
    for (auto& [id, handler] : std::exchange(waiting_, {})) {
        complete(std::move(handler), make_error_code(errc::cancelled), {});
    }
}

void ElectionEvents::detach() {
    elected.disconnect_all_slots();
    unelected.disconnect_all_slots();
    leader.disconnect_all_slots();
    failed.disconnect_all_slots();
    detached_ = true;
    scheduler_->post([self = shared_from_this()] { self->cancel_waiting(); });
}

}  // namespace tenure::detail
