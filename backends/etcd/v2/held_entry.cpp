#include "backends/etcd/v2/held_entry.hpp"

#include <algorithm>
#include <utility>

namespace tenure::etcd::detail::v2 {

HeldEntry::HeldEntry(const std::shared_ptr<Caller>& caller, Node made, std::chrono::seconds ttl)
    : caller_(caller),
      made_(std::move(made)),
      ttl_(ttl),
      value_(made_.value),
      modified_(made_.modified) {}

// One that waits for its turn is sent after this call, so it does for both.
void HeldEntry::refresh(Handler handler) {
    const bool is_waiting = steps_.size() > 1 && steps_.back().kind == Step::Kind::refresh;
    if (is_waiting) {
        steps_.back().handlers.push_back(std::move(handler));
        return;
    }
    add({.kind = Step::Kind::refresh, .handlers = {std::move(handler)}});
}

void HeldEntry::change(std::string value, Handler handler) {
    add({.kind = Step::Kind::change, .value = std::move(value), .handlers = {std::move(handler)}});
}

void HeldEntry::remove(Handler handler) {
    add({.kind = Step::Kind::remove, .handlers = {std::move(handler)}});
}

void HeldEntry::add(Step step) {
    steps_.push_back(std::move(step));
    next();
}

void HeldEntry::next() {
    if (is_busy_ || steps_.empty()) return;
    is_busy_ = true;
    const bool may_be_there = is_overwritten_ && steps_.front().kind == Step::Kind::remove;
    if (is_gone_) return may_be_there ? read() : gone();
    modified_ ? perform() : read();
}

void HeldEntry::read() {
    call(ask_to_read(path()), &HeldEntry::found);
}

void HeldEntry::found(const Answer& answer) {
    const bool is_there =
        answer.outcome == Answer::Outcome::done && answer.node.created == made_.created;
    // What others have written into it does not keep us from taking it away.
    const bool is_leaving = steps_.front().kind == Step::Kind::remove;
    const bool may_go_on =
        is_leaving ? answer.outcome == Answer::Outcome::done : is_there && is_ours(answer.node);
    is_overwritten_ = answer.outcome == Answer::Outcome::done && !may_go_on;
    if (!may_go_on) return gone();
    modified_ = ModifiedIndex(answer.node.modified);
    if (is_ours(answer.node)) value_ = answer.node.value;
    perform();
}

bool HeldEntry::is_ours(const Node& node) const {
    return node.value == value_ ||
           std::ranges::find(possible_values_, node.value) != possible_values_.end();
}

void HeldEntry::perform() {
    const Step& step = steps_.front();
    switch (step.kind) {
        case Step::Kind::refresh:
            return call(ask_to_refresh(path(), *modified_, ttl_), &HeldEntry::judge);
        case Step::Kind::change:
            // From here on it may be there, whatever is answered.
            possible_values_.push_back(step.value);
            return call(ask_to_change(path(), step.value, *modified_, ttl_), &HeldEntry::judge);
        case Step::Kind::remove: return call(ask_to_remove(path(), *modified_), &HeldEntry::judge);
    }
}

void HeldEntry::judge(const Answer& answer) {
    Step& step = steps_.front();
    if (answer.outcome == Answer::Outcome::absent) return gone();
    if (answer.outcome == Answer::Outcome::changed) {
        // By us, where a reply was lost; or by somebody else.
        modified_.reset();
        if (--step.tries_left > 0) return read();
        return finish(Error(errc::unreachable, "the key '" + path() + "' changes all the time"));
    }
    modified_ = ModifiedIndex(answer.node.modified);
    if (step.kind == Step::Kind::change) value_ = step.value;
    // Whatever of an earlier request is still on its way comes too late for its condition now.
    possible_values_.clear();
    may_be_taken_away_ = false;
    if (step.kind == Step::Kind::remove) is_gone_ = was_taken_away_ = true;
    finish(answer.node.modified);
}

void HeldEntry::gone() {
    is_gone_ = true;
    const Step& step = steps_.front();
    if (step.kind == Step::Kind::remove) was_taken_away_ = true;
    const bool is_on_purpose =
        step.kind == Step::Kind::refresh && (was_taken_away_ || may_be_taken_away_);
    if (step.kind == Step::Kind::remove || is_on_purpose) return finish(std::int64_t{0});
    finish(Error(errc::entry_changed,
                 "the entry '" + path() + "' is gone, or was changed by somebody else"));
}

void HeldEntry::finish(const result<std::int64_t>& outcome) {
    const Step step = std::move(steps_.front());
    steps_.pop_front();
    is_busy_ = false;
    const auto self = shared_from_this();
    for (const Handler& handler : step.handlers)
        handler(outcome);
    next();
}

void HeldEntry::call(HttpQuestion question, void (HeldEntry::*take)(const Answer&)) {
    const auto caller = caller_.lock();
    if (!caller) return;
    const bool renews = steps_.front().kind == Step::Kind::refresh;
    caller->start(
        {.question = std::move(question),
         .take = [self = shared_from_this(), take](const HttpAnswer& http) -> std::optional<Error> {
             const auto answer = decode(http);
             if (!answer) return answer.error();
             ((*self).*take)(*answer);
             return std::nullopt;
         },
         .fail =
             [self = shared_from_this()](const Error& error) {
                 Step& step = self->steps_.front();
                 if (error.code != condition::refused) {
                     self->modified_.reset();
                     if (step.kind == Step::Kind::remove) self->may_be_taken_away_ = true;
                 }
                 self->finish(error);
             },
         .time_out = renews ? std::optional(caller->renewal_time_of(ttl_)) : std::nullopt,
         .is_urgent = renews});
}

}  // namespace tenure::etcd::detail::v2
