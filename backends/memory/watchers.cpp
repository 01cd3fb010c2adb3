#include "backends/memory/watchers.hpp"

#include <utility>

#include "backends/memory/tables.hpp"

namespace tenure::memory {

void Watchers::add(std::shared_ptr<Watcher> watcher) {
    of_scope(watcher->target.scope)[watcher->target.name].emplace(watcher->number, watcher);
    all_.emplace(watcher->number, std::move(watcher));
}

void Watchers::remove(const Watcher& watcher) {
    auto& names = of_scope(watcher.target.scope);
    const auto name = names.find(watcher.target.name);
    if (name == names.end() || name->second.erase(watcher.number) == 0) return;
    if (name->second.empty()) names.erase(name);
    all_.erase(watcher.number);
}

std::vector<std::shared_ptr<Watcher>> Watchers::remove_all_of(const Outbox& outbox) {
    std::vector<std::shared_ptr<Watcher>> removed;
    for (const auto& [number, watcher] : all_) {
        if (watcher->outbox.get() == &outbox) removed.push_back(watcher);
    }
    for (const auto& watcher : removed)
        remove(*watcher);
    return removed;
}

std::vector<std::shared_ptr<Outbox>> Watchers::push(const Change& change) const {
    ByNumber concerned;
    const auto add_those_of = [&](const auto& names, const std::string& name) {
        const auto found = names.find(name);
        if (found != names.end()) concerned.insert(found->second.begin(), found->second.end());
    };
    add_those_of(of_keys_, change.entry.key);
    for (const std::string& prefix : prefixes_of(change.entry.key))
        add_those_of(of_prefixes_, prefix);

    std::vector<std::shared_ptr<Outbox>> outboxes;
    for (const auto& [number, watcher] : concerned) {
        if (change.revision <= watcher->target.after) continue;
        push_to(watcher, change);
        outboxes.push_back(watcher->outbox);
    }
    return outboxes;
}

void push_to(const std::shared_ptr<Watcher>& watcher, result<Change> change) {
    watcher->outbox->push([watcher, change = std::move(change)]() mutable {
        const bool is_last = change.has_error();
        const bool is_open = is_last ? watcher->is_open.exchange(false) : watcher->is_open.load();
        if (is_open) watcher->reply(std::move(change));
    });
}

}  // namespace tenure::memory
