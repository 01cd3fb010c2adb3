// What an election tells its user: each event in its turn, on the scheduler, outside the
// machine's own turn, so that a handler may call anything.
#pragma once

#include <atomic>
#include <boost/asio/any_completion_handler.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <tenure/election.hpp>
#include <variant>

#include "core/leadership_term.hpp"
#include "core/signals.hpp"

namespace tenure::detail {

using WaitHandler = boost::asio::any_completion_handler<void(error_code, Leadership)>;

class ElectionEvents : public std::enable_shared_from_this<ElectionEvents> {
public:
    struct Elected {
        std::shared_ptr<LeadershipTerm> term;
    };
    struct Unelected {
        std::shared_ptr<LeadershipTerm> term;
        LossReason reason;
        /// Called when the handlers are done.
        std::function<void()> delivered;
    };
    struct LeaderChanged {
        std::optional<Leader> leader;
        friend bool operator==(const LeaderChanged&, const LeaderChanged&) = default;
    };
    struct Failed {
        error_code code;
        std::string doing;
    };
    struct Stopped {};
    using Event = std::variant<Elected, Unelected, LeaderChanged, Failed, Stopped>;

    explicit ElectionEvents(std::shared_ptr<Scheduler> scheduler)
        : scheduler_(std::move(scheduler)) {}

    /// Called before each delivery: time may have passed since the event was queued.
    void set_poll(std::function<void()> poll) { poll_ = std::move(poll); }

    /// On the scheduler. An `Unelected` overtakes what others do, but no `Elected`.
    void push(Event event);

    // From any thread.
    void wait_elected(WaitHandler handler, Leadership current);
    /// No slot runs any more, and who waits is told `errc::cancelled`.
    void detach();

    Signal<void(const Leadership&)> elected;
    Signal<void(LossReason)> unelected;
    Signal<void(const std::optional<Leader>&)> leader;
    Signal<void(error_code, std::string_view)> failed;

private:
    void deliver();
    void emit(const Elected& event);
    void emit(const Unelected& event);
    void emit(const LeaderChanged& event);
    void emit(const Failed& event);
    void emit(const Stopped& event);
    void report(std::size_t threw, const char* which);
    void cancel_waiting();
    void finish_waiting(std::uint64_t id, error_code code);

    const std::shared_ptr<Scheduler> scheduler_;
    std::function<void()> poll_;
    std::deque<Event> events_;
    /// The leadership that `elected` was delivered for, until its `unelected`.
    std::shared_ptr<LeadershipTerm> announced_;
    /// The token of the last one that `unelected` was delivered for.
    std::optional<std::int64_t> ended_;
    /// Who else leads, heard of while `unelected` is owed.
    std::deque<LeaderChanged> held_;
    std::optional<LeaderChanged> told_;
    std::atomic<bool> detached_ = false;
    std::atomic<std::uint64_t> next_wait_ = 0;
    std::map<std::uint64_t, WaitHandler> waiting_;
};

}  // namespace tenure::detail
