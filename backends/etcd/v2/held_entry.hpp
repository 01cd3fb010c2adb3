// One entry of ours, and what is done to it: one request at a time, each on condition that nobody
// has touched the key since the one before.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tenure/key_store.hpp>
#include <vector>

#include "backends/etcd/caller.hpp"
#include "backends/etcd/v2/messages.hpp"

namespace tenure::etcd::detail::v2 {

/// Call its members on the executor, which must run one thing at a time.
///
/// What came of a request may stay unknown; then the key is read before the next one, and is ours
/// still if it was not made anew and has a value that we gave it. Where it is not, or is not there,
/// the entry is gone, for ever: `errc::entry_changed`.
class HeldEntry : public std::enable_shared_from_this<HeldEntry> {
public:
    /// Called with the index of the change.
    using Handler = std::function<void(result<std::int64_t>)>;

    /// As etcd has just made it: `made` has its key, value and indices.
    HeldEntry(const std::shared_ptr<Caller>& caller, Node made, std::chrono::seconds ttl);

    const std::string& path() const noexcept { return made_.key; }
    const std::string& value() const noexcept { return value_; }
    /// Its place in the order.
    Revision number() const noexcept { return Revision{made_.created}; }

    /// Restarts its time. Success, with 0, also where it was taken away on purpose.
    void refresh(Handler handler);
    void change(std::string value, Handler handler);
    /// Takes it away, whoever has written into it. Success, with 0, also when it is not there.
    void remove(Handler handler);
    /// Somebody has deleted it on purpose: its end says nothing about its lease.
    void was_deleted() { was_taken_away_ = true; }

private:
    struct Step {
        enum class Kind { refresh, change, remove };
        Kind kind;
        std::string value{};
        std::vector<Handler> handlers{};
        int tries_left = 5;
    };

    void add(Step step);
    void next();
    void read();
    void found(const Answer& answer);
    void perform();
    void judge(const Answer& answer);
    void gone();
    void finish(const result<std::int64_t>& outcome);
    void call(HttpQuestion question, void (HeldEntry::*take)(const Answer&));
    bool is_ours(const Node& node) const;

    /// Weak, for its requests hold us.
    std::weak_ptr<Caller> caller_;
    Node made_;
    std::chrono::seconds ttl_;
    std::string value_;
    /// Of changes whose outcome is unknown.
    std::vector<std::string> possible_values_{};
    /// Empty while unknown.
    std::optional<ModifiedIndex> modified_;
    bool was_taken_away_ = false;
    /// What came of a removal is unknown.
    bool may_be_taken_away_ = false;
    /// The key is there, and not ours any more: it can be removed, and nothing else.
    bool is_overwritten_ = false;
    bool is_gone_ = false;
    /// The first one is under way.
    std::deque<Step> steps_{};
    bool is_busy_ = false;
};

}  // namespace tenure::etcd::detail::v2
