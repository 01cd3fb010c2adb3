// Keeps the promise of `KeyStore` that no reply comes once the destructor has returned, also
// when replies run on other threads.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace tenure::detail {

/// Lets replies through until it is closed. Thread safety: any thread.
class ReplyGate {
public:
    /// Calls `reply` under no lock, unless the gate is closed.
    template <class Call>
    void pass(Call&& reply) {
        {
            std::lock_guard lock(mutex_);
            if (closed_) return;
            inside_.push_back(std::this_thread::get_id());
        }
        const Leave leave{*this};
        reply();
    }

    /// Lets none through any more, and waits for those that run on other threads. One that
    /// runs on this thread is the caller's caller: a reply may end the store.
    void close() {
        std::unique_lock lock(mutex_);
        closed_ = true;
        changed_.wait(lock, [this] {
            return std::ranges::all_of(
                inside_, [](std::thread::id id) { return id == std::this_thread::get_id(); });
        });
    }

private:
    struct Leave {
        ReplyGate& gate;
        ~Leave() {
            std::lock_guard lock(gate.mutex_);
            gate.inside_.erase(std::ranges::find(gate.inside_, std::this_thread::get_id()));
            gate.changed_.notify_all();
        }
    };

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::thread::id> inside_;
    bool closed_ = false;
};

}  // namespace tenure::detail
