// The store on etcd keeps the contract.
#include <tenure/conformance/boost_test.hpp>

#include "tests/etcd/client.hpp"
#include "tests/support/bad_server.hpp"
#include "tests/support/keys_api.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

class EtcdFixture : public conformance::Fixture {
public:
    explicit EtcdFixture(etcd::ApiVersion api) : api_(api), etcd_(shared_etcd()) {
        if (etcd_.pid() < 0) etcd_.start_again();
    }

    std::shared_ptr<KeyStore> open() override { return open_at(etcd_.store_url()); }
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
        if (api_ == etcd::ApiVersion::v2) return forget_history(etcd_);
        return etcd_.etcdctl({"compact", std::to_string(to_integer(revision))}).status == 0;
    }
    bool stop_store() override {
        etcd_.kill();
        return true;
    }
    void restart_store() override { etcd_.start_again(); }
    std::shared_ptr<KeyStore> open_silent() override { return open_at(silent_.store_url()); }

private:
    std::shared_ptr<KeyStore> open_at(const std::string& url) {
        etcd::StoreOptions options = etcd::parse_url(url);
        options.api = api_;
        return etcd::make_store(threads_.executor(), options);
    }

    const etcd::ApiVersion api_;
    EtcdServer& etcd_;
    BadServer silent_{Badness::silent};
    Threads threads_{2};
};

}  // namespace

TENURE_CONFORMANCE_SUITE(etcd_v3,
                         [] { return std::make_unique<EtcdFixture>(etcd::ApiVersion::v3); })
TENURE_CONFORMANCE_SUITE(etcd_v2,
                         [] { return std::make_unique<EtcdFixture>(etcd::ApiVersion::v2); })

}  // namespace tenure::test
