// The job runner outside of any simulation: on an executor, and on the store that is named.
//
//   job_runner [STORE]      memory: by default; etcd://127.0.0.1:2379, say
//
// Its ledger lasts as long as the process, which ends after five jobs.
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>

#include "job_runner.hpp"

namespace {

class LedgerInMemory : public Ledger {
public:
    void open(std::int64_t, std::function<void(std::optional<int>)> answer) override {
        answer(next_);
    }
    void begin(std::int64_t, int job, std::function<void(bool)> answer) override {
        next_ = job + 1;
        answer(true);
    }

private:
    int next_ = 0;
};

}  // namespace

int main(int count, char** words) try {
    boost::asio::io_context io;
    const auto store = tenure::open_store(io.get_executor(), count > 1 ? words[1] : "memory:");
    std::shared_ptr<JobRunner> runner;
    runner = std::make_shared<JobRunner>(tenure::make_scheduler(io.get_executor()), store,
                                         "the only one", std::make_shared<LedgerInMemory>(),
                                         [&](int job) {
                                             std::printf("job %d\n", job);
                                             if (job == 4) runner->election().stop();
                                         });
    runner->election().start();
    io.run();
    return 0;
} catch (const std::exception& failure) {
    std::fprintf(stderr, "job_runner: %s\n", failure.what());
    return 1;
}
