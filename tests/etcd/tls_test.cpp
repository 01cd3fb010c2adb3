// TLS: whom we trust, whom etcd trusts, and what is said when either does not.
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "tests/etcd/client.hpp"
#include "tests/support/secure_etcd.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

CertificateAuthority& authority() {
    static CertificateAuthority the_authority;
    return the_authority;
}

/// Whoever signs what nobody trusts.
CertificateAuthority& stranger() {
    static CertificateAuthority the_stranger("Somebody else's CA");
    return the_stranger;
}

SecureEtcd& etcd() {
    static SecureEtcd server({.certificate = authority().issue({})});
    return server;
}

SecureEtcd& strict_etcd() {
    static SecureEtcd server(
        {.certificate = authority().issue({.name = "strict"}), .client_ca = authority().file()});
    return server;
}

etcd::StoreOptions options_for(const std::string& address) {
    etcd::StoreOptions options = etcd::parse_url("etcds://" + address);
    options.tls->ca_file = authority().file();
    return options;
}

etcd::StoreOptions with_certificate(const CertificateFiles& files) {
    etcd::StoreOptions options = options_for(strict_etcd().address());
    options.tls->certificate_file = files.certificate;
    options.tls->key_file = files.key;
    return options;
}

Error failure(const etcd::StoreOptions& options) {
    Client client(options);
    const auto listing = client.ask<Listing>(
        [](KeyStore& store, auto reply) { store.list({.prefix = "a"}, reply); });
    BOOST_TEST_REQUIRE(listing.has_error());
    return listing.error();
}

void check_untrusted(const etcd::StoreOptions& options, const std::string& address,
                     const std::string& words) {
    const Error error = failure(options);
    BOOST_TEST(error.code == errc::untrusted, error);
    BOOST_TEST(error.detail.starts_with(address + ' '), error);
    BOOST_TEST(error.detail.find(words) != std::string::npos, error);
}

/// Another etcd whose certificate is not to be trusted.
void check_server(const CertificateFiles& certificate, const std::string& words) {
    const SecureEtcd server({.certificate = certificate});
    check_untrusted(options_for(server.address()), server.address(), words);
}

std::string complaint(etcd::StoreOptions options) {
    Threads threads;
    try {
        etcd::make_store(threads.executor(), std::move(options));
    } catch (const std::invalid_argument& wrong) {
        return wrong.what();
    }
    return "none";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_CASE(a_server_that_our_ca_has_signed_is_trusted) {
    Client client(options_for(etcd().address()));
    const auto lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "me", lease);
    const auto watching = client.watch(WatchTarget::Scope::key, entry.key, entry.created);
    client.update(entry, "new").value();
    BOOST_TEST(client.renew(lease).has_value());
    BOOST_TEST(watching.heard.wait(1, 20s));
    BOOST_TEST(describe(watching.heard.all()) == "updated 'new'");
}

BOOST_AUTO_TEST_CASE(a_name_is_resolved_and_compared) {
    Client client(options_for("localhost:" + std::to_string(etcd().port())));
    BOOST_TEST(client.try_grant().has_value());
}

BOOST_AUTO_TEST_CASE(a_server_name_stands_for_the_host) {
    const SecureEtcd server(
        {.certificate = authority().issue({.name = "named", .for_whom = "DNS:etcd.example"})});
    etcd::StoreOptions options = options_for(server.address());
    check_untrusted(options, server.address(), "it is not for '127.0.0.1'");
    options.tls->server_name = "etcd.example";
    BOOST_TEST(Client(options).try_grant().has_value());
}

BOOST_AUTO_TEST_CASE(whom_our_ca_has_not_signed_is_not_trusted) {
    check_server(stranger().issue({}), "unable to get local issuer certificate");
    etcd::StoreOptions options = options_for(etcd().address());
    options.tls->ca_file.clear();
    check_untrusted(options, etcd().address(), "unable to get local issuer certificate");
}

BOOST_AUTO_TEST_CASE(a_certificate_has_its_time) {
    check_server(authority().issue({.name = "expired", .valid_until = -1h}),
                 "certificate has expired");
    check_server(authority().issue({.name = "early", .valid_from = 1h}),
                 "certificate is not yet valid");
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_host_is_not_trusted) {
    check_server(authority().issue({.name = "elsewhere", .for_whom = "DNS:localhost,IP:127.0.0.2"}),
                 "it is not for '127.0.0.1'");
}

BOOST_AUTO_TEST_CASE(whoever_wants_to_may_skip_all_that) {
    const SecureEtcd server({.certificate = stranger().issue({.name = "any", .for_whom = ""})});
    etcd::StoreOptions options = options_for(server.address());
    options.tls->insecure_skip_verification = true;
    BOOST_TEST(Client(options).try_grant().has_value());
}

