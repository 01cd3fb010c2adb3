#include "backends/simulation/connection.hpp"

#include <algorithm>

#include "backends/simulation/server_state.hpp"

namespace tenure::sim::detail {
namespace {

constexpr const char* refused = "the store does not accept connections";

std::string label(std::string_view call, Connection::Number number) {
    return std::string(call) + " #" + std::to_string(number);
}

}  // namespace

Connection::Number Connection::ask(std::string_view call, std::function<void(Number)> handle,
                                   Fail fail) {
    const Number number = ++last_number_;
    if (closed_) return number;
    const auto timer = call_after(wire_.time_out(), [number, call](Connection& self) {
        const auto request = self.requests_.extract(number);
        if (request.empty()) return;
        request.mapped().fail(errc::timed_out, "no answer to " + std::string(call));
    });
    requests_.emplace(number, Request{std::move(fail), timer});
    const auto refuse = [weak = weak_from_this(), number, call] {
        const auto self = weak.lock();
        if (!self) return;
        const auto request = self->requests_.find(number);
        if (request == self->requests_.end()) return;
        self->answer(number, call,
                     [failed = request->second.fail] { failed(errc::unreachable, refused); });
    };
    // It arrives even if we are gone by then.
    wire_.send(
        Wire::Way::to_store,
        [&server = server_, handle = std::move(handle), number, refuse] {
            server.receive([handle, number] { handle(number); }, refuse);
        },
        [call, number] { return label(call, number); });
    return number;
}

void Connection::answer(Number number, std::string_view call, Task arrived) {
    wire_.send(
        Wire::Way::from_store,
        [weak = weak_from_this(), number, arrived = std::move(arrived)] {
            const auto self = weak.lock();
            if (!self) return;
            self->post([number, arrived](Connection& connection) {
                const auto request = connection.requests_.extract(number);
                if (request.empty()) return;
                connection.process_->cancel(request.mapped().timer);
                arrived();
            });
        },
        [call, number] { return "answer to " + label(call, number); });
}

Connection::Number Connection::open_watch(std::function<void(Number)> handle, Fail fail) {
    const Number number = ++last_number_;
    if (closed_) return number;
    const auto timer = call_after(wire_.time_out(), [number](Connection& self) {
        self.fail_watch(number, errc::timed_out, "the watch was not established");
    });
    OpenWatch opened;
    opened.fail = std::move(fail);
    opened.timer = timer;
    watches_.emplace(number, std::move(opened));
    const auto refuse = [weak = weak_from_this(), number] {
        const auto self = weak.lock();
        if (!self) return;
        self->stream(number, [weak, number] {
            if (const auto us = weak.lock()) us->fail_watch(number, errc::unreachable, refused);
        });
    };
    wire_.send(
        Wire::Way::to_store,
        [&server = server_, handle = std::move(handle), number, refuse] {
            server.receive([handle, number] { handle(number); }, refuse);
        },
        [number] { return label("watch", number); });
    return number;
}

void Connection::established(Number number, std::unique_ptr<Watch> inner) {
    const auto found = watches_.find(number);
    if (found == watches_.end()) return;
    found->second.inner = std::move(inner);
    stream(number, [weak = weak_from_this(), number] {
        const auto self = weak.lock();
        const auto watch = self->watches_.find(number);
        watch->second.established = true;
        self->process_->cancel(watch->second.timer);
    });
}

void Connection::stream(Number number, Task arrived) {
    const auto watch = watches_.find(number);
    if (watch == watches_.end()) return;
    Duration& last = watch->second.last_arrival;
    last = std::max(last, server_.engine().now() + wire_.stream_trip());
    server_.engine().at(last, [weak = weak_from_this(), number, arrived = std::move(arrived)] {
        if (const auto self = weak.lock()) self->arrive(number, arrived);
    });
}

void Connection::arrive(Number number, Task arrived) {
    if (wire_.stalled()) return held_.push_back({number, std::move(arrived)});
    post([number, arrived = std::move(arrived)](Connection& self) {
        if (self.watches_.contains(number)) arrived();
    });
}

void Connection::fail_watch(Number number, errc code, const std::string& words) {
    auto watch = watches_.extract(number);
    if (watch.empty()) return;
    process_->cancel(watch.mapped().timer);
    watch.mapped().inner.reset();
    watch.mapped().fail(code, words);
}

void Connection::break_streams() {
    for (auto& [number, watch] : watches_) {
        watch.inner.reset();
        stream(number, [weak = weak_from_this(), broken = number] {
            if (const auto self = weak.lock()) {
                self->fail_watch(broken, errc::unreachable, "the store broke the stream");
            }
        });
    }
}

void Connection::streams_stall() {
    silence_timer_ = call_after(wire_.silence(), [](Connection& self) {
        std::vector<Number> silent;
        for (const auto& [number, watch] : self.watches_) {
            if (watch.established) silent.push_back(number);
        }
        for (const Number number : silent)
            self.fail_watch(number, errc::unreachable, "the stream fell silent");
    });
}

void Connection::streams_go_on() {
    process_->cancel(silence_timer_);
    for (Held& held : std::exchange(held_, {}))
        arrive(held.number, std::move(held.arrived));
}

void Connection::close() {
    closed_ = true;
    for (const auto& [number, request] : requests_)
        process_->cancel(request.timer);
    for (const auto& [number, watch] : watches_)
        process_->cancel(watch.timer);
    process_->cancel(silence_timer_);
    // They die out of reach: what they own may close watches.
    const auto requests = std::exchange(requests_, {});
    const auto watches = std::exchange(watches_, {});
    held_.clear();
}

void Connection::post(std::function<void(Connection&)> task) {
    process_->post(asker_.incarnation, [weak = weak_from_this(), task = std::move(task)] {
        if (const auto self = weak.lock()) task(*self);
    });
}

std::uint64_t Connection::call_after(Duration delay, std::function<void(Connection&)> task) {
    const Instant when = process_->clock()->now() + delay;
    return process_->call_at(asker_.incarnation, when,
                             [weak = weak_from_this(), task = std::move(task)] {
                                 if (const auto self = weak.lock()) task(*self);
                             });
}

}  // namespace tenure::sim::detail
