#include "backends/etcd/v2/polled.hpp"

#include "backends/etcd/v2/layout.hpp"

namespace tenure::etcd::detail::v2 {
namespace {

bool is_removal(const std::string& action) {
    return action == "delete" || action == "compareAndDelete" || action == "expire";
}

// A directory that goes takes along what is in it, and is all that the event names.
bool is_above(const std::string& directory, const std::string& path) {
    return directory.empty() || path.starts_with(directory + '/');
}

std::string above(const Polled& polled) {
    return polled.is_directory ? polled.path + '/' : polled.path;
}

Change removal_of(const Node& node, const Answer& event, Revision revision) {
    Change change;
    change.kind = Change::Kind::removed;
    change.revision = revision;
    const bool is_told = event.previous && event.previous->key == node.key;
    const Node& last = is_told ? *event.previous : node;
    change.entry = to_entry(last, number_of(parent_of(node.key), node.key));
    return change;
}

}  // namespace

News news_of(const Polled& polled, const Answer& event) {
    News news;
    const Revision revision{event.node.modified};
    const std::int64_t number = number_of(parent_of(event.node.key), event.node.key);
    const bool is_watched = polled.is_directory
                                ? number > 0 && parent_of(event.node.key) == polled.path
                                : event.node.key == polled.path;
    if (is_removal(event.action)) {
        if (is_watched) {
            news.change = removal_of(event.node, event, revision);
            news.was_deleted = event.action != "expire";
        } else if (event.node.is_directory && is_above(event.node.key, above(polled))) {
            news.lost_track = polled.is_directory;
            if (!polled.is_directory) {
                news.change = removal_of({.key = polled.path, .value = {}}, event, revision);
                news.was_deleted = event.action != "expire";
            }
        }
        return news;
    }
    if (!is_watched || event.node.is_directory) return news;
    // The npm module renews by setting the same value again: that wakes us, but changes nothing.
    const bool is_same = event.previous && event.previous->value == event.node.value &&
                         event.previous->created == event.node.created;
    if (is_same) return news;
    const bool is_new = event.action == "create" && event.node.created == event.node.modified;
    news.change = Change{.kind = is_new ? Change::Kind::created : Change::Kind::updated,
                         .entry = to_entry(event.node, number),
                         .revision = revision};
    return news;
}

}  // namespace tenure::etcd::detail::v2
