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

/// Two candidates on stores of their own; whoever is elected resigns once the other stands in
/// line, until it has happened often enough.
class Relay {
public:
    Relay(boost::asio::io_context& io, const std::string& url, const std::string& election)
        : io_(io), election_(election) {
        for (const std::string name : {"a", "b"}) {
            auto store = open_store(io.get_executor(), url);
            runners_.push_back(std::make_unique<Election>(
                io.get_executor(), store,
                ElectionOptions{
                    .election = election, .candidate = name, .ttl = std::chrono::seconds(10)}));
        }
        for (std::size_t i = 0; i < runners_.size(); ++i) {
            runners_[i]->on_elected([this](const Leadership& leadership) {
                if (resigned_at_)
                    times_.push_back(Milliseconds(LeaseClock::now() - *resigned_at_).count());
                if (leadership.token() <= last_token_) ++disorder_;
                last_token_ = leadership.token();
                leading_ = true;
            });
            runners_[i]->on_unelected([this](LossReason) { leading_ = false; });
            runners_[i]->start();
        }
        looker_ = open_store(io.get_executor(), url);
    }

    void run(std::size_t count) {
        const Instant end = LeaseClock::now() + std::chrono::seconds(120);
        while (times_.size() < count && LeaseClock::now() < end) {
            wait_until_both_stand(end);
            for (const auto& runner : runners_) {
                if (!runner->is_leader()) continue;
                const std::size_t before = times_.size();
                resigned_at_ = LeaseClock::now();
                runner->resign();
                while (times_.size() == before && LeaseClock::now() < end)
                    io_.run_one_for(std::chrono::seconds(1));
                break;
            }
        }
        for (const auto& runner : runners_)
            runner->stop();
        while (LeaseClock::now() < end &&
               (runners_[0]->is_running() || runners_[1]->is_running())) {
            io_.run_one_for(std::chrono::seconds(1));
        }
    }

    /// In milliseconds, from the resignation until the other has been elected.
    const std::vector<double>& times() const { return times_; }
    int disorder() const { return disorder_; }

private:
    using Milliseconds = std::chrono::duration<double, std::milli>;

    void wait_until_both_stand(Instant end) {
        std::size_t standing = 0;
        while ((standing < 2 || !leading_) && LeaseClock::now() < end) {
            bool answered = false;
            looker_->list({.prefix = election_}, [&](result<Listing> listing) {
                standing = listing ? listing->entries.size() : 0;
                answered = true;
            });
            while (!answered && LeaseClock::now() < end)
                io_.run_one_for(std::chrono::seconds(1));
        }
    }

    boost::asio::io_context& io_;
    std::string election_;
    std::vector<std::unique_ptr<Election>> runners_;
    std::shared_ptr<KeyStore> looker_;
    std::optional<Instant> resigned_at_;
    std::vector<double> times_;
    std::int64_t last_token_ = 0;
    bool leading_ = false;
    int disorder_ = 0;
};

}  // namespace tenure::test
