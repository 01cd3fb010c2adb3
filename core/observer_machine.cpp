#include "core/observer_machine.hpp"

namespace tenure::detail {

struct ObserverMachine::Turn {
    Moment at;
    Actions actions;
};

ObserverMachine::Actions ObserverMachine::step(Moment at, const Input& input) {
    Turn turn{at, {}};
    std::visit([&](const auto& what) { on(turn, what); }, input);
    return std::move(turn.actions);
}

void ObserverMachine::on(Turn& turn, const Start&) {
    if (state_ != State::idle) return;
    // Nothing is known of what happened since an earlier run.
    announced_ = false;
    read(turn);
}

void ObserverMachine::on(Turn& turn, const Stop&) {
    unwatch(turn);
    attempt_.reset();
    state_ = State::idle;
}

void ObserverMachine::on(Turn& turn, const Listed& input) {
    if (state_ != State::reading || !attempt_.awaits(input.request)) return;
    if (!input.listing) return retry(turn, input.listing.error(), "reading who leads");
    attempt_.reset();
    state_ = State::watching;
    const Listing& listing = *input.listing;
    std::optional<Leader> leader;
    if (listing.entries.empty()) {
        watch(turn, {WatchTarget::Scope::prefix, config_.election, listing.revision});
    } else {
        const Entry& first = listing.entries.front();
        leader = Leader{first.value, to_integer(first.created)};
        watch(turn, {WatchTarget::Scope::key, first.key, listing.revision});
    }
    if (announced_ && leader == leader_) return;
    announced_ = true;
    leader_ = leader;
    turn.actions.push_back(Announce{leader_});
}

void ObserverMachine::on(Turn& turn, const Changed& input) {
    if (!watch_ || *watch_ != input.watch) return;
    unwatch(turn);
    if (input.change) return read(turn);
    state_ = State::reading;
    retry(turn, input.change.error(), "watching who leads");
}

void ObserverMachine::on(Turn& turn, const Tick&) {
    if (state_ != State::reading) return;
    if (attempt_.timed_out(turn.at.now)) return retry(turn, errc::timed_out, "reading who leads");
    if (attempt_.due(turn.at.now)) read(turn);
}

void ObserverMachine::read(Turn& turn) {
    state_ = State::reading;
    const RequestId request = new_request();
    attempt_.send(request, turn.at.now + config_.request_timeout);
    turn.actions.push_back(List{request, {.prefix = config_.election, .limit = 1}});
}

void ObserverMachine::watch(Turn& turn, WatchTarget target) {
    watch_ = new_request();
    turn.actions.push_back(Watch{*watch_, std::move(target)});
}

void ObserverMachine::unwatch(Turn& turn) {
    if (watch_) turn.actions.push_back(Unwatch{*watch_});
    watch_.reset();
}

void ObserverMachine::retry(Turn& turn, const Error& error, std::string doing) {
    attempt_.pause(turn.at.now + config_.backoff.next(turn.at));
    turn.actions.push_back(Failed{error, std::move(doing)});
}

}  // namespace tenure::detail
