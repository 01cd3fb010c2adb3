#include "tests/exploration/wiring.hpp"

#include <algorithm>
#include <utility>

namespace tenure::exploration {
namespace {

Entry to_entry(Place place) {
    return {"e/" + std::to_string(to_integer(place.lease)), "v", place.lease, place.created};
}

LeaseId lease_of(const std::string& key) {
    return LeaseId{std::stoll(key.substr(2))};
}

result<Standing> to_standing(const Message& message) {
    if (message.outcome != Outcome::done) return to_error(message.outcome);
    Standing standing{.first = {}, .predecessor = {}, .own = {}, .revision = message.as_of};
    if (message.own.created != Revision{}) standing.own = to_entry(message.own);
    if (message.ahead.created != Revision{}) standing.predecessor = to_entry(message.ahead);
    // Behind others nothing rests on who is first, so here it is whoever is next ahead.
    standing.first = standing.predecessor ? standing.predecessor : standing.own;
    return standing;
}

}  // namespace

Error to_error(Outcome outcome) {
    return outcome == Outcome::lease_gone ? errc::lease_gone : errc::unreachable;
}

void Wiring::feed(Session::Input input) {
    session_inputs_.push_back(std::move(input));
    if (std::exchange(feeding_session_, true)) return;
    while (!session_inputs_.empty()) {
        if (self_.session.next_deadline() <= world_.now) step(Session::Tick{});
        const Session::Input next = std::move(session_inputs_.front());
        session_inputs_.pop_front();
        step(next);
    }
    feeding_session_ = false;
}

void Wiring::feed(Candidacy::Input input) {
    if (!feeding_candidacy_) poll();
    candidacy_inputs_.push_back(std::move(input));
    if (std::exchange(feeding_candidacy_, true)) return;
    while (!candidacy_inputs_.empty()) {
        poll();
        if (self_.candidacy.next_deadline() <= world_.now) step(Candidacy::Tick{});
        const Candidacy::Input next = std::move(candidacy_inputs_.front());
        candidacy_inputs_.pop_front();
        step(next);
        after(next);
    }
    feeding_candidacy_ = false;
}

void Wiring::poll() {
    if (self_.session.next_deadline() <= world_.now) feed(Session::Tick{});
}

void Wiring::step(const Session::Input& input) {
    if (std::holds_alternative<Session::Start>(input)) self_.session_wanted = true;
    if (std::holds_alternative<Session::Stop>(input)) {
        self_.session_wanted = false;
        self_.session_closing = true;
    }
    for (const auto& action : self_.session.step({world_.now, 0}, input)) {
        std::visit([this](const auto& what) { on(what); }, action);
    }
}

void Wiring::step(const Candidacy::Input& input) {
    for (const auto& action : self_.candidacy.step({world_.now, 0}, input)) {
        std::visit([this](const auto& what) { on(what); }, action);
    }
}

void Wiring::after(const Candidacy::Input& input) {
    if (std::holds_alternative<Candidacy::LeaseLost>(input)) self_.owes_drain = true;
    const bool draining = self_.candidacy.state() == Candidacy::State::draining;
    if (!self_.owes_drain || draining) return;
    self_.owes_drain = false;
    client_drained();
}

void Wiring::client_drained() {
    if (self_.draining > 0 && --self_.draining == 0) feed(Session::Drained{});
}

void Wiring::start() {
    self_.wanted = true;
    self_.tasks.push_back(Task::start_session);
    feed(Candidacy::Start{});
}

// A session of its own goes first: from here on it renews nothing, and the entry goes with it.
void Wiring::stop() {
    // A renewal that is due at this very moment comes before the news.
    if (!world_.bounds.shared_sessions) feed(Session::Stop{});
    self_.wanted = false;
    feed(Candidacy::Stop{});
}

void Wiring::run_task() {
    const Task task = self_.tasks.front();
    self_.tasks.erase(self_.tasks.begin());
    if (task == Task::start_session) return feed(Session::Start{});
    feed(Session::Stop{});
}

// `core/election_events.cpp` polls before each delivery; what the handlers did is not looked at.
void Wiring::handlers_done() {
    poll();
    const std::int64_t token = self_.unelected.front();
    self_.unelected.erase(self_.unelected.begin());
    if (self_.leadership && to_integer(self_.leadership->created) == token) {
        self_.leadership.reset();
    }
    feed(Candidacy::Drained{token});
}

void Wiring::deliver(const Message& message) {
    const bool done = message.outcome == Outcome::done;
    const Lease lease{message.subject.lease, world_.ttl()};
    result<Lease> lease_reply = lease;
    result<void> outcome;
    if (!done) {
        lease_reply = to_error(message.outcome);
        outcome = to_error(message.outcome);
    }
    const RequestId request = message.request;
    switch (message.call) {
        case Call::grant: return feed(Session::Granted{request, lease_reply});
        case Call::renew: return feed(Session::Renewed{request, lease_reply});
        case Call::revoke: return feed(Session::Revoked{request, outcome});
        case Call::enter:
            heard_while_leaving(message);
            feed(Candidacy::Entered{request, to_standing(message)});
            return leaves_no_ghost(message);
        case Call::stand: return feed(Candidacy::Stood{request, to_standing(message)});
        case Call::remove: return feed(Candidacy::Removed{request, outcome});
    }
}

void Wiring::deliver_notice() {
    WatchUnderWay& watch = *self_.watch;
    const Notice notice = watch.pending.front();
    watch.pending.erase(watch.pending.begin());
    const auto kind = notice.removed ? Change::Kind::removed : Change::Kind::created;
    const Entry entry = to_entry({watch.key, notice.created});
    feed(Candidacy::Changed{watch.id, Change{kind, entry, world_.store.revision}});
}

void Wiring::break_watch(errc error) {
    const RequestId id = self_.watch->id;
    self_.watch.reset();
    feed(Candidacy::Changed{id, Error(error)});
}

// Where too much is under way the network loses something: what nobody awaits, if there is any.
void Wiring::send(Call call, RequestId request, Place subject) {
    auto& messages = self_.messages;
    if (messages.size() >= world_.bounds.messages_under_way) {
        const auto stale = std::ranges::find_if(
            messages, [this](const Message& message) { return !World::awaited(self_, message); });
        messages.erase(stale == messages.end() ? messages.begin() : stale);
    }
    messages.push_back({.call = call, .request = request, .subject = subject});
}

void Wiring::on(const Session::Grant& action) {
    send(Call::grant, action.request, {});
}

void Wiring::on(const Session::Renew& action) {
    require_running("renews its lease");
    const bool kept = world_.bounds.shared_sessions || self_.wanted || !self_.tasks.empty();
    require(kept, "renews its lease, though its only candidacy is stopped");
    send(Call::renew, action.request, {action.lease, {}});
}

void Wiring::on(const Session::Revoke& action) {
    for (const StoredEntry& entry : world_.store.entries) {
        if (entry.place.lease != action.lease) continue;
        may_take_away(entry.place.created, "revokes the lease");
    }
    send(Call::revoke, action.request, {action.lease, {}});
}

void Wiring::on(const Session::Alive& action) {
    require_running("takes a lease");
    self_.term = action.lease.id;
    self_.term_until = action.valid_until;
    feed(Candidacy::LeaseAlive{action.lease.id, action.valid_until});
}

void Wiring::on(const Session::Extended& action) {
    require_running("extends its lease");
    require(world_.now < self_.term_until, "extends a lease that was over");
    self_.term_until = action.valid_until;
    feed(Candidacy::LeaseExtended{action.valid_until});
}

void Wiring::on(const Session::Lost& action) {
    if (self_.leadership && !self_.leadership->unelected) {
        // The store may keep the entry for the margin yet, and that long the work may end.
        const bool elapsed = action.reason == LossReason::lease_elapsed;
        const Duration more = elapsed ? world_.margin() : Duration::zero();
        self_.leadership->drain_until = self_.term_until + more;
    }
    if (action.reason != LossReason::stopped) self_.term_until = Instant::min();
    // Counted with one of the session's own, as in the driver.
    self_.draining = 2;
    feed(Candidacy::LeaseLost{action.reason});
    client_drained();
}

void Wiring::on(const Session::Stopped&) {
    if (!world_.bounds.shared_sessions && world_.now < self_.session.valid_until()) {
        leaves_nothing_behind("session");
    }
    self_.session_closing = false;
}

void Wiring::on(const Candidacy::Enter& action) {
    send(Call::enter, action.request, {action.entry.lease, {}});
}

void Wiring::on(const Candidacy::Stand& action) {
    send(Call::stand, action.request, {action.own.lease, action.own.created});
}

void Wiring::on(const Candidacy::Watch& action) {
    self_.watch = watch(world_, action.watch, lease_of(action.target.name), action.target.after);
}

void Wiring::on(const Candidacy::Unwatch&) {
    self_.watch.reset();
}

// Its value never changes, so there is nothing to proclaim.
void Wiring::on(const Candidacy::Update&) {
    require(false, "updates its entry without a reason");
}

void Wiring::on(const Candidacy::Remove& action) {
    may_take_away(action.entry.created, "removes the entry");
    send(Call::remove, action.request, {action.entry.lease, action.entry.created});
}

void Wiring::on(const Candidacy::Elect& action) {
    require(!self_.leadership || self_.leadership->unelected, "is elected twice");
    // Who was shown first before the operator's delete, and hears of it late, has an old token.
    const bool excused = world_.deleted == action.entry.created;
    require(excused || action.entry.created > world_.last_token,
            "is elected with token " + std::to_string(to_integer(action.entry.created)) +
                " after token " + std::to_string(to_integer(world_.last_token)));
    require(world_.now < self_.term_until, "is elected on a lease that is over");
    world_.last_token = std::max(world_.last_token, action.entry.created);
    self_.leadership = Leadership{.created = action.entry.created, .lease = self_.term};
    self_.leadership->excused = excused;
}

void Wiring::on(const Candidacy::Invalidate&) {
    require(self_.leadership && !self_.leadership->over, "invalidates what it has not");
    self_.leadership->over = true;
}

void Wiring::on(const Candidacy::Unelect& action) {
    Leadership* leadership = self_.leadership ? &*self_.leadership : nullptr;
    require(leadership && !leadership->unelected && to_integer(leadership->created) == action.token,
            "is unelected without having been elected");
    leadership->over = leadership->unelected = true;
    // The bound of the drain, unless it is the loss of the lease that ends it: see `Lost`.
    const bool ended = self_.term_until == Instant::min();
    if (!ended && leadership->drain_until == Instant::max()) {
        leadership->drain_until = self_.term_until;
    }
    if (self_.unelected.size() == self_.unelected.capacity()) {
        self_.unelected.erase(self_.unelected.begin());
    }
    self_.unelected.push_back(action.token);
}

void Wiring::on(const Candidacy::Suspect& action) {
    feed(Session::Suspected{action.lease});
}

void Wiring::on(const Candidacy::Stopped&) {
    if (world_.bounds.shared_sessions) {
        const bool lives = self_.session.state() == Session::State::alive;
        if (lives && world_.now < self_.session.valid_until()) leaves_nothing_behind("candidacy");
        return;
    }
    self_.tasks.push_back(Task::stop_session);
    const bool again = self_.candidacy.state() != Candidacy::State::idle;
    if (again) self_.tasks.push_back(Task::start_session);
}

void Wiring::require(bool holds, const std::string& what) const {
    if (holds) return;
    throw Violation(std::string("candidate ") + static_cast<char>('A' + index_) + " " + what);
}

void Wiring::require_running(const std::string& what) const {
    require(self_.session_wanted && !self_.session_closing, what + ", though it is stopped");
}

// Once its handlers are done a leadership is no more. Before, only the time may end it: a process
// that stood still for long is told of both at once.
void Wiring::may_take_away(Revision created, const std::string& what) const {
    const auto& leadership = self_.leadership;
    if (!leadership || leadership->created != created) return;
    if (world_.now >= leadership->drain_until) return;
    require(leadership->unelected, what + " of a leadership before `unelected`");
    require(false, what + " of a leadership whose handlers still run");
}

void Wiring::leaves_nothing_behind(const std::string& who) const {
    for (const StoredEntry& entry : world_.store.entries) {
        // What hangs on an earlier lease goes with that, for nobody renews it.
        const bool left = entry.place.lease == self_.term && !entry.late;
        require(!left, "says that its " + who + " has stopped while its entry stands");
    }
}

// Then it has to be gone, too, before it may say that it stopped.
void Wiring::heard_while_leaving(const Message& heard) {
    if (self_.candidacy.state() != Candidacy::State::removing) return;
    for (StoredEntry& entry : world_.store.entries) {
        if (entry.place.created == heard.own.created) entry.late = false;
    }
}

// Who has left, and hears that an entry of its own was made after all, takes it away.
void Wiring::leaves_no_ghost(const Message& heard) const {
    const auto& lease = std::get<6>(self_.candidacy.fields());
    const bool left = self_.candidacy.state() == Candidacy::State::idle;
    if (!left || !lease || lease->id != heard.own.lease) return;
    const bool removes = std::ranges::any_of(self_.messages, [&](const Message& message) {
        return message.call == Call::remove && message.subject.created == heard.own.created;
    });
    require(removes, "hears of an entry that it does not stand by, and lets it be");
}

}  // namespace tenure::exploration
