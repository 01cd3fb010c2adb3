// The store on etcd keeps the contract.
#include <tenure/conformance/boost_test.hpp>

#include "tests/etcd/client.hpp"
#include "tests/support/bad_server.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

class EtcdFixture : public conformance::Fixture {
public:
    EtcdFixture() : etcd_(shared_etcd()) {
        if (etcd_.pid() < 0) etcd_.start_again();
    }

    std::shared_ptr<KeyStore> open() override {
        return etcd::make_store(threads_.executor(), etcd::parse_url(etcd_.store_url()));
    }
    bool run_until(const std::function<bool()>& predicate, Duration bound) override {
        const Instant end = LeaseClock::now() + bound;
        while (!predicate()) {
            if (LeaseClock::now() >= end) return false;
            std::this_thread::sleep_for(1ms);
        }
        return true;
    }
    // etcd looks for leases that have run out twice a second, and takes them back one by one.
    conformance::Limits limits() const override {
        return {.answer = 10s, .failure = 20s, .largest_value = 1'000'000};
    }
    bool compact(Revision revision) override {
        return etcd_.etcdctl({"compact", std::to_string(to_integer(revision))}).status == 0;
    }
    bool stop_store() override {
        etcd_.kill();
        return true;
    }
    void restart_store() override { etcd_.start_again(); }
    std::shared_ptr<KeyStore> open_silent() override {
        return etcd::make_store(threads_.executor(), etcd::parse_url(silent_.store_url()));
    }

private:
    EtcdServer& etcd_;
    BadServer silent_{Badness::silent};
    Threads threads_{2};
};

}  // namespace

TENURE_CONFORMANCE_SUITE(etcd, [] { return std::make_unique<EtcdFixture>(); })

}  // namespace tenure::test
