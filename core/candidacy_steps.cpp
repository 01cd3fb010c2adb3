// The steps of the candidacy: what it asks of the store, and when it rises and falls.
#include <algorithm>
#include <utility>

#include "core/candidacy_turn.hpp"

namespace tenure::detail {

void CandidacyMachine::join(Turn& turn) {
    // Over by our own clock, though the session has yet to say so: what entered now would go at
    // once.
    if (lease_valid(turn)) return enter(turn);
    state_ = State::joining;
}

// Safety rule 6: asked again under the same lease, the store answers with the entry that an
// earlier try may have made; never a second place in the line.
void CandidacyMachine::enter(Turn& turn) {
    state_ = State::entering;
    // What was asked for an earlier entry cannot change a new one.
    update_.reset();
    value_unknown_ = false;
    const RequestId request = new_request();
    attempt_.send(request, turn.at.now + config_.request_timeout);
    turn.actions.push_back(Enter{request, {config_.election, value_, lease_->id}});
}

void CandidacyMachine::read_standing(Turn& turn) {
    unwatch(turn);
    state_ = State::standing;
    verify(turn);
}

void CandidacyMachine::verify(Turn& turn) {
    const RequestId request = new_request();
    attempt_.send(request, turn.at.now + config_.request_timeout);
    turn.actions.push_back(Stand{request, *own_});
}

// Safety rules 4 and 5: whoever was ahead is gone, but that elects nobody. Only this read does,
// which began after the wait and shows the own entry first, made under the lease we hold.
void CandidacyMachine::consider(Turn& turn, const Standing& standing) {
    attempt_.reset();
    state_ = State::standing;
    const auto& own = standing.own;
    if (!own || own->lease != lease_->id || own->created != own_->created) {
        own_.reset();
        return join(turn);
    }
    own_ = own;
    // Left over from a leadership that is done with: tokens grow, so it has to go first.
    if (to_integer(own->created) <= token_) return begin_removing(turn);
    if (standing.predecessor) {
        state_ = State::waiting;
        predecessor_ = standing.predecessor->created;
        watch(turn, standing.predecessor->key, standing.revision);
        return publish(turn);
    }
    if (!standing.first || standing.first->created != own->created) {
        return retry(turn, Error(errc::bad_answer, "the store shows nobody ahead, nor us first"),
                     "reading the line");
    }
    if (lease_valid(turn)) return lead(turn, standing.revision);
    // The session is about to say so.
    attempt_.pause(turn.at.now + config_.backoff.next(turn.at));
}

void CandidacyMachine::lead(Turn& turn, Revision as_of) {
    state_ = State::leading;
    token_ = to_integer(own_->created);
    turn.actions.push_back(Elect{*own_});
    // Safety rule 10: an operator who deletes the entry deposes us at once.
    watch(turn, own_->key, as_of);
    publish(turn);
}

// The watch on the own entry broke; until this read nobody could have told us of its end.
void CandidacyMachine::confirm(Turn& turn, const Standing& standing) {
    attempt_.reset();
    const auto& own = standing.own;
    const bool stands = own && own->lease == own_->lease && own->created == own_->created;
    if (stands && !standing.predecessor) {
        own_ = own;
        watch(turn, own_->key, standing.revision);
        return publish(turn);
    }
    if (!stands) return depose(turn);
    step_down(turn, LossReason::entry_removed);
}

// The lease may have gone with the entry: one renewal tells, and meanwhile nobody leads here.
void CandidacyMachine::depose(Turn& turn) {
    own_.reset();
    // After a pause the news of the removal may come before the session's word on the time.
    if (!lease_valid(turn)) return step_down(turn, LossReason::lease_elapsed);
    unwatch(turn);
    attempt_.reset();
    update_.reset();
    state_ = State::deposed;
    bound_ = std::min(lease_->valid_until, turn.at.now + config_.grace);
    turn.actions.push_back(Invalidate{});
    turn.actions.push_back(Suspect{lease_->id});
}

void CandidacyMachine::step_down(Turn& turn, LossReason reason) {
    unwatch(turn);
    attempt_.reset();
    update_.reset();
    bound_ = lease_ ? lease_->valid_until : turn.at.now;
    state_ = State::draining;
    turn.actions.push_back(Unelect{reason, token_});
    if (!config_.rejoin && campaigning_) {
        campaigning_ = false;
        stopping_ = true;
    }
}

// Safety rule 9: the entry goes only now, for its end lets a successor rise.
void CandidacyMachine::end_draining(Turn& turn) {
    const bool stands = own_ && lease_valid(turn) && own_->lease == lease_->id;
    stands ? begin_removing(turn) : finish(turn);
}

void CandidacyMachine::begin_removing(Turn& turn) {
    unwatch(turn);
    update_.reset();
    state_ = State::removing;
    bound_ = lease_->valid_until;
    remove(turn);
}

void CandidacyMachine::remove(Turn& turn) {
    const RequestId request = new_request();
    attempt_.send(request, turn.at.now + config_.request_timeout);
    turn.actions.push_back(Remove{request, *own_});
}

void CandidacyMachine::finish(Turn& turn) {
    unwatch(turn);
    attempt_.reset();
    update_.reset();
    own_.reset();
    maybe_entered_ = false;
    state_ = State::idle;
    if (std::exchange(stopping_, false)) turn.actions.push_back(Stopped{});
    if (campaigning_) join(turn);
}

// The store handled an early try to enter only after the entry of a later one had been removed.
// Nobody stands by it, and on a shared session it would block the line while that lives.
void CandidacyMachine::remove_ghost(Turn& turn, const Entered& late) {
    if (!late.standing || !late.standing->own || !lease_) return;
    const Entry& ghost = *late.standing->own;
    if (ghost.lease != lease_->id) return;
    // One lease has one entry at a time: of several only the last can stand yet.
    if (own_ && ghost.created <= own_->created) return;
    if (state_ == State::draining) {
        own_ = ghost;
        return;
    }
    // Started again, we may be answered with this very entry, while its removal is under way.
    token_ = std::max(token_, to_integer(ghost.created));
    if (state_ == State::removing) {
        own_ = ghost;
        return remove(turn);
    }
    turn.actions.push_back(Remove{new_request(), ghost});
}

void CandidacyMachine::on_predecessor(Turn& turn, const result<Change>& change) {
    if (!change) {
        unwatch(turn);
        state_ = State::standing;
        return retry(turn, change.error(), "watching the candidate ahead");
    }
    const bool stands =
        change->kind != Change::Kind::removed && change->entry.created == predecessor_;
    if (!stands) read_standing(turn);
}

void CandidacyMachine::on_own_entry(Turn& turn, const result<Change>& change) {
    if (!change) {
        unwatch(turn);
        return retry(turn, change.error(), "watching the own entry");
    }
    const bool stands =
        change->kind != Change::Kind::removed && change->entry.created == own_->created;
    if (!stands) depose(turn);
}

void CandidacyMachine::on_timeout(Turn& turn) {
    switch (state_) {
        case State::entering:
            maybe_entered_ = true;
            return retry(turn, errc::timed_out, "entering");
        case State::standing: return retry(turn, errc::timed_out, "reading the line");
        case State::leading: return retry(turn, errc::timed_out, "confirming the entry");
        case State::removing: return retry(turn, errc::timed_out, "leaving the line");
        case State::idle:
        case State::joining:
        case State::waiting:
        case State::deposed:
        case State::draining: return;
    }
}

void CandidacyMachine::ask_again(Turn& turn) {
    switch (state_) {
        case State::entering: return enter(turn);
        case State::standing: return read_standing(turn);
        case State::leading: return verify(turn);
        case State::removing: return remove(turn);
        case State::idle:
        case State::joining:
        case State::waiting:
        case State::deposed:
        case State::draining: return;
    }
}

void CandidacyMachine::publish(Turn& turn) {
    const bool in_line = state_ == State::waiting || state_ == State::leading;
    if (!in_line || update_.active()) return;
    // A value that perhaps reached the store is taken back by sending the one that is wanted.
    if (own_->value == value_ && !value_unknown_) return;
    const RequestId request = new_request();
    update_.send(request, turn.at.now + config_.request_timeout);
    publishing_ = value_;
    turn.actions.push_back(Update{request, *own_, value_});
}

void CandidacyMachine::watch(Turn& turn, std::string key, Revision after) {
    watch_ = new_request();
    turn.actions.push_back(Watch{*watch_, {WatchTarget::Scope::key, std::move(key), after}});
}

void CandidacyMachine::unwatch(Turn& turn) {
    if (watch_) turn.actions.push_back(Unwatch{*watch_});
    watch_.reset();
}

void CandidacyMachine::fail(Turn& turn, const Error& error, std::string doing) {
    turn.actions.push_back(Failed{error, std::move(doing)});
}

void CandidacyMachine::retry(Turn& turn, const Error& error, std::string doing) {
    fail(turn, error, std::move(doing));
    attempt_.pause(turn.at.now + config_.backoff.next(turn.at));
}

bool CandidacyMachine::lease_valid(const Turn& turn) const {
    return lease_ && turn.at.now < lease_->valid_until;
}

}  // namespace tenure::detail
