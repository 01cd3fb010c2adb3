// What must come to pass: a leader, news, and that nothing is left of those who have gone.
#include <algorithm>
#include <map>

#include "tests/chaos/checker.hpp"

namespace tenure::chaos {
namespace {

struct Span {
    Instant from;
    Instant to;
};

// When no fault was in force and none happened, for at least `length`.
std::vector<Span> calm_spans(const History& history, Duration length) {
    std::vector<Fault> faults = history.faults;
    std::ranges::sort(faults, {}, &Fault::from);
    std::vector<Span> calm;
    Instant quiet_since = history.begin;
    for (const Fault& fault : faults) {
        if (fault.from - quiet_since >= length) calm.push_back({quiet_since, fault.from});
        quiet_since = std::max(quiet_since, fault.to);
    }
    if (history.end - quiet_since >= length) calm.push_back({quiet_since, history.end});
    return calm;
}

bool was_led(const History& history, const Span& span) {
    return std::ranges::any_of(history.leadings, [&](const Leading& leading) {
        return leading.first.before <= span.to && leading.last.after >= span.from;
    });
}

// From when on etcd had every reason to let the entries of this life go: when it had ended, what
// lines and members had kept back of it was delivered, and etcd could do its work again.
class Reasons {
public:
    Reasons(const History& history, const Life& life) : since_(*life.to) {
        for (const Fault& fault : history.faults) {
            const bool held_back = fault.from <= *life.to && fault.to > *life.to;
            if (hampers_requests(fault.kind) && held_back) since_ = std::max(since_, fault.to);
        }
    }

    // Looks come in the order in which they were answered.
    void take(const Look& look) {
        if (!look.succeeded) {
            failed_ = true;
            return;
        }
        // All leases start anew with each leader of etcd, and nothing runs out without one.
        if (failed_ || look.term != term_) since_ = std::max(since_, look.answered);
        failed_ = false;
        term_ = look.term;
    }
    Instant since() const { return since_; }

private:
    Instant since_;
    bool failed_ = false;
    std::int64_t term_ = 0;
};

}  // namespace

Instant news_due(const History& history, const Limits& limits, const Deposal& deposal) {
    std::vector<Fault> faults;
    for (const Fault& fault : history.faults) {
        // A process that does not run hears nothing either.
        const bool hampers = hampers_requests(fault.kind) ||
                             fault.kind == FaultKind::candidate_paused ||
                             fault.kind == FaultKind::connections_half_open;
        if (hampers && fault.to >= deposal.at) faults.push_back(fault);
    }
    std::ranges::sort(faults, {}, &Fault::from);
    Instant due = deposal.at + limits.news;
    for (const Fault& fault : faults) {
        if (fault.from > due) break;
        due = std::max(due, fault.to + limits.news);
    }
    return due;
}

Check led_in_time(const History& history, const Limits& limits) {
    Check check{"led_in_time",
                "there is a leader within " + in_seconds(limits.patience) + " after the last fault",
                0, "calm times"};
    for (const Span& calm : calm_spans(history, limits.patience)) {
        ++check.looked_at;
        if (was_led(history, {calm.from, calm.from + limits.patience})) continue;
        check.violations.push_back("nobody led within " + in_seconds(limits.patience) + " from " +
                                   since_begin(history, calm.from));
    }
    // Each run ends with one.
    if (check.looked_at == 0) check.violations.push_back("there was no calm time to look at");
    return check;
}

Check all_agree(const History& history) {
    Check check{"all_agree", "in the end all candidates name the same leader, who is one", 0,
                "candidates"};
    std::map<LifeId, std::int64_t> named;
    for (const Told& told : history.told) {
        if (told.kind == Told::Kind::leader && told.at <= history.end) named[told.id] = told.token;
    }
    const auto last = std::ranges::max_element(
        history.leadings, {}, [](const Leading& leading) { return leading.last.after; });
    const std::int64_t leads = last == history.leadings.end() ? 0 : last->token;
    for (const Life& life : history.lives) {
        if (life.to && *life.to < history.end) continue;
        ++check.looked_at;
        if (leads != 0 && named[life.id] == leads) continue;
        check.violations.push_back(to_string(life.id) + " names " + std::to_string(named[life.id]) +
                                   ", and " + std::to_string(leads) + " leads");
    }
    return check;
}

Check no_ghosts(const History& history, const Limits& limits) {
    const Duration most = limits.ttl + limits.ghost_slack;
    Check check{"no_ghosts", "no entry outlives its candidate by more than " + in_seconds(most), 0,
                "looks at who was gone"};
    for (const Life& life : history.lives) {
        if (!life.to || *life.to >= history.end) continue;
        Reasons reasons(history, life);
        for (const Look& look : history.looks) {
            reasons.take(look);
            if (!look.succeeded || look.asked <= reasons.since() + most) continue;
            ++check.looked_at;
            const auto ghost = std::ranges::find(look.entries, life.id, &Look::Entry::owner);
            if (ghost == look.entries.end()) continue;
            check.violations.push_back(to_string(life.id) + ", gone since " +
                                       since_begin(history, *life.to) + ", had its entry " +
                                       std::to_string(ghost->token) + " at " +
                                       since_begin(history, look.asked));
            break;
        }
    }
    return check;
}

Check nothing_left(const History& history) {
    Check check{"nothing_left", "when all have left in order no entry is left", 0, "last looks"};
    if (!history.entries_left) {
        check.violations.emplace_back("etcd did not answer at the end");
        return check;
    }
    ++check.looked_at;
    if (*history.entries_left > 0) {
        check.violations.push_back(std::to_string(*history.entries_left) + " entries are left");
    }
    return check;
}

}  // namespace tenure::chaos