BOOST_AUTO_TEST_CASE(etcd_may_ask_for_our_certificate) {
    BOOST_TEST(Client(with_certificate(authority().issue({.name = "me"}))).try_grant().has_value());
    const std::string words = "does not accept our certificate, or the lack of one";
    check_untrusted(options_for(strict_etcd().address()), strict_etcd().address(), words);
    check_untrusted(with_certificate(stranger().issue({.name = "me"})), strict_etcd().address(),
                    words);
    check_untrusted(with_certificate(authority().issue({.name = "expired me", .valid_until = -1h})),
                    strict_etcd().address(), words);
}

BOOST_AUTO_TEST_CASE(one_member_with_a_bad_certificate_is_passed_over) {
    const SecureEtcd bad({.certificate = stranger().issue({.name = "bad"})});
    Client client(options_for(bad.address() + ',' + etcd().address()));
    BOOST_TEST(client.try_grant().has_value());
}

// It may have the good one, or accept ours.
BOOST_AUTO_TEST_CASE(where_a_member_is_away_a_bad_certificate_is_not_the_last_word) {
    const SecureEtcd bad({.certificate = stranger().issue({.name = "bad"})});
    TcpProxy away(etcd().port());
    away.cut();
    const Error error = failure(options_for(bad.address() + ',' + away.address()));
    BOOST_TEST(error.code == errc::unreachable, error);
}

BOOST_AUTO_TEST_CASE(who_takes_one_protocol_for_the_other_is_told) {
    // etcd itself says nothing, and hangs up.
    const Error plain = failure(etcd::parse_url("etcd://" + etcd().address()));
    BOOST_TEST(plain.code == errc::unreachable, plain);
    const Error secure = failure(options_for(etcd().plain_address()));
    BOOST_TEST(secure.code == errc::unreachable, secure);
    BOOST_TEST(secure.detail.find("during the TLS handshake (does it speak TLS there?): ") !=
                   std::string::npos,
               secure);
}

BOOST_AUTO_TEST_CASE(a_handshake_has_its_time) {
    TcpProxy line(etcd().port());
    line.blackhole();
    etcd::StoreOptions options = options_for(line.address());
    options.request_timeout = 300ms;
    BOOST_TEST(failure(options).code == errc::timed_out);
    line.heal();
    BOOST_TEST(Client(options_for(line.address())).try_grant().has_value());
}

BOOST_AUTO_TEST_CASE(a_line_that_is_cut_is_taken_up_again) {
    TcpProxy line(etcd().port());
    Client client(options_for(line.address()));
    const auto lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "me", lease);
    const auto watching = client.watch(WatchTarget::Scope::key, entry.key, entry.created);
    for (std::size_t i = 1; i <= 20; ++i) {
        line.drop_connections();
        BOOST_TEST(client.renew(lease).has_value());
        while (!client.update(entry, std::to_string(i)))
            BOOST_TEST_REQUIRE(client.renew(lease).has_value());
    }
    BOOST_TEST(comes_true([&] {
        const auto heard = watching.heard.all();
        return !heard.empty() && heard.back().value().entry.value == "20" &&
               client.renew(lease).has_value();
    }));
}

BOOST_AUTO_TEST_CASE(files_are_read_when_the_store_is_made) {
    const auto files = authority().issue({.name = "files"});
    const std::string folder = authority().folder();
    const auto complaint_of = [](auto change) {
        etcd::StoreOptions options = etcd::parse_url("etcds://localhost");
        change(*options.tls);
        return complaint(options);
    };
    std::ofstream(folder + "/empty.pem").close();
    std::ofstream(folder + "/junk.pem") << "not a certificate\n";
    BOOST_TEST(complaint_of([&](auto& tls) { tls.ca_file = folder + "/nowhere.pem"; }) ==
               "etcd store: CA file '" + folder +
                   "/nowhere.pem' cannot be read: No such file or directory");
    BOOST_TEST(complaint_of([&](auto& tls) { tls.ca_file = folder; }).find("Is a directory") !=
               std::string::npos);
    BOOST_TEST(complaint_of([&](auto& tls) { tls.ca_file = folder + "/empty.pem"; }) ==
               "etcd store: CA file '" + folder + "/empty.pem' is empty");
    BOOST_TEST(complaint_of([&](auto& tls) {
                   tls.ca_file = folder + "/junk.pem";
               }).find("is not in PEM format, or damaged") != std::string::npos);
    BOOST_TEST(complaint_of([&](auto& tls) { tls.certificate_file = files.certificate; }) ==
               "etcd store: a certificate file is given, and no key file to go with it");
    BOOST_TEST(complaint_of([&](auto& tls) { tls.key_file = files.key; }) ==
               "etcd store: a key file is given, and no certificate file to go with it");
    const auto other = authority().issue({.name = "other"});
    BOOST_TEST(complaint_of([&](auto& tls) {
                   tls.certificate_file = files.certificate;
                   tls.key_file = other.key;
               }) == "etcd store: key file '" + other.key.string() +
                         "' is not the key of the certificate '" + files.certificate.string() +
                         "'");
    BOOST_TEST(complaint_of([&](auto& tls) {
                   tls.certificate_file = folder + "/junk.pem";
                   tls.key_file = files.key;
               }).find("certificate file '" + folder + "/junk.pem' is not in PEM format") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
