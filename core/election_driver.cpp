#include "core/election_driver.hpp"

#include "core/options.hpp"

namespace tenure::detail {

ElectionDriver::ElectionDriver(std::shared_ptr<SessionDriver> session,
                               const CandidacyOptions& options, Ownership ownership,
                               std::uint64_t seed)
    : Driver(session->scheduler(), session->store(),
             CandidacyMachine(check(options, session->config())), seed),
      events(std::make_shared<ElectionEvents>(session->scheduler())),
      session_(std::move(session)),
      ownership_(ownership),
      election_(options.election),
      value_(options.value.value_or(options.candidate)) {
    if (options.follow_leader) follow_leader(options.election, seed);
    reservation_ = session_->places.reserve(election_);
}

void ElectionDriver::follow_leader(const std::string& election, std::uint64_t seed) {
    const auto config = check(follower_part(election, session_->config()));
    observer_ = std::make_shared<ObserverDriver>(scheduler_, store_, config, ~seed);
    std::weak_ptr<ElectionEvents> weak = events;
    observer_->set_listener(
        {[weak](const std::optional<Leader>& leader) {
             const auto self = weak.lock();
             if (self) self->push(ElectionEvents::LeaderChanged{leader});
         },
         [weak](const Error& error, const std::string& doing) {
             const auto self = weak.lock();
             if (!self) return;
             self->push(ElectionEvents::Failed{error.code, doing + ": " + error.message()});
         }});
}

void ElectionDriver::attach() {
    events->set_poll([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->session_->poll();
    });
    if (ownership_ == Ownership::own_session) {
        std::weak_ptr<ElectionEvents> weak = events;
        session_->failed.connect([weak](error_code code, std::string_view doing) {
            const auto self = weak.lock();
            if (self) self->push(ElectionEvents::Failed{code, std::string(doing)});
        });
    }
    post([](ElectionDriver& self) { self.session_->attach(self.weak_from_this()); });
}

void ElectionDriver::start() {
    running_ = true;
    started_ = true;
    post([](ElectionDriver& self) {
        self.running_ = true;
        self.waits_for_place_ = true;
        self.take_place();
        self.session_->start();
        if (self.observer_) self.observer_->start();
        if (self.session_->is_gone()) self.session_gone();
    });
}

void ElectionDriver::take_place() {
    if (!waits_for_place_) return;
    const auto then = [weak = weak_from_this()] {
        if (const auto self = weak.lock())
            self->post([](ElectionDriver& driver) { driver.take_place(); });
    };
    if (!session_->places.take(election_, shared_from_this(), then)) return;
    waits_for_place_ = false;
    starts_ = true;
    // First, for it may be told only now that the time of an earlier stop is over.
    feed(CandidacyMachine::Start{session_->places.spent(election_)});
}

void ElectionDriver::session_gone() {
    waits_for_place_ = false;
    feed(CandidacyMachine::Stop{});
}

void ElectionDriver::leave_place() {
    const bool idle = machine_.state() == CandidacyMachine::State::idle;
    if (idle && !starts_) session_->places.leave(election_, this);
}

void ElectionDriver::stop() {
    stop_then({});
}

// Whoever asked to stop does not lead from this moment on, whatever the scheduler is busy with.
void ElectionDriver::stop_then(boost::asio::any_completion_handler<void()> handler) {
    {
        std::lock_guard lock(mutex_);
        if (term_) term_->invalidate();
    }
    auto held = std::make_shared<boost::asio::any_completion_handler<void()>>(std::move(handler));
    post([held](ElectionDriver& self) {
        if (*held) self.stop_handlers_.push_back(std::move(*held));
        self.waits_for_place_ = false;
        // Safety rule 12: from here on a session of our own is not renewed any more. The entry
        // goes with its lease, given back once the work has ended.
        if (self.ownership_ == Ownership::own_session) self.session_->close();
        self.feed(CandidacyMachine::Stop{});
    });
}

void ElectionDriver::resign() {
    std::lock_guard lock(mutex_);
    if (!term_) return;
    term_->invalidate();
    post([token = term_->token()](ElectionDriver& self) {
        self.feed(CandidacyMachine::Resign{token});
    });
}

void ElectionDriver::proclaim(std::string value) {
    {
        std::lock_guard lock(mutex_);
        value_ = value;
    }
    post([value = std::move(value)](ElectionDriver& self) {
        self.feed(CandidacyMachine::Proclaim{value});
    });
}

void ElectionDriver::detach() {
    events->detach();
    reservation_.reset();
    // Not `running_`: a start may be on its way while an earlier stop says that it is done.
    if (started_) stop();
}

Leadership ElectionDriver::leadership() const {
    std::lock_guard lock(mutex_);
    return Leadership(term_);
}

std::optional<Leader> ElectionDriver::current_leader() const {
    auto heard = observer_ ? observer_->current_leader() : std::nullopt;
    std::lock_guard lock(mutex_);
    if (!term_) return heard;
    if (Leadership(term_).valid()) return Leader{value_, term_->token()};
    // What was heard of ourselves is out of date: we know that we do not lead.
    if (heard && heard->token == term_->token()) return std::nullopt;
    return heard;
}

void ElectionDriver::lease_alive(std::shared_ptr<LeaseTerm> lease) {
    lease_ = std::move(lease);
    feed(CandidacyMachine::LeaseAlive{lease_->id(), lease_->valid_until()});
}

void ElectionDriver::lease_extended(Instant valid_until) {
    feed(CandidacyMachine::LeaseExtended{valid_until});
}

void ElectionDriver::lease_lost(LossReason reason) {
    feed(CandidacyMachine::LeaseLost{reason});
}

// The session waits, after a loss, for the leaderships on it to wind up.
void ElectionDriver::after_input(const Input& input) {
    if (std::holds_alternative<CandidacyMachine::Start>(input)) starts_ = false;
    leave_place();
    if (std::holds_alternative<CandidacyMachine::LeaseLost>(input)) owes_drain_ = true;
    if (!owes_drain_ || machine_.state() == CandidacyMachine::State::draining) return;
    owes_drain_ = false;
    session_->client_drained();
}

void ElectionDriver::apply(CandidacyMachine::Enter& action) {
    store_->enter(std::move(action.entry),
                  reply_to<CandidacyMachine::Entered, Standing>(action.request));
}

void ElectionDriver::apply(CandidacyMachine::Stand& action) {
    store_->standing(election_, std::move(action.own),
                     reply_to<CandidacyMachine::Stood, Standing>(action.request));
}

void ElectionDriver::apply(CandidacyMachine::Watch& action) {
    watch_ = store_->watch(std::move(action.target),
                           reply_to<CandidacyMachine::Changed, Change>(action.watch));
}

void ElectionDriver::apply(CandidacyMachine::Unwatch&) {
    watch_.reset();
}

void ElectionDriver::apply(CandidacyMachine::Update& action) {
    store_->update(std::move(action.entry), std::move(action.value),
                   reply_to<CandidacyMachine::Updated, Revision>(action.request));
}

void ElectionDriver::apply(CandidacyMachine::Remove& action) {
    if (machine_.state() == CandidacyMachine::State::idle) {
        // A ghost. To a later candidacy on this session the store has given it as its own.
        if (session_->places.is_taken(election_, this)) return;
        session_->places.spend(election_, to_integer(action.entry.created));
    }
    store_->remove(std::move(action.entry),
                   reply_to<CandidacyMachine::Removed, void>(action.request));
}

void ElectionDriver::apply(CandidacyMachine::Elect& action) {
    session_->places.spend(election_, to_integer(action.entry.created));
    auto term = std::make_shared<LeadershipTerm>(lease_, std::move(action.entry));
    {
        std::lock_guard lock(mutex_);
        term_ = term;
    }
    events->push(ElectionEvents::Elected{std::move(term)});
}

void ElectionDriver::apply(CandidacyMachine::Invalidate&) {
    term_->end();
}

void ElectionDriver::apply(CandidacyMachine::Unelect& action) {
    const auto term = term_;
    term->end();
    const auto drained = [weak = weak_from_this(), token = action.token] {
        const auto self = weak.lock();
        if (!self) return;
        self->post(
            [token](ElectionDriver& driver) { driver.feed(CandidacyMachine::Drained{token}); });
    };
    events->push(
        ElectionEvents::Unelected{term, action.reason, [term, drained] { term->drain(drained); }});
}

void ElectionDriver::apply(CandidacyMachine::Suspect& action) {
    session_->suspect(action.lease);
}

void ElectionDriver::apply(CandidacyMachine::Failed& action) {
    events->push(
        ElectionEvents::Failed{action.error.code, action.doing + ": " + action.error.message()});
}

// A session of our own goes with the candidacy. A start that came meanwhile begins anew.
void ElectionDriver::apply(CandidacyMachine::Stopped&) {
    const bool again = machine_.state() != CandidacyMachine::State::idle;
    events->push(ElectionEvents::Stopped{});
    if (observer_ && !again) observer_->stop();
    // Only those who wait for this stop; others may come before they are told.
    auto handlers = std::exchange(stop_handlers_, {});
    if (ownership_ == Ownership::shared_session) {
        auto held = std::make_shared<StopHandlers>(std::move(handlers));
        return post([held](ElectionDriver& self) {
            self.note_stopped();
            complete_all(*held);
        });
    }
    // The session must not keep us, for we keep it; so it gets what we owe.
    session_->stop_then_all(std::move(handlers), [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->note_stopped();
    });
    if (again) session_->start();
}

void ElectionDriver::note_stopped() {
    running_ = machine_.state() != CandidacyMachine::State::idle;
}

}  // namespace tenure::detail
