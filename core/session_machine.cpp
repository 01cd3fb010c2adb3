#include "core/session_machine.hpp"

#include <algorithm>
#include <ostream>

namespace tenure::detail {

namespace {

constexpr Duration patience = std::chrono::seconds(1);

}  // namespace

struct SessionMachine::Turn {
    Moment at;
    Actions actions;
};

SessionMachine::Actions SessionMachine::step(Moment at, const Input& input) {
    Turn turn{at, {}};
    std::visit([&](const auto& what) { on(turn, what); }, input);
    return std::move(turn.actions);
}

Instant SessionMachine::next_deadline() const {
    switch (state_) {
        case State::idle: return Instant::max();
        case State::granting: return attempt_.deadline();
        case State::alive:
        case State::revoking: return std::min(valid_until_, attempt_.deadline());
        case State::closing: return valid_until_;
        case State::lost: return lost_until_;
    }
    return Instant::max();
}

// Safety rule 1: a lease is counted from the moment its request was sent, for the store may have
// handled it at once and its answer may have been long on the way.
Instant SessionMachine::valid_from(Instant sent_at, const Lease& lease) const {
    return sent_at + lease.granted_ttl - margin_of(lease);
}

Duration SessionMachine::margin_of(const Lease& lease) const {
    return std::max(scaled(config_.margin, lease.granted_ttl), lease.margin);
}

// Safety rule 7: at a third of the TTL, for then there is time to try again. Where the margin takes
// so much that there would be less left than has gone by, at half of what it leaves.
Instant SessionMachine::renewal_due() const {
    return sent_at_ + std::min(lease_->granted_ttl / 3, (valid_until_ - sent_at_) / 2);
}

// What fits the TTL that was asked for, stretched to a longer one that was granted: the clocks
// have more time to drift apart, and the requests have more time, too.
Duration SessionMachine::scaled(Duration duration, Duration granted_ttl) const {
    if (granted_ttl <= config_.ttl) return duration;
    const double ratio =
        static_cast<double>(granted_ttl.count()) / static_cast<double>(config_.ttl.count());
    return Duration(static_cast<Duration::rep>(static_cast<double>(duration.count()) * ratio));
}

void SessionMachine::on(Turn& turn, const Start&) {
    if (state_ == State::idle) return grant(turn);
    restart_ = stopping_;
}

void SessionMachine::on(Turn& turn, const Stop&) {
    restart_ = false;
    if (stopping_) return;
    stopping_ = true;
    switch (state_) {
        case State::idle:
        case State::granting: return finish(turn);
        case State::alive:
            // A renewal in flight is forgotten here: its answer must not revive the lease.
            attempt_.reset();
            state_ = State::closing;
            turn.actions.push_back(Lost{LossReason::stopped});
            return;
        case State::lost:
        case State::closing:
        case State::revoking: return;
    }
}

void SessionMachine::on(Turn& turn, const Granted& input) {
    if (state_ != State::granting || !attempt_.awaits(input.request)) {
        // Nobody waits for this lease any more; left alone it would be a ghost for one TTL.
        if (input.lease) revoke(turn, input.lease->id);
        return;
    }
    if (!input.lease) return retry(turn, attempt_, input.lease.error(), "asking for a lease");
    const Instant valid_until = valid_from(sent_at_, *input.lease);
    if (valid_until <= turn.at.now) {
        revoke(turn, input.lease->id);
        const Error late(errc::timed_out, "the lease was over when the answer came");
        return retry(turn, attempt_, late, "asking for a lease");
    }
    state_ = State::alive;
    lease_ = *input.lease;
    valid_until_ = valid_until;
    attempt_.pause(renewal_due());
    turn.actions.push_back(Alive{*lease_, valid_until_});
    revoke_abandoned(turn);
}

void SessionMachine::on(Turn& turn, const Renewed& input) {
    if (state_ != State::alive || !attempt_.awaits(input.request)) return;
    if (turn.at.now >= valid_until_) return lose(turn, LossReason::lease_elapsed);
    if (input.lease) {
        lease_->granted_ttl = input.lease->granted_ttl;
        valid_until_ = valid_from(sent_at_, *lease_);
        attempt_.pause(renewal_due());
        turn.actions.push_back(Extended{valid_until_});
        return;
    }
    if (input.lease.error().code == condition::lease_gone) {
        return lose(turn, LossReason::session_lost);
    }
    // Safety rule 7: one error loses nothing; only time does.
    retry(turn, attempt_, input.lease.error(), "renewing the lease");
}

void SessionMachine::on(Turn& turn, const Revoked& input) {
    const bool unknown = !input.outcome && input.outcome.error().code == condition::unavailable;
    if (state_ == State::revoking && attempt_.awaits(input.request)) {
        if (unknown) {
            return retry(turn, attempt_, input.outcome.error(), "giving back the lease");
        }
        return finish(turn);
    }
    if (abandoned_ && abandoned_->request == input.request && !unknown) abandoned_.reset();
}

void SessionMachine::on(Turn& turn, const Suspected& input) {
    const bool ours = state_ == State::alive && lease_->id == input.lease;
    if (ours && !attempt_.in_flight() && turn.at.now < valid_until_) renew(turn);
}

void SessionMachine::on(Turn& turn, const Drained&) {
    if (state_ == State::lost) return leave_lost(turn);
    if (state_ == State::closing) return begin_revoking(turn);
}

void SessionMachine::on(Turn& turn, const Tick&) {
    const Instant now = turn.at.now;
    switch (state_) {
        case State::idle: return;
        case State::granting:
            if (attempt_.timed_out(now)) {
                return retry(turn, attempt_, errc::timed_out, "asking for a lease");
            }
            if (attempt_.due(now)) grant(turn);
            return;
        case State::alive:
            // Safety rules 8 and 11: our own end is the clock's to tell.
            if (now >= valid_until_) return lose(turn, LossReason::lease_elapsed);
            if (attempt_.timed_out(now)) {
                return retry(turn, attempt_, errc::timed_out, "renewing the lease");
            }
            if (attempt_.due(now)) renew(turn);
            return;
        case State::lost:
            if (now >= lost_until_) leave_lost(turn);
            return;
        case State::closing:
            if (now >= valid_until_) begin_revoking(turn);
            return;
        case State::revoking:
            // The lease runs out by itself now.
            if (now >= valid_until_) return finish(turn);
            if (attempt_.timed_out(now)) {
                return retry(turn, attempt_, errc::timed_out, "giving back the lease");
            }
            if (attempt_.due(now)) begin_revoking(turn);
            return;
    }
}

void SessionMachine::grant(Turn& turn) {
    state_ = State::granting;
    sent_at_ = turn.at.now;
    const RequestId request = new_request();
    // Nothing hangs on this one yet, and a store may grant far more than a very short TTL.
    attempt_.send(request, sent_at_ + std::max(config_.request_timeout, patience));
    turn.actions.push_back(Grant{request, config_.ttl});
}

void SessionMachine::renew(Turn& turn) {
    sent_at_ = turn.at.now;
    const RequestId request = new_request();
    attempt_.send(request, sent_at_ + scaled(config_.request_timeout, lease_->granted_ttl));
    turn.actions.push_back(Renew{request, lease_->id});
}

// Outside the state `revoking` nobody waits for the outcome.
void SessionMachine::revoke(Turn& turn, LeaseId lease) {
    turn.actions.push_back(Revoke{new_request(), lease});
}

// Asked when it is lost, and again when the store has answered: in between it was out of reach.
void SessionMachine::revoke_abandoned(Turn& turn) {
    if (!abandoned_) return;
    abandoned_ = Revoke{new_request(), abandoned_->lease};
    turn.actions.push_back(*abandoned_);
}

void SessionMachine::lose(Turn& turn, LossReason reason) {
    lost_until_ = valid_until_ + margin_of(*lease_);
    if (reason == LossReason::lease_elapsed || config_.leaves_entries) {
        abandoned_ = Revoke{{}, lease_->id};
    }
    lease_.reset();
    attempt_.reset();
    state_ = State::lost;
    turn.actions.push_back(Lost{reason});
}

void SessionMachine::begin_revoking(Turn& turn) {
    if (turn.at.now >= valid_until_) {
        revoke(turn, lease_->id);
        return finish(turn);
    }
    state_ = State::revoking;
    const RequestId request = new_request();
    attempt_.send(request, turn.at.now + std::max(config_.request_timeout, patience));
    turn.actions.push_back(Revoke{request, lease_->id});
}

// Only now may the old lease be revoked: that lets a successor rise, and the work of a leader
// may have gone on until here (safety rule 9).
void SessionMachine::leave_lost(Turn& turn) {
    revoke_abandoned(turn);
    if (stopping_) return finish(turn);
    grant(turn);
}

void SessionMachine::finish(Turn& turn) {
    state_ = State::idle;
    attempt_.reset();
    lease_.reset();
    stopping_ = false;
    turn.actions.push_back(Stopped{});
    if (std::exchange(restart_, false)) grant(turn);
}

void SessionMachine::retry(Turn& turn, Attempt& attempt, const Error& error, std::string doing) {
    attempt.pause(turn.at.now + config_.backoff.next(turn.at));
    turn.actions.push_back(Failed{error, std::move(doing)});
}

std::ostream& operator<<(std::ostream& out, SessionMachine::State state) {
    switch (state) {
        case SessionMachine::State::idle: return out << "idle";
        case SessionMachine::State::granting: return out << "granting";
        case SessionMachine::State::alive: return out << "alive";
        case SessionMachine::State::lost: return out << "lost";
        case SessionMachine::State::closing: return out << "closing";
        case SessionMachine::State::revoking: return out << "revoking";
    }
    return out;
}

}  // namespace tenure::detail
