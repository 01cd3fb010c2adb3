// The store on etcd keeps the contract by whatever way it is reached.
#include "tests/etcd/fixture.hpp"
#include "tests/etcd/through_tls.hpp"
#include "tests/support/secure_etcd.hpp"

namespace tenure::test {
namespace {

std::unique_ptr<EtcdFixture> over_requests() {
    return std::make_unique<EtcdFixture>(setting_of(shared_etcd(), [](const std::string& address) {
        return etcd::parse_url("etcd://" + address + "?watch=stream");
    }));
}

std::unique_ptr<EtcdFixture> over_tls() {
    static SecureEtcd etcd({.certificate = authority().issue({.name = "tls"})});
    return std::make_unique<EtcdFixture>(
        setting_of(etcd, [](const std::string& address) { return through_tls(address); }));
}

// Both sides show certificates, and we sign in.
std::unique_ptr<EtcdFixture> over_mutual_tls_as_a_user() {
    static SecureEtcd etcd({.certificate = authority().issue({.name = "mutual"}),
                            .client_ca = authority().file(),
                            .extra_arguments = {"--bcrypt-cost=4"}});
    static const CertificateFiles own =
        authority().issue({.name = "client", .has_common_name = false});
    static const bool is_ready = [] {
        etcd.add_role("all", "");
        etcd.add_user("ann", "secret", "all");
        etcd.ask_for_passwords();
        return true;
    }();
    static_cast<void>(is_ready);
    return std::make_unique<EtcdFixture>(setting_of(etcd, [](const std::string& address) {
        etcd::StoreOptions options = through_tls_as(own, address);
        options.credentials = {.user = "ann", .password = "secret"};
        return options;
    }));
}

}  // namespace

TENURE_CONFORMANCE_SUITE(etcd_over_requests, over_requests)
TENURE_CONFORMANCE_SUITE(etcd_over_tls, over_tls)
TENURE_CONFORMANCE_SUITE(etcd_over_mutual_tls_as_a_user, over_mutual_tls_as_a_user)

}  // namespace tenure::test
