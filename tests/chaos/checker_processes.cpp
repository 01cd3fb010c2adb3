// What must hold of the processes: they end when they are told to, and keep no more than they need.
#include <algorithm>
#include <cstdio>
#include <map>

#include "tests/chaos/checker.hpp"

namespace tenure::chaos {
namespace {

struct Span {
    Instant from;
    Instant to;
};

// When the chaos had stopped the process of this candidate.
std::vector<Span> pauses_of(const History& history, const std::string& who) {
    std::vector<Span> pauses;
    for (const Fault& fault : history.faults) {
        if (fault.kind == FaultKind::candidate_paused && fault.whom == who) {
            pauses.push_back({fault.from, fault.to});
        }
    }
    return pauses;
}

Duration excused(const std::vector<Span>& pauses, const Span& silence) {
    Duration all{};
    for (const Span& pause : pauses) {
        const Instant from = std::max(pause.from, silence.from);
        const Instant to = std::min(pause.to, silence.to);
        all += std::max(to - from, Duration::zero());
    }
    return all;
}

struct Most {
    std::int64_t kilobytes = 0, descriptors = 0, connections = 0;
};

// A candidate is compared with all candidates at the beginning, for they do different things;
// another process with itself.
std::string kind_of(const LifeId& id) {
    return id.number > 0 ? "candidate" : id.who;
}

void compare(Check& check, const LifeId& id, const char* what, std::int64_t now, std::int64_t most,
             std::int64_t slack) {
    if (now <= most + slack) return;
    check.violations.push_back(to_string(id) + ": " + std::to_string(now) + ' ' + what + ", " +
                               std::to_string(most) + " at the beginning");
}

}  // namespace

Check nobody_died(const History& history) {
    Check check{"nobody_died",
                "no process ends by itself, and each ends with 0 and in time when told to", 0,
                "processes"};
    for (const Life& life : history.lives) {
        ++check.looked_at;
        const std::string status = " with " + std::to_string(life.status);
        switch (life.end) {
            case Life::End::none:
                check.violations.push_back(to_string(life.id) + " was never ended");
                break;
            case Life::End::too_late:
                check.violations.push_back(to_string(life.id) + " did not end when told to");
                break;
            case Life::End::by_itself:
                check.violations.push_back(to_string(life.id) + " ended by itself" + status);
                break;
            case Life::End::in_order:
                if (life.status != 0) {
                    check.violations.push_back(to_string(life.id) + " ended" + status);
                }
                break;
            case Life::End::killed: break;
        }
    }
    for (const std::string& lost : history.others_lost)
        check.violations.push_back(lost);
    return check;
}

Check nobody_hung(const History& history, const Limits& limits) {
    Check check{
        "nobody_hung",
        "a candidate that runs gives a sign of life at least each " + in_seconds(limits.silence), 0,
        "signs of life"};
    std::map<LifeId, std::vector<Instant>> beats;
    for (const Beat& beat : history.beats)
        beats[beat.id].push_back(beat.at);
    for (const Life& life : history.lives) {
        const auto pauses = pauses_of(history, life.id.who);
        std::vector<Instant>& signs = beats[life.id];
        check.looked_at += signs.size();
        std::ranges::sort(signs);
        const Instant to = life.to.value_or(history.end);
        signs.push_back(to);
        Instant last = life.from;
        for (const Instant sign : signs) {
            const Span silence{last, sign};
            const Duration silent = silence.to - silence.from - excused(pauses, silence);
            if (silent > limits.silence) {
                check.violations.push_back(to_string(life.id) + " was silent for " +
                                           in_seconds(silent) + " from " +
                                           since_begin(history, last));
            }
            last = sign;
        }
    }
    return check;
}

Check nothing_leaked(const History& history, const Limits& limits) {
    Check check{
        "nothing_leaked",
        "memory, descriptors and connections are in the end what they were at the beginning", 0,
        "processes"};
    std::map<std::string, Most> before;
    for (const Belongings& had : history.belongings) {
        if (had.when != Belongings::When::before) continue;
        Most& most = before[kind_of(had.id)];
        most.kilobytes = std::max(most.kilobytes, had.resident_kilobytes);
        most.descriptors = std::max(most.descriptors, had.descriptors);
        most.connections = std::max(most.connections, had.connections);
    }
    for (const Belongings& has : history.belongings) {
        if (has.when != Belongings::When::after) continue;
        ++check.looked_at;
        const Most& most = before[kind_of(has.id)];
        compare(check, has.id, "KiB", has.resident_kilobytes, most.kilobytes,
                limits.more_kilobytes);
        compare(check, has.id, "descriptors", has.descriptors, most.descriptors,
                limits.more_descriptors);
        compare(check, has.id, "connections", has.connections, most.connections,
                limits.more_connections);
    }
    return check;
}

std::string to_string(const LifeId& id) {
    return id.number == 0 ? id.who : id.who + '/' + std::to_string(id.number);
}

std::string in_seconds(Duration duration) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f s", std::chrono::duration<double>(duration).count());
    return text;
}

std::string since_begin(const History& history, Instant at) {
    return in_seconds(at - history.begin);
}

std::vector<Check> check(const History& history, const Limits& limits) {
    return {one_leader(history, limits),
            tokens_grow(history, limits),
            over_is_over(history),
            turns_alternate(history),
            ledger_refuses_old(history),
            ledger_knows_the_winner(history),
            deposed_in_time(history, limits),
            led_in_time(history, limits),
            all_agree(history),
            no_ghosts(history, limits),
            nothing_left(history),
            nobody_died(history),
            nobody_hung(history, limits),
            nothing_leaked(history, limits)};
}

std::size_t count_violations(const std::vector<Check>& checks) {
    std::size_t count = 0;
    for (const Check& each : checks)
        count += each.violations.size();
    return count;
}

}  // namespace tenure::chaos
