// What must hold at every moment: who leads, and what the ledger takes.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "tests/chaos/checker.hpp"

namespace tenure::chaos {
namespace {

std::string name_of(const Leading& leading) {
    return to_string(leading.id) + " with token " + std::to_string(leading.token);
}

// Until when a leader of this token may go on though another rises; empty where nobody deposed it.
std::map<std::int64_t, Instant> excuses(const History& history, const Limits& limits) {
    std::map<std::int64_t, Instant> until;
    std::vector<Deposal> deposals = history.deposals;
    std::ranges::copy(taken_by_sleepers(history, limits), std::back_inserter(deposals));
    for (const Deposal& deposal : deposals) {
        const auto [found, is_first] =
            until.try_emplace(deposal.token, news_due(history, limits, deposal));
        // It may have been the last hand that did it.
        if (!is_first) found->second = std::max(found->second, news_due(history, limits, deposal));
    }
    return until;
}

std::vector<Leading> by_beginning(const History& history) {
    std::vector<Leading> leadings = history.leadings;
    std::ranges::sort(leadings, {}, [](const Leading& leading) { return leading.first.before; });
    return leadings;
}

}  // namespace

Check one_leader(const History& history, const Limits& limits) {
    Check check{"one_leader", "no two candidates were valid at once", 0, "pairs of leaderships"};
    const auto excused = excuses(history, limits);
    const std::vector<Leading> leadings = by_beginning(history);
    for (std::size_t first = 0; first < leadings.size(); ++first) {
        for (std::size_t second = first + 1; second < leadings.size(); ++second) {
            const Leading& one = leadings[first];
            const Leading& other = leadings[second];
            ++check.looked_at;
            // Valid from some moment before `first.before` to some moment after `last.after`.
            const Instant from = std::max(one.first.before, other.first.before);
            const Instant to = std::min(one.last.after, other.last.after);
            if (from >= to) continue;
            const auto excuse = excused.find(std::min(one.token, other.token));
            if (excuse != excused.end() && to <= excuse->second) continue;
            check.violations.push_back(name_of(one) + " and " + name_of(other) + ", from " +
                                       since_begin(history, from) + " for " +
                                       in_seconds(to - from));
        }
    }
    return check;
}

Check tokens_grow(const History& history, const Limits& limits) {
    Check check{"tokens_grow", "each leadership's token is greater than those of all before", 0,
                "leaderships"};
    const auto excused = excuses(history, limits);
    std::map<std::int64_t, LifeId> owners;
    const std::vector<Leading> leadings = by_beginning(history);
    for (std::size_t index = 0; index < leadings.size(); ++index) {
        const Leading& later = leadings[index];
        ++check.looked_at;
        const auto [owner, is_new] = owners.try_emplace(later.token, later.id);
        if (!is_new && owner->second != later.id) {
            check.violations.push_back(name_of(later) + ", which " + to_string(owner->second) +
                                       " had before");
        }
        for (std::size_t before = 0; before < index; ++before) {
            const Leading& earlier = leadings[before];
            if (earlier.token <= later.token || earlier.first.before > later.first.after) continue;
            const auto excuse = excused.find(later.token);
            if (excuse != excused.end() && later.last.after <= excuse->second) continue;
            check.violations.push_back(name_of(later) + " at " +
                                       since_begin(history, later.first.after) + ", after " +
                                       name_of(earlier));
            break;
        }
    }
    return check;
}

Check over_is_over(const History& history) {
    Check check{"over_is_over", "a leadership that has ended does not become valid again",
                history.leadings.size(), "leaderships"};
    for (const Told& revival : history.revivals) {
        check.violations.push_back(to_string(revival.id) + " again with token " +
                                   std::to_string(revival.token) + " at " +
                                   since_begin(history, revival.at));
    }
    return check;
}

Check turns_alternate(const History& history) {
    Check check{"turns_alternate",
                "in each process elected and unelected take turns, with tokens that grow", 0,
                "events"};
    struct State {
        bool leads = false;
        std::int64_t token = 0;
    };
    std::map<LifeId, State> states;
    for (const Told& told : history.told) {
        const bool elected = told.kind == Told::Kind::elected;
        if (!elected && told.kind != Told::Kind::unelected) continue;
        ++check.looked_at;
        State& state = states[told.id];
        const bool grows = !elected || told.token > state.token;
        if (state.leads == elected || !grows) {
            check.violations.push_back(
                to_string(told.id) + (elected ? " elected with " : " unelected with ") +
                std::to_string(told.token) + " at " + since_begin(history, told.at) +
                (grows ? ", a second time" : ", a token that is not new"));
        }
        state = {elected, std::max(state.token, told.token)};
    }
    return check;
}

Check deposed_in_time(const History& history, const Limits& limits) {
    Check check{"deposed_in_time",
                "who was deposed by an operator stops within " + in_seconds(limits.news) +
                    " in which nothing hampers the news",
                0, "operator's deeds"};
    for (const Deposal& deposal : history.deposals) {
        if (!deposal.done) continue;
        ++check.looked_at;
        const Instant due = news_due(history, limits, deposal);
        for (const Leading& leading : history.leadings) {
            if (leading.token != deposal.token || leading.last.after <= due) continue;
            check.violations.push_back(name_of(leading) + ", deposed at " +
                                       since_begin(history, deposal.at) + ", was valid at " +
                                       since_begin(history, leading.last.after));
        }
    }
    return check;
}

Check ledger_refuses_old(const History& history) {
    Check check{"ledger_refuses_old", "the ledger accepts no older token after a newer one", 0,
                "accepted writes"};
    std::int64_t newest = 0;
    for (const Write& write : history.writes) {
        if (!write.accepted) continue;
        ++check.looked_at;
        if (write.token < newest) {
            check.violations.push_back(std::to_string(write.token) + " of " + to_string(write.id) +
                                       " at " + since_begin(history, write.at) + ", after " +
                                       std::to_string(newest));
        }
        newest = std::max(newest, write.token);
    }
    return check;
}

Check ledger_knows_the_winner(const History& history) {
    Check check{"ledger_knows_the_winner",
                "a token that the ledger accepts was won, and by who writes with it", 0,
                "accepted writes"};
    std::set<std::pair<std::int64_t, LifeId>> won;
    for (const Leading& leading : history.leadings)
        won.emplace(leading.token, leading.id);
    for (const Told& told : history.told) {
        if (told.kind == Told::Kind::elected) won.emplace(told.token, told.id);
    }
    std::set<std::pair<std::int64_t, LifeId>> said;
    for (const Write& write : history.writes) {
        if (!write.accepted) continue;
        ++check.looked_at;
        const auto key = std::pair(write.token, write.id);
        if (won.contains(key) || !said.insert(key).second) continue;
        check.violations.push_back(to_string(write.id) + " wrote with " +
                                   std::to_string(write.token) + " at " +
                                   since_begin(history, write.at));
    }
    return check;
}

}  // namespace tenure::chaos
