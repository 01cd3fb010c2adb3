// The places on a session: one for each election, for one candidacy at a time.
//
// The store gives a session that enters twice the same entry (rule 5 of its contract). So two
// candidacies of one name on one session would lead by one entry, with one token, and a later one
// by the entry of an earlier one whose work still goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tenure::detail {

/// Everything on the scheduler, unless it says otherwise. Lifetime: the session's driver's.
class Places {
public:
    /// For a public object, until it is let go: two of one name cannot be used. Throws
    /// std::invalid_argument. Thread safety: any thread, letting go included.
    std::shared_ptr<void> reserve(const std::string& election);

    /// Whether the place is `who`'s from now on, or was before. If not, `then` is called once,
    /// when the one who has it leaves.
    bool take(const std::string& election, const std::shared_ptr<const void>& who,
              std::function<void()> then);
    /// Nothing happens unless it is `who`'s.
    void leave(const std::string& election, const void* who);
    /// Whether somebody else has it.
    bool is_taken(const std::string& election, const void* by_other_than) const;

    /// An entry of that number was led by, or is being removed: nobody may lead by it again.
    void spend(const std::string& election, std::int64_t number);
    /// The greatest of these.
    std::int64_t spent(const std::string& election) const;

private:
    struct Place {
        /// Somebody who is gone without leaving has at most a removal under way, of what is spent.
        std::weak_ptr<const void> holder;
        std::vector<std::pair<const void*, std::function<void()>>> waiting;
    };

    std::map<std::string, Place> places_;
    std::map<std::string, std::int64_t> spent_;
    std::mutex mutex_;
    std::set<std::string> reserved_;
};

}  // namespace tenure::detail
