#include "backends/etcd/v3/gap.hpp"

#include <algorithm>
#include <utility>

namespace tenure::etcd::detail::v3 {
namespace {

// etcd takes 128 operations in a transaction.
constexpr std::int64_t most_revisions = 100;

using Take = std::function<void(std::optional<TransactionAnswer>)>;

void read(const std::shared_ptr<JsonCaller>& caller, const Transaction& transaction, Take take) {
    caller->start({.path = "/v3/kv/txn",
                   .body = encode(transaction),
                   .take = [take, expected = transaction.then.size()](
                               std::string_view body) -> std::optional<Error> {
                       auto answer = decode_transaction(body);
                       if (!answer) return answer.error();
                       if (answer->operations.size() != expected) {
                           return Error(errc::bad_answer, "left out parts of its answer");
                       }
                       take(std::move(*answer));
                       return std::nullopt;
                   },
                   .fail = [take](const Error&) { take(std::nullopt); }});
}

bool is_same(const std::optional<KeyValue>& a, const std::optional<KeyValue>& b) {
    if (!a || !b) return !a && !b;
    return a->mod_revision == b->mod_revision;
}

// The states of one key at `first`, `first + 1`, …, as the changes that lead from one to the next.
std::vector<Event> changes_between(const TransactionAnswer& states, std::int64_t first) {
    std::vector<Event> changes;
    std::optional<KeyValue> before;
    for (std::size_t i = 0; i < states.operations.size(); ++i) {
        std::optional<KeyValue> state;
        if (!states.operations[i].entries.empty()) state = states.operations[i].entries.front();
        const std::int64_t revision = first + static_cast<std::int64_t>(i);
        if (i > 0 && !is_same(before, state)) {
            Event event;
            event.removed = !state.has_value();
            event.entry = state ? *state : KeyValue{.key = before->key, .value = {}};
            event.entry.mod_revision = revision;
            event.previous = before;
            changes.push_back(std::move(event));
        }
        before = std::move(state);
    }
    return changes;
}

// Reads the key as it was at each revision of the gap.
void replay(const std::shared_ptr<JsonCaller>& caller, const Gap& gap, GapHandler handler) {
    if (gap.until - gap.after > most_revisions) {
        return handler(std::nullopt);
    }
    Transaction states;
    for (std::int64_t revision = gap.after; revision <= gap.until; ++revision)
        states.then.emplace_back(Range{.key = gap.key, .revision = revision});
    read(caller, states, [gap, handler](const std::optional<TransactionAnswer>& answer) {
        if (!answer) return handler(std::nullopt);
        handler(changes_between(*answer, gap.after));
    });
}

// A key that has not changed since is the usual case, and one read shows it.
void close_key_gap(const std::shared_ptr<JsonCaller>& caller, const Gap& gap, GapHandler handler) {
    Transaction latest;
    latest.then.emplace_back(Range{.key = gap.key, .revision = gap.until});
    read(caller, latest,
         [weak = std::weak_ptr(caller), gap, handler](const std::optional<TransactionAnswer>& now) {
             const auto alive = weak.lock();
             if (!now || !alive) return handler(std::nullopt);
             const auto& entries = now->operations.front().entries;
             if (!entries.empty() && entries.front().mod_revision <= gap.after) {
                 return handler(std::vector<Event>{});
             }
             replay(alive, gap, handler);
         });
}

// Nothing changed in a range when no entry has changed since and their number was the same
// all the time: whoever came must have gone again, and whoever went cannot come back unchanged.
void close_range_gap(const std::shared_ptr<JsonCaller>& caller, const Gap& gap,
                     GapHandler handler) {
    Transaction counts;
    counts.then.emplace_back(Range{.key = gap.key,
                                   .range_end = gap.range_end,
                                   .revision = gap.until,
                                   .limit = 1,
                                   .sort = Range::Sort::last_changed_first,
                                   .keys_only = true});
    for (std::int64_t revision = gap.after; revision <= gap.until; ++revision) {
        counts.then.emplace_back(Range{
            .key = gap.key, .range_end = gap.range_end, .revision = revision, .count_only = true});
    }
    read(caller, counts, [gap, handler](const std::optional<TransactionAnswer>& answer) {
        if (!answer) return handler(std::nullopt);
        const auto& latest = answer->operations.front();
        const bool is_quiet = std::ranges::all_of(
            answer->operations, [&](const RangeAnswer& at) { return at.count == latest.count; });
        const bool is_untouched =
            latest.entries.empty() || latest.entries.front().mod_revision <= gap.after;
        if (is_quiet && is_untouched) return handler(std::vector<Event>{});
        handler(std::nullopt);
    });
}

}  // namespace

void close_gap(const std::shared_ptr<JsonCaller>& caller, Gap gap, GapHandler handler) {
    const bool is_key = gap.range_end.empty();
    const bool is_long = gap.until - gap.after > most_revisions;
    if (is_key && gap.after > 0) return close_key_gap(caller, gap, std::move(handler));
    if (is_long || gap.after <= 0) return handler(std::nullopt);
    close_range_gap(caller, gap, std::move(handler));
}

}  // namespace tenure::etcd::detail::v3
