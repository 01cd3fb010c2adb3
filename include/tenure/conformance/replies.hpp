// What a store has answered so far, wherever and whenever it did.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <tenure/key_store.hpp>
#include <utility>
#include <vector>

namespace tenure::conformance {

/// What came for one request or watch. Copies share it, so a late reply finds it in place.
/// Thread safety: any thread.
template <class T>
class Replies {
public:
    Reply<T> reply() const {
        return [arrived = arrived_](result<T> value) {
            std::lock_guard lock(arrived->mutex);
            arrived->values.push_back(std::move(value));
        };
    }
    std::size_t count() const {
        std::lock_guard lock(arrived_->mutex);
        return arrived_->values.size();
    }
    std::vector<result<T>> all() const {
        std::lock_guard lock(arrived_->mutex);
        return arrived_->values;
    }

private:
    struct Arrived {
        std::mutex mutex;
        std::vector<result<T>> values;
    };
    std::shared_ptr<Arrived> arrived_ = std::make_shared<Arrived>();
};

/// Counts the answers to many requests. Copies share it. Thread safety: `reply` from one thread
/// at a time, what it returns from any.
class Tally {
public:
    template <class T>
    Reply<T> reply(std::string doing) {
        counts_.push_back({std::move(doing), std::make_shared<std::atomic<int>>(0)});
        return [count = counts_.back().count](const result<T>&) { ++*count; };
    }
    bool all_answered() const {
        return std::ranges::all_of(counts_, [](const auto& one) { return *one.count > 0; });
    }
    /// What was answered more than once; empty when nothing was.
    std::string answered_twice() const {
        for (const Count& one : counts_) {
            if (*one.count > 1) return one.doing;
        }
        return {};
    }
    int total() const {
        int sum = 0;
        for (const Count& one : counts_)
            sum += *one.count;
        return sum;
    }

private:
    struct Count {
        std::string doing;
        std::shared_ptr<std::atomic<int>> count;
    };
    std::vector<Count> counts_;
};

/// An open watch, and what it has reported.
struct Watching {
    Replies<Change> heard;
    std::unique_ptr<Watch> watch;
};

}  // namespace tenure::conformance
