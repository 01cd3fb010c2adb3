// A small service that depends on an election: of several processes one runs the jobs, and enters
// each into a ledger that all share. job_runner_test.cpp tests it in a simulated world,
// job_runner.cpp runs it in the real one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tenure/tenure.hpp>

/// A database, say. It answers on the turn of the one who asks.
class Ledger {
public:
    virtual ~Ledger() = default;
    /// Refuses smaller tokens from now on. Answers with the first job that nobody has begun, and
    /// with nothing if this token is too small itself.
    virtual void open(std::int64_t token, std::function<void(std::optional<int>)> answer) = 0;
    /// Enters that a job is begun. Answers false if the token is too small.
    virtual void begin(std::int64_t token, int job, std::function<void(bool)> answer) = 0;
};

class JobRunner : public std::enable_shared_from_this<JobRunner> {
public:
    using Work = std::function<void(int job)>;

    JobRunner(std::shared_ptr<tenure::Scheduler> scheduler, std::shared_ptr<tenure::KeyStore> store,
              std::string name, std::shared_ptr<Ledger> ledger, Work work)
        : scheduler_(std::move(scheduler)),
          ledger_(std::move(ledger)),
          work_(std::move(work)),
          election_(
              scheduler_, std::move(store),
              {.election = "jobs", .candidate = std::move(name), .ttl = std::chrono::seconds(5)}) {
        election_.on_elected([this](const tenure::Leadership& leadership) { open(leadership); });
    }

    tenure::Election& election() { return election_; }

private:
    void open(const tenure::Leadership& leadership) {
        ledger_->open(leadership.token(),
                      [weak = weak_from_this(), leadership](std::optional<int> job) {
                          const auto self = weak.lock();
                          if (self && job) self->begin(leadership, *job);
                      });
    }

    // A job is entered before it runs: who dies in between has not run it, and nobody will.
    void begin(const tenure::Leadership& leadership, int job) {
        if (!leadership.valid()) return;
        ledger_->begin(leadership.token(), job,
                       [weak = weak_from_this(), leadership, job](bool entered) {
                           const auto self = weak.lock();
                           if (self && entered) self->run(leadership, job);
                       });
    }

    void run(const tenure::Leadership& leadership, int job) {
        work_(job);
        tenure::call_after(scheduler_, std::chrono::milliseconds(100),
                           [weak = weak_from_this(), leadership, job] {
                               if (const auto self = weak.lock()) self->begin(leadership, job + 1);
                           });
    }

    const std::shared_ptr<tenure::Scheduler> scheduler_;
    const std::shared_ptr<Ledger> ledger_;
    const Work work_;
    tenure::Election election_;
};
