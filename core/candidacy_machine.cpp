// What each input means in each state. The steps it takes are in candidacy_steps.cpp.
#include "core/candidacy_machine.hpp"

#include <algorithm>
#include <ostream>

#include "core/candidacy_turn.hpp"

namespace tenure::detail {

CandidacyMachine::Actions CandidacyMachine::step(Moment at, const Input& input) {
    Turn turn{at, {}};
    std::visit([&](const auto& what) { on(turn, what); }, input);
    return std::move(turn.actions);
}

Instant CandidacyMachine::next_deadline() const {
    const bool leaving_for_good =
        stopping_ && (state_ == State::removing || state_ == State::entering);
    const bool bounded = state_ == State::deposed || state_ == State::draining || leaving_for_good;
    return std::min({attempt_.deadline(), update_.deadline(), bounded ? bound_ : Instant::max()});
}

void CandidacyMachine::on(Turn& turn, const Start& input) {
    campaigning_ = true;
    if (state_ != State::idle) return;
    token_ = std::max(token_, input.spent);
    join(turn);
}

void CandidacyMachine::on(Turn& turn, const Stop&) {
    campaigning_ = false;
    if (stopping_) return;
    stopping_ = true;
    switch (state_) {
        case State::idle:
        case State::joining: return finish(turn);
        case State::entering:
            bound_ = lease_->valid_until;
            // An entry that nobody knows of would block the line while the session lives. So
            // its reply is waited for, or asked for again.
            if (attempt_.in_flight()) return;
            return maybe_entered_ ? enter(turn) : finish(turn);
        case State::standing:
        case State::waiting: return begin_removing(turn);
        case State::leading: return step_down(turn, LossReason::stopped);
        case State::deposed:
        case State::draining: return;
        case State::removing: bound_ = lease_->valid_until; return;
    }
}

void CandidacyMachine::on(Turn& turn, const Resign& input) {
    if (state_ != State::leading || input.token != token_) return;
    step_down(turn, LossReason::resigned);
}

void CandidacyMachine::on(Turn& turn, const Proclaim& input) {
    value_ = input.value;
    publish(turn);
}

void CandidacyMachine::on(Turn& turn, const LeaseAlive& input) {
    lease_ = HeldLease{input.lease, input.valid_until};
    if (state_ == State::joining) join(turn);
}

void CandidacyMachine::on(Turn& turn, const LeaseExtended& input) {
    if (lease_) lease_->valid_until = input.valid_until;
    // An entry that we leave behind goes with its lease; so as long as that lives, we try.
    const bool leaving = state_ == State::removing || state_ == State::entering;
    if (stopping_ && leaving) bound_ = input.valid_until;
    if (state_ == State::deposed) step_down(turn, LossReason::entry_removed);
    if (state_ == State::joining) join(turn);
}

void CandidacyMachine::on(Turn& turn, const LeaseLost& input) {
    const bool leader = state_ == State::leading || state_ == State::deposed;
    if (leader) step_down(turn, input.reason);
    // The store may keep the entry for the margin yet; that long the work may end in order.
    const bool elapsed = input.reason == LossReason::lease_elapsed;
    if (elapsed && lease_ && state_ == State::draining) {
        bound_ = lease_->valid_until + config_.grace;
    }
    lease_.reset();
    own_.reset();
    maybe_entered_ = false;
    switch (state_) {
        case State::idle:
        case State::joining:
        case State::leading:
        case State::deposed:
        case State::draining: return;
        case State::entering:
        case State::standing:
        case State::waiting:
        case State::removing: return finish(turn);
    }
}

void CandidacyMachine::on(Turn& turn, const Entered& input) {
    const bool leaving = state_ == State::draining || state_ == State::removing;
    if (leaving || state_ == State::idle) return remove_ghost(turn, input);
    if (state_ != State::entering || !attempt_.awaits(input.request)) return;
    if (input.standing) {
        const auto& own = input.standing->own;
        if (!own || own->lease != lease_->id) {
            maybe_entered_ = true;
            return retry(turn, Error(errc::bad_answer, "the store does not show the new entry"),
                         "entering");
        }
        maybe_entered_ = false;
        own_ = own;
        return stopping_ ? begin_removing(turn) : consider(turn, *input.standing);
    }
    const Error& error = input.standing.error();
    if (error.code == condition::lease_gone) {
        maybe_entered_ = false;
        turn.actions.push_back(Suspect{lease_->id});
    } else if (error.code == condition::unavailable) {
        maybe_entered_ = true;
    }
    if (stopping_ && !maybe_entered_) return finish(turn);
    retry(turn, error, "entering");
}

void CandidacyMachine::on(Turn& turn, const Stood& input) {
    if (!attempt_.awaits(input.request)) return;
    if (state_ == State::standing) {
        if (!input.standing) return retry(turn, input.standing.error(), "reading the line");
        consider(turn, *input.standing);
    } else if (state_ == State::leading) {
        if (!input.standing) return retry(turn, input.standing.error(), "confirming the entry");
        confirm(turn, *input.standing);
    }
}

void CandidacyMachine::on(Turn& turn, const Changed& input) {
    if (!watch_ || *watch_ != input.watch) return;
    if (state_ == State::waiting) on_predecessor(turn, input.change);
    if (state_ == State::leading) on_own_entry(turn, input.change);
}

void CandidacyMachine::on(Turn& turn, const Updated& input) {
    if (!update_.awaits(input.request)) return;
    update_.reset();
    if (input.outcome) {
        if (own_) own_->value = publishing_;
        value_unknown_ = false;
        return publish(turn);
    }
    const Error& error = input.outcome.error();
    if (error.code == condition::unavailable) value_unknown_ = true;
    fail(turn, error, "proclaiming the value");
    update_.pause(turn.at.now + config_.backoff.next(turn.at));
    if (error.code == condition::lease_gone && lease_) turn.actions.push_back(Suspect{lease_->id});
    // Perhaps because the entry is gone. A leader's own watch tells it that.
    if (error.code == condition::refused && state_ == State::waiting) read_standing(turn);
}

void CandidacyMachine::on(Turn& turn, const Removed& input) {
    if (state_ != State::removing || !attempt_.awaits(input.request)) return;
    if (input.outcome) return finish(turn);
    const Error& error = input.outcome.error();
    if (error.code != condition::lease_gone) return retry(turn, error, "leaving the line");
    if (lease_) turn.actions.push_back(Suspect{lease_->id});
    finish(turn);
}

void CandidacyMachine::on(Turn& turn, const Drained& input) {
    if (state_ == State::draining && input.token == token_) end_draining(turn);
}

void CandidacyMachine::on(Turn& turn, const Tick&) {
    const Instant now = turn.at.now;
    if (update_.timed_out(now)) {
        value_unknown_ = true;
        fail(turn, errc::timed_out, "proclaiming the value");
        update_.pause(now + config_.backoff.next(turn.at));
    } else if (update_.due(now)) {
        update_.reset();
        publish(turn);
    }
    if (state_ == State::deposed && now >= bound_) {
        const bool elapsed = !lease_valid(turn);
        return step_down(turn, elapsed ? LossReason::lease_elapsed : LossReason::entry_removed);
    }
    if (state_ == State::draining && now >= bound_) return end_draining(turn);
    const bool leaving = state_ == State::removing || state_ == State::entering;
    if (leaving && stopping_ && now >= bound_) {
        fail(turn, Error(errc::timed_out, "the entry may stand until its lease ends"),
             "leaving the line");
        return finish(turn);
    }
    if (attempt_.timed_out(now)) return on_timeout(turn);
    if (attempt_.due(now)) return ask_again(turn);
}

std::ostream& operator<<(std::ostream& out, CandidacyMachine::State state) {
    switch (state) {
        case CandidacyMachine::State::idle: return out << "idle";
        case CandidacyMachine::State::joining: return out << "joining";
        case CandidacyMachine::State::entering: return out << "entering";
        case CandidacyMachine::State::standing: return out << "standing";
        case CandidacyMachine::State::waiting: return out << "waiting";
        case CandidacyMachine::State::leading: return out << "leading";
        case CandidacyMachine::State::deposed: return out << "deposed";
        case CandidacyMachine::State::draining: return out << "draining";
        case CandidacyMachine::State::removing: return out << "removing";
    }
    return out;
}

}  // namespace tenure::detail
