// The conformance suite's fixture for an etcd, however it is reached.
#pragma once

#include <functional>
#include <string>
#include <tenure/conformance/boost_test.hpp>
#include <thread>

#include "tests/etcd/client.hpp"
#include "tests/support/bad_server.hpp"

namespace tenure::test {

/// An etcd and how a store is to speak to it.
struct Setting {
    std::function<etcd::StoreOptions(const std::string& address)> options;
    std::string address;
    std::function<Ended(std::vector<std::string>)> etcdctl;
    std::function<bool()> runs;
    std::function<void()> kill;
    std::function<void()> start_again;
    /// In place of etcdctl's compaction.
    std::function<bool()> forget{};
    // etcd looks for leases that have run out twice a second, and takes them back one by one.
    conformance::Limits limits{.shortest_ttl = std::chrono::seconds(4),
                               .expiry_delay = std::chrono::seconds(8),
                               .answer = std::chrono::seconds(30),
                               .failure = std::chrono::seconds(40),
                               .largest_value = 1'000'000};
};

/// For both kinds of etcd in the tests.
template <class Etcd>
Setting setting_of(Etcd& etcd,
                   std::function<etcd::StoreOptions(const std::string& address)> options) {
    return {.options = std::move(options),
            .address = etcd.address(),
            .etcdctl =
                [&etcd](std::vector<std::string> words) { return etcd.etcdctl(std::move(words)); },
            .runs = [&etcd] { return etcd.pid() > 0; },
            .kill = [&etcd] { etcd.kill(); },
            .start_again = [&etcd] { etcd.start_again(); }};
}

class EtcdFixture : public conformance::Fixture {
public:
    explicit EtcdFixture(Setting setting) : setting_(std::move(setting)) {
        if (!setting_.runs()) setting_.start_again();
    }

    std::shared_ptr<KeyStore> open() override {
        return etcd::make_store(threads_.executor(), setting_.options(setting_.address));
    }
    bool run_until(const std::function<bool()>& predicate, Duration bound) override {
        const Instant end = LeaseClock::now() + bound;
        while (!predicate()) {
            if (LeaseClock::now() >= end) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return true;
    }
    conformance::Limits limits() const override { return setting_.limits; }
    bool compact(Revision revision) override {
        if (setting_.forget) return setting_.forget();
        return setting_.etcdctl({"compact", std::to_string(to_integer(revision))}).status == 0;
    }
    bool stop_store() override {
        setting_.kill();
        return true;
    }
    void restart_store() override { setting_.start_again(); }
    // However slow an etcd may be, nobody is waited for here for longer than usual.
    std::shared_ptr<KeyStore> open_silent() override {
        etcd::StoreOptions options =
            setting_.options("127.0.0.1:" + std::to_string(silent_.port()));
        options.request_timeout = etcd::StoreOptions().request_timeout;
        return etcd::make_store(threads_.executor(), std::move(options));
    }

private:
    Setting setting_;
    BadServer silent_{Badness::silent};
    Threads threads_{2};
};

}  // namespace tenure::test
