#include "backends/memory/tables.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace tenure::memory {
namespace {

// Older changes are forgotten by themselves: a service may run on one store for years.
constexpr std::size_t longest_history = 10'000;

std::string hex(LeaseId id) {
    char digits[16];
    const auto end = std::to_chars(std::begin(digits), std::end(digits),
                                   static_cast<std::uint64_t>(to_integer(id)), 16);
    return {digits, end.ptr};
}

Error lease_gone(LeaseId id) {
    return {errc::lease_gone, "there is no lease " + hex(id)};
}

Error entry_changed(const Entry& entry) {
    return {errc::entry_changed, "'" + entry.key + "' of revision " +
                                     std::to_string(to_integer(entry.created)) +
                                     " is gone or another one"};
}

Error no_prefix() {
    return {errc::refused, "the prefix is empty"};
}

bool is_below(const std::string& key, const WatchTarget& target) {
    if (target.scope == WatchTarget::Scope::key) return key == target.name;
    return key.starts_with(closed(target.name));
}

}  // namespace

std::string closed(std::string prefix) {
    if (!prefix.ends_with('/')) prefix += '/';
    return prefix;
}

std::vector<std::string> prefixes_of(const std::string& key) {
    std::vector<std::string> prefixes;
    for (auto slash = key.find('/'); slash != std::string::npos; slash = key.find('/', slash + 1))
        prefixes.push_back(key.substr(0, slash + 1));
    return prefixes;
}

LeaseId Tables::add_lease() {
    const LeaseId id{++last_lease_};
    leases_[id];
    return id;
}

void Tables::drop_lease(LeaseId id) {
    const auto dropped = leases_.extract(id);
    if (dropped.empty() || dropped.mapped().empty()) return;
    advance();
    for (const std::string& key : dropped.mapped())
        erase(key);
}

result<Entry> Tables::create(const NewEntry& entry) {
    if (entry.prefix.empty()) return no_prefix();
    if (!has_lease(entry.lease)) return lease_gone(entry.lease);
    std::string key = closed(entry.prefix) + hex(entry.lease);
    const auto standing = entries_.find(key);
    if (standing != entries_.end()) {
        if (standing->second.lease == entry.lease) return standing->second;
        return Error(errc::refused, "'" + key + "' is taken by what is no entry");
    }
    advance();
    return insert({std::move(key), entry.value, entry.lease, revision_});
}

result<Revision> Tables::update(const Entry& entry, std::string value) {
    if (!find(entry)) return entry_changed(entry);
    Entry& standing = entries_.at(entry.key);
    standing.value = std::move(value);
    advance();
    note(Change::Kind::updated, standing);
    return revision_;
}

void Tables::remove(const Entry& entry) {
    if (!find(entry)) return;
    advance();
    erase(entry.key);
}

result<Listing> Tables::list(const ListQuery& query) const {
    if (query.prefix.empty()) return no_prefix();
    const Line& line = line_of(query.prefix);
    const auto end = query.before ? line.lower_bound(*query.before) : line.end();
    Listing listing{.entries = {}, .revision = revision_};
    const auto take = [&](auto from, auto to) {
        for (; from != to && (query.limit == 0 || listing.entries.size() < query.limit); ++from)
            listing.entries.push_back(*from->second);
    };
    if (query.order == Order::ascending) {
        take(line.begin(), end);
    } else {
        take(std::make_reverse_iterator(end), line.rend());
    }
    return listing;
}

std::vector<Entry> Tables::entries(const std::string& prefix) const {
    std::vector<Entry> standing;
    for (const auto& [key, entry] : entries_) {
        const bool below = prefix.empty() || key.starts_with(closed(prefix));
        if (below && entry.lease != LeaseId{}) standing.push_back(entry);
    }
    std::ranges::sort(standing, {}, &Entry::created);
    return standing;
}

result<Standing> Tables::standing(const std::string& prefix, const Entry& own) const {
    if (prefix.empty()) return no_prefix();
    const Line& line = line_of(prefix);
    Standing standing{.first = {}, .predecessor = {}, .own = {}, .revision = revision_};
    if (!line.empty()) standing.first = *line.begin()->second;
    const auto here = line.lower_bound(own.created);
    if (here != line.begin()) standing.predecessor = *std::prev(here)->second;
    if (here != line.end() && here->first == own.created && here->second->key == own.key) {
        standing.own = *here->second;
    }
    return standing;
}

result<Revision> Tables::guarded_put(const GuardedPut& put) {
    if (!find(put.entry)) return entry_changed(put.entry);
    if (put.key.empty()) return Error(errc::refused, "the key is empty");
    const auto standing = entries_.find(put.key);
    if (standing == entries_.end()) {
        advance();
        insert({put.key, put.value, LeaseId{}, revision_});
    } else if (standing->second.lease == LeaseId{}) {
        advance();
        standing->second.value = put.value;
        note(Change::Kind::updated, standing->second);
    } else {
        return Error(errc::refused, "'" + put.key + "' is a candidate's entry");
    }
    return revision_;
}

std::vector<Change> Tables::take_changes() {
    return std::exchange(fresh_, {});
}

std::optional<std::vector<Change>> Tables::changes_after(const WatchTarget& target) const {
    if (target.after < compacted_) return std::nullopt;
    const auto first = std::ranges::upper_bound(history_, target.after, {}, &Change::revision);
    std::vector<Change> missed;
    std::copy_if(first, history_.end(), std::back_inserter(missed),
                 [&](const Change& change) { return is_below(change.entry.key, target); });
    return missed;
}

void Tables::compact(Revision revision) {
    compacted_ = std::max(compacted_, std::min(revision, revision_));
    while (!history_.empty() && history_.front().revision <= compacted_)
        history_.pop_front();
}

// Of this very creation, not a later one with the same key.
const Entry* Tables::find(const Entry& entry) const {
    const auto found = entries_.find(entry.key);
    if (found == entries_.end() || found->second.created != entry.created) return nullptr;
    return &found->second;
}

const Tables::Line& Tables::line_of(const std::string& prefix) const {
    static const Line empty;
    const auto line = lines_.find(closed(prefix));
    return line == lines_.end() ? empty : line->second;
}

Entry& Tables::insert(Entry entry) {
    Entry& standing = entries_[entry.key];
    standing = std::move(entry);
    for (const std::string& prefix : prefixes_of(standing.key))
        lines_[prefix].emplace(standing.created, &standing);
    if (standing.lease != LeaseId{}) leases_.at(standing.lease).insert(standing.key);
    note(Change::Kind::created, standing);
    return standing;
}

void Tables::erase(std::string key) {
    const auto removed = entries_.extract(key);
    const Entry& entry = removed.mapped();
    for (const std::string& prefix : prefixes_of(key)) {
        const auto line = lines_.find(prefix);
        line->second.erase(entry.created);
        if (line->second.empty()) lines_.erase(line);
    }
    const auto lease = leases_.find(entry.lease);
    if (lease != leases_.end()) lease->second.erase(key);
    note(Change::Kind::removed, entry);
}

void Tables::note(Change::Kind kind, const Entry& entry) {
    history_.push_back({kind, entry, revision_});
    fresh_.push_back(history_.back());
    if (history_.size() > longest_history) compact(history_.front().revision);
}

}  // namespace tenure::memory
