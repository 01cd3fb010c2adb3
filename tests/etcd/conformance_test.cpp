// The store on etcd keeps the contract, over each API.
#include "tests/etcd/fixture.hpp"
#include "tests/support/keys_api.hpp"

namespace tenure::test {
namespace {

std::unique_ptr<EtcdFixture> over_v3() {
    return std::make_unique<EtcdFixture>(setting_of(shared_etcd(), [](const std::string& address) {
        return etcd::parse_url("etcd://" + address);
    }));
}

std::unique_ptr<EtcdFixture> over_v2() {
    Setting setting = setting_of(shared_etcd(), [](const std::string& address) {
        return etcd::parse_url("etcd://" + address + "?api=v2");
    });
    setting.forget = [] { return forget_history(shared_etcd()); };
    return std::make_unique<EtcdFixture>(std::move(setting));
}

}  // namespace

TENURE_CONFORMANCE_SUITE(etcd_v3, over_v3)
TENURE_CONFORMANCE_SUITE(etcd_v2, over_v2)

}  // namespace tenure::test
