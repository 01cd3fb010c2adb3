// Hand-overs between two candidates of ours, and how long each takes.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tenure/tenure.hpp>
#include <vector>

namespace tenure::test {

/// The one of the times below which such a share of them lies. Requires: there are some.
inline double quantile(std::vector<double> times, double share) {
    std::ranges::sort(times);
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
}

/// How a leader makes room for the other one.
enum class Leaving {
    /// It stands again at once.
    resign,
    /// It stands again when the other has been elected.
    stop,
};

/// Two candidates on stores of their own; whoever is elected leaves once the other stands in
/// line, until it has happened often enough.
class Relay {
public:
    struct Options {
        std::string url;
        std::string election;
        Leaving leaving = Leaving::resign;
    };

    Relay(boost::asio::io_context& io, const Options& options)
        : io_(io), election_(options.election), leaving_(options.leaving) {
        for (const std::string name : {"a", "b"}) {
            auto store = open_store(io.get_executor(), options.url);
            runners_.push_back(
                std::make_unique<Election>(io.get_executor(), store,
                                           ElectionOptions{.election = options.election,
                                                           .candidate = name,
                                                           .ttl = std::chrono::seconds(10)}));
        }
        for (const auto& runner : runners_) {
            runner->on_elected([this](const Leadership& leadership) {
                if (left_at_) times_.push_back(Milliseconds(LeaseClock::now() - *left_at_).count());
                if (leadership.token() <= last_token_) ++disorder_;
                last_token_ = leadership.token();
                leading_ = true;
            });
            runner->on_unelected([this](LossReason) { leading_ = false; });
            runner->start();
        }
        looker_ = open_store(io.get_executor(), options.url);
    }

    void run(std::size_t count) {
        const Instant end = LeaseClock::now() + std::chrono::seconds(120);
        while (times_.size() < count && LeaseClock::now() < end) {
            wait_until_both_stand(end);
            for (const auto& runner : runners_) {
                if (!runner->is_leader()) continue;
                hand_over(*runner, end);
                break;
            }
        }
        for (const auto& runner : runners_)
            runner->stop();
        for (const auto& runner : runners_)
            run_while([&] { return runner->is_running(); }, end);
    }

    /// In milliseconds, from the leaving until the other has been elected.
    const std::vector<double>& times() const { return times_; }
    int disorder() const { return disorder_; }

private:
    using Milliseconds = std::chrono::duration<double, std::milli>;

    template <class Condition>
    void run_while(Condition condition, Instant end) {
        while (condition() && LeaseClock::now() < end)
            io_.run_one_for(std::chrono::seconds(1));
    }

    void hand_over(Election& leader, Instant end) {
        const std::size_t before = times_.size();
        left_at_ = LeaseClock::now();
        if (leaving_ == Leaving::resign) {
            leader.resign();
        } else {
            leader.stop();
        }
        run_while([&] { return times_.size() == before; }, end);
        if (leaving_ == Leaving::resign) return;
        run_while([&] { return leader.is_running(); }, end);
        leader.start();
    }

    void wait_until_both_stand(Instant end) {
        std::size_t standing = 0;
        while ((standing < 2 || !leading_) && LeaseClock::now() < end) {
            bool answered = false;
            looker_->list({.prefix = election_}, [&](result<Listing> listing) {
                standing = listing ? listing->entries.size() : 0;
                answered = true;
            });
            run_while([&] { return !answered; }, end);
        }
    }

    boost::asio::io_context& io_;
    std::string election_;
    Leaving leaving_;
    std::vector<std::unique_ptr<Election>> runners_;
    std::shared_ptr<KeyStore> looker_;
    std::optional<Instant> left_at_;
    std::vector<double> times_;
    std::int64_t last_token_ = 0;
    bool leading_ = false;
    int disorder_ = 0;
};

}  // namespace tenure::test
