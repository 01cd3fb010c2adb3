# One mistake for each safety rule, and some that are easy to make. docs/planted-bugs.md tells
# which property catches each, and after how many seeds.

plant(deadline_from_the_reply RULE 1 FILE core/session_machine.cpp
    WHAT "A renewal counts from its answer"
    FROM [==[valid_until_ = valid_from(sent_at_, *lease_);]==]
    TO [==[valid_until_ = valid_from(PLANTED ? turn.at.now : sent_at_, *lease_);]==])
plant(margin_of_the_wrong_sign RULE 1 FILE core/session_machine.cpp
    WHAT "The margin is added to the lease"
    FROM [==[lease.granted_ttl - margin_of(lease);]==]
    TO [==[lease.granted_ttl + (PLANTED ? 1 : -1) * margin_of(lease);]==])
plant(clock_that_stands_still_asleep RULE 2 FILE backends/simulation/node_state.cpp
    WHAT "Lease time is counted on a clock that stops while the machine sleeps"
    FROM [==[    engine_.after(duration, [this, sleep]==]
    TO [==[    if (PLANTED) process_->clock()->set_rate(NodeClock::stopped);
    engine_.after(duration, [this, sleep]==])
plant(clock_that_stands_still_asleep RULE 2 FILE backends/simulation/node_state.cpp
    FROM [==[    process_->wake(]==]
    TO [==[    if (PLANTED) process_->clock()->set_rate(0);
    process_->wake(]==])
plant(valid_without_the_clock RULE 3 FILE core/leadership_term.hpp
    WHAT "valid() waits for an event instead of looking at the clock"
    FROM [==[return lease_->remaining();]==]
    TO [==[return PLANTED ? Duration(1) : lease_->remaining();]==])
plant(own_entry_not_looked_for RULE 4 FILE core/candidacy_steps.cpp
    WHAT "The read before rising does not look for the own entry"
    FROM [==[    const auto& own = standing.own;
    if (!own || own->lease]==]
    TO [==[    const auto own = PLANTED && !standing.own ? own_ : standing.own;
    if (!own || own->lease]==])
plant(own_entry_not_looked_for RULE 4 FILE core/candidacy_steps.cpp
    FROM [==[if (!standing.first || standing.first->created != own->created) {]==]
    TO [==[if (!PLANTED && (!standing.first || standing.first->created != own->created)) {]==])
plant(stale_answer_accepted RULE 4 FILE core/attempt.hpp
    WHAT "The answer to an earlier request passes for that to a later one"
    FROM [==[return in_flight() && id_ == id;]==]
    TO [==[return in_flight() && (PLANTED || id_ == id);]==])
plant(victory_assumed RULE 5 FILE core/candidacy_steps.cpp
    WHAT "When the predecessor goes, no read follows"
    FROM [==[    if (!stands) read_standing(turn);]==]
    TO [==[    if (!stands && PLANTED && lease_valid(turn)) {
        unwatch(turn);
        return lead(turn, change->revision);
    }
    if (!stands) read_standing(turn);]==])
plant(unknown_outcome_forgotten RULE 6 FILE core/candidacy_machine.cpp
    WHAT "Entering whose answer was lost counts as not having entered"
    FROM [==[    } else if (error.code == condition::unavailable) {
        maybe_entered_ = true;]==]
    TO [==[    } else if (error.code == condition::unavailable) {
        maybe_entered_ = !PLANTED;]==])
plant(unknown_outcome_forgotten RULE 6 FILE core/candidacy_steps.cpp
    FROM [==[            maybe_entered_ = true;
            return retry(turn, errc::timed_out, "entering");]==]
    TO [==[            maybe_entered_ = !PLANTED;
            return retry(turn, errc::timed_out, "entering");]==])
plant(one_failed_renewal_loses RULE 7 FILE core/session_machine.cpp
    WHAT "The first renewal that fails ends the leadership"
    FROM [==[    retry(turn, attempt_, input.lease.error(), "renewing the lease");]==]
    TO [==[    if (PLANTED) return lose(turn, LossReason::lease_elapsed);
    retry(turn, attempt_, input.lease.error(), "renewing the lease");]==])
plant(silence_taken_for_the_end RULE 8 FILE core/candidacy_steps.cpp
    WHAT "A watch that breaks passes for the end of the predecessor"
    FROM [==[        return retry(turn, change.error(), "watching the candidate ahead");]==]
    TO [==[        if (PLANTED && lease_valid(turn)) return lead(turn, Revision{});
        return retry(turn, change.error(), "watching the candidate ahead");]==])
plant(entry_removed_before_the_drain RULE 9 FILE core/candidacy_steps.cpp
    WHAT "The entry is removed while the work goes on"
    FROM [==[    turn.actions.push_back(Unelect{reason, token_});]==]
    TO [==[    if (PLANTED && own_ && lease_valid(turn)) remove(turn);
    turn.actions.push_back(Unelect{reason, token_});]==])
plant(lease_revoked_before_the_drain RULE 9 FILE core/session_machine.cpp
    WHAT "A lease that the clock ended is revoked while the work goes on"
    FROM [==[    turn.actions.push_back(Lost{reason});]==]
    TO [==[    if (PLANTED) revoke_abandoned(turn);
    turn.actions.push_back(Lost{reason});]==])
plant(own_entry_not_watched RULE 10 FILE core/candidacy_steps.cpp
    WHAT "A leader does not watch its own entry"
    FROM [==[    watch(turn, own_->key, as_of);]==]
    TO [==[    if (!PLANTED) watch(turn, own_->key, as_of);]==])
plant(stays_on_when_time_is_over RULE 11 FILE core/session_machine.cpp
    WHAT "The end of the lease's time is not acted on"
    FROM [==[            if (now >= valid_until_) return lose(turn, LossReason::lease_elapsed);]==]
    TO [==[            if (now >= valid_until_ && !PLANTED) {
                return lose(turn, LossReason::lease_elapsed);
            }]==])
plant(stays_on_when_time_is_over RULE 11 FILE core/session_machine.cpp
    FROM [==[        case State::revoking: return std::min(valid_until_, attempt_.deadline());]==]
    TO [==[        case State::revoking:
            return PLANTED ? attempt_.deadline() : std::min(valid_until_, attempt_.deadline());]==])
plant(renewal_goes_on_after_the_stop RULE 12 FILE core/session_machine.cpp
    WHAT "A stop is not told to the session"
    FROM [==[    restart_ = false;
    if (stopping_) return;]==]
    TO [==[    restart_ = false;
    if (stopping_ || PLANTED) return;]==])
plant(renewal_in_flight_revives RULE 12 FILE core/session_machine.cpp
    WHAT "The answer to a renewal from before the stop sets the session going again"
    FROM [==[            attempt_.reset();
            state_ = State::closing;]==]
    TO [==[            if (!PLANTED) attempt_.reset();
            state_ = State::closing;]==])
plant(renewal_in_flight_revives RULE 12 FILE core/session_machine.cpp
    FROM [==[    if (state_ != State::alive || !attempt_.awaits(input.request)) return;]==]
    TO [==[    if (PLANTED && state_ == State::closing && input.lease) state_ = State::alive;
    if (state_ != State::alive || !attempt_.awaits(input.request)) return;]==])
plant(options_not_checked RULE 13 FILE core/options.cpp
    WHAT "A TTL too short for its margin and its requests is taken"
    FROM [==[    if (options.ttl <= margin + renewal + request_timeout) {]==]
    TO [==[    if (options.ttl <= margin + renewal + request_timeout && !PLANTED) {]==])
plant(watch_one_revision_late RULE contract FILE core/candidacy_steps.cpp
    WHAT "A watch begins one revision after the read"
    FROM [==[{WatchTarget::Scope::key, std::move(key), after}]==]
    TO [==[{WatchTarget::Scope::key, std::move(key),
                                             Revision{to_integer(after) + (PLANTED ? 1 : 0)}}]==])
plant(dead_leadership_announced RULE events FILE core/election_events.cpp
    WHAT "A leadership that is over before it could be told is told all the same"
    FROM [==[    if (!leadership.valid()) return;]==]
    TO [==[    if (!leadership.valid() && !PLANTED) return;]==])
plant(end_not_told RULE events FILE core/election_driver.cpp
    WHAT "The end of a leadership is not told when the clock ended it"
    FROM [==[    const auto drained = [weak]==]
    TO [==[    if (PLANTED && action.reason == LossReason::lease_elapsed) return term->drain([] {});
    const auto drained = [weak]==])
plant(elected_told_twice RULE events FILE core/election_driver.cpp
    WHAT "A leadership is told twice"
    FROM [==[    events->push(ElectionEvents::Elected{std::move(term)});]==]
    TO [==[    if (PLANTED) events->push(ElectionEvents::Elected{term});
    events->push(ElectionEvents::Elected{std::move(term)});]==])
plant(place_not_waited_for RULE contract FILE core/places.cpp
    WHAT "A candidacy does not wait for the one before it on its session"
    FROM [==[    if (holder && holder != who) {]==]
    TO [==[    if (holder && holder != who && !PLANTED) {]==])
