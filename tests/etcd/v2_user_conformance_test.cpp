// The store keeps the contract over a v2 API that asks for passwords, through TLS. A password is
// looked at with each request, and each look takes etcd some 60 ms of work.
#include "tests/etcd/fixture.hpp"
#include "tests/etcd/through_tls.hpp"
#include "tests/support/keys_api.hpp"
#include "tests/support/secure_etcd.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

constexpr auto user = "ann";
constexpr auto password = "correct horse";

SecureEtcd& strict_etcd() {
    static SecureEtcd etcd({.certificate = authority().issue({})});
    static const bool is_ready = [] {
        etcd.ask_for_passwords_over_v2(user, password);
        return true;
    }();
    static_cast<void>(is_ready);
    return etcd;
}

etcd::StoreOptions as_ann(const std::string& address) {
    etcd::StoreOptions options = through_tls(address, "?api=v2");
    options.credentials = {.user = user, .password = password};
    // A hundred watches are opened at once in the suite.
    options.request_timeout = 20s;
    return options;
}

std::unique_ptr<EtcdFixture> over_v2_as_a_user() {
    Setting setting = setting_of(strict_etcd(), as_ann);
    setting.forget = [] { return forget_history(strict_etcd().plain_port()); };
    setting.limits.answer = 60s;
    setting.limits.failure = 60s;
    return std::make_unique<EtcdFixture>(std::move(setting));
}

Error failure(const etcd::StoreOptions& options) {
    Client client(options);
    const auto listing = client.ask<Listing>(
        [](KeyStore& store, auto reply) { store.list({.prefix = "a"}, reply); });
    BOOST_TEST_REQUIRE(listing.has_error());
    return listing.error();
}

}  // namespace

TENURE_CONFORMANCE_SUITE(etcd_v2_over_tls_as_a_user, over_v2_as_a_user)

BOOST_AUTO_TEST_SUITE(v2_users)

BOOST_AUTO_TEST_CASE(nobody_is_let_in_without_the_password) {
    etcd::StoreOptions options = as_ann(strict_etcd().address());
    options.credentials->password = "close horse";
    const Error wrong = failure(options);
    BOOST_TEST(wrong.code == errc::denied, wrong);
    BOOST_TEST(wrong.detail.find("horse") == std::string::npos, wrong);
    options.credentials.reset();
    const Error nobody = failure(options);
    BOOST_TEST(nobody.code == errc::denied, nobody);
    BOOST_TEST_MESSAGE(wrong.detail << " | " << nobody.detail);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
