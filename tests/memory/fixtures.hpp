// The memory store as the conformance suite sees it: in virtual time, behind a line that can be
// cut, and on an io_context that several threads run.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <tenure/conformance/fixture.hpp>
#include <tenure/faulty_store.hpp>
#include <tenure/memory_store.hpp>
#include <tenure/virtual_scheduler.hpp>
#include <thread>
#include <vector>

namespace tenure::test {

inline std::string fresh_store_name() {
    static std::atomic<int> last = 0;
    return "fixture " + std::to_string(++last);
}

class VirtualFixture : public conformance::Fixture {
public:
    std::shared_ptr<KeyStore> open() override { return shared_memory_store(scheduler_, name_); }
    bool run_until(const std::function<bool()>& predicate, Duration bound) override {
        return scheduler_->run_until(predicate, bound);
    }
    Instant now() const override { return scheduler_->now(); }
    conformance::Limits limits() const override {
        return {.expiry_delay = std::chrono::milliseconds(1)};
    }
    bool compact(Revision revision) override {
        store_->compact(revision);
        return true;
    }

protected:
    const std::string name_ = fresh_store_name();
    std::shared_ptr<sim::VirtualScheduler> scheduler_ = sim::make_virtual_scheduler();
    std::shared_ptr<MemoryStore> store_ = shared_memory_store(scheduler_, name_);
};

class CuttableFixture : public VirtualFixture {
public:
    std::shared_ptr<KeyStore> open() override {
        auto client = sim::make_faulty_store(scheduler_, VirtualFixture::open(), time_out);
        clients_.push_back(client);
        return client;
    }
    bool stop_store() override {
        each([](sim::FaultyStore& client) { client.cut(); });
        return true;
    }
    void restart_store() override {
        each([](sim::FaultyStore& client) { client.mend(); });
    }
    std::shared_ptr<KeyStore> open_silent() override {
        auto client = sim::make_faulty_store(scheduler_, VirtualFixture::open(), time_out);
        client->cut();
        return client;
    }

private:
    static constexpr Duration time_out = std::chrono::seconds(2);

    void each(const std::function<void(sim::FaultyStore&)>& act) {
        for (const auto& weak : clients_) {
            if (const auto client = weak.lock()) act(*client);
        }
    }

    std::vector<std::weak_ptr<sim::FaultyStore>> clients_;
};

/// Real time, and a strand for each client.
class ThreadedFixture : public conformance::Fixture {
public:
    ThreadedFixture() {
        for (int i = 0; i < 3; ++i)
            threads_.emplace_back([this] { io_.run(); });
    }
    ThreadedFixture(const ThreadedFixture&) = delete;
    ThreadedFixture& operator=(const ThreadedFixture&) = delete;
    ~ThreadedFixture() override {
        store_.reset();
        work_.reset();
        for (auto& thread : threads_)
            thread.join();
    }

    std::shared_ptr<KeyStore> open() override { return open_here(); }
    bool run_until(const std::function<bool()>& predicate, Duration bound) override {
        const Instant end = LeaseClock::now() + bound;
        while (!predicate()) {
            if (LeaseClock::now() >= end) return false;
            io_.run_one_for(std::chrono::milliseconds(1));
        }
        return true;
    }
    conformance::Limits limits() const override {
        return {.shortest_ttl = std::chrono::milliseconds(300),
                .expiry_delay = std::chrono::milliseconds(700)};
    }
    bool compact(Revision revision) override {
        store_->compact(revision);
        return true;
    }

private:
    std::shared_ptr<MemoryStore> open_here() {
        return shared_memory_store(make_scheduler(io_.get_executor()), name_);
    }

    const std::string name_ = fresh_store_name();
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        io_.get_executor()};
    std::vector<std::thread> threads_;
    std::shared_ptr<MemoryStore> store_ = open_here();
};

}  // namespace tenure::test
