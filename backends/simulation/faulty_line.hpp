// The bad line itself: which requests wait for an answer, which watches are open, and what
// a cut does to them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <tenure/faulty_store.hpp>

#include "backends/memory/reply_gate.hpp"

namespace tenure::sim::detail {

/// Everything that outlives the call that began it. The store holds it; replies under way, the
/// timers and the watches only look whether it is still there.
/// Thread safety: any thread.
class FaultyLine : public std::enable_shared_from_this<FaultyLine> {
public:
    /// Names a request or a watch on the line.
    using Number = std::uint64_t;
    using FateOf = std::function<Fate(Call, std::uint64_t number)>;

    FaultyLine(std::shared_ptr<Scheduler> scheduler, Duration time_out)
        : scheduler_(std::move(scheduler)), time_out_(time_out) {}

    void cut();
    void mend();
    void set_fate(FateOf fate);
    std::uint64_t calls() const;
    /// Counts the call and says what becomes of it.
    Fate decide(Call call);

    /// A request is on its way: `time_out` is called when no answer got through.
    Number expect_answer(std::function<void()> time_out);
    /// Whether an answer that comes now gets through; then it is no longer waited for.
    bool answered(Number number);
    /// Calls back on the scheduler's turn, soon.
    void answer_soon(std::function<void()> call);

    /// A watch is open; `fail` says what happens when the line is cut.
    Number open_watch(std::function<void(errc)> fail);
    /// Gives the line the store's own watch to keep, while ours is open.
    void keep_watch(Number number, std::unique_ptr<Watch> inner);
    /// Whether what comes now gets through; after the last thing nothing does.
    bool hears(Number number, bool is_last);
    /// Silent from now on, and failed with `code` after the time-out.
    void silence_watch(Number number, errc code);
    void close_watch(Number number);

    /// No reply from now on.
    void close();
    template <class F>
    void deliver(F&& reply) {
        gate_.pass(std::forward<F>(reply));
    }

private:
    struct OpenWatch {
        std::function<void(errc)> fail;
        std::unique_ptr<Watch> inner;
        bool silent = false;
        std::unique_ptr<Scheduler::Timer> timer;
    };
    struct Request {
        std::function<void()> time_out;
        std::unique_ptr<Scheduler::Timer> timer;
    };

    void fail_watch(Number number, errc code);

    const std::shared_ptr<Scheduler> scheduler_;
    const Duration time_out_;
    tenure::detail::ReplyGate gate_;
    mutable std::mutex mutex_;
    bool cut_ = false;
    std::shared_ptr<FateOf> fate_;
    std::uint64_t calls_ = 0;
    Number last_number_ = 0;
    std::map<Number, Request> requests_;
    std::map<Number, OpenWatch> watches_;
};

}  // namespace tenure::sim::detail
