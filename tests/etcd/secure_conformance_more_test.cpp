// The store on etcd keeps the contract where certificates alone say who we are: without a user all
// goes over WebSockets.
#include "tests/etcd/fixture.hpp"
#include "tests/etcd/through_tls.hpp"
#include "tests/support/secure_etcd.hpp"

namespace tenure::test {
namespace {

// What would have to go over requests instead is an error.
constexpr auto over_web_sockets = "?watch=websocket";

SecureEtcd& strict_etcd() {
    static SecureEtcd etcd(
        {.certificate = authority().issue({.name = "mutual"}), .client_ca = authority().file()});
    return etcd;
}

std::unique_ptr<EtcdFixture> over_mutual_tls() {
    static const CertificateFiles own = authority().issue({.name = "client"});
    return std::make_unique<EtcdFixture>(setting_of(strict_etcd(), [](const std::string& address) {
        return through_tls_as(own, address, over_web_sockets);
    }));
}

}  // namespace

TENURE_CONFORMANCE_SUITE(etcd_over_mutual_tls, over_mutual_tls)

BOOST_AUTO_TEST_SUITE(mutual_tls)

BOOST_AUTO_TEST_CASE(nobody_is_let_in_without_a_certificate) {
    Client client(through_tls(strict_etcd().address(), over_web_sockets));
    const auto granted = client.try_grant();
    BOOST_TEST_REQUIRE(granted.has_error());
    BOOST_TEST(granted.error().code == errc::untrusted, granted.error());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
