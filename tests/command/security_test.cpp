// TLS and passwords as the command's user meets them: one line, an exit code, and no password.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <functional>

#include "tests/command/scene.hpp"
#include "tests/support/secure_etcd.hpp"

namespace tenure::test {
namespace {

CertificateAuthority& authority() {
    static CertificateAuthority the_authority;
    return the_authority;
}

SecureEtcd& etcd() {
    static SecureEtcd* server = [] {
        auto* const made = new SecureEtcd(
            {.certificate = authority().issue({}), .extra_arguments = {"--bcrypt-cost=4"}});
        made->add_role("jobs", "jobs/");
        made->add_user("ann", "open sesame", "jobs");
        made->ask_for_passwords();
        return made;
    }();
    static const std::unique_ptr<SecureEtcd> owner(server);
    return *server;
}

/// Wants a certificate of whoever connects.
SecureEtcd& strict_etcd() {
    static SecureEtcd server(
        {.certificate = authority().issue({.name = "strict"}), .client_ca = authority().file()});
    return server;
}

std::string url_of(const SecureEtcd& server) {
    return "etcds://" + server.address() + "?ca=" + authority().file().string();
}

std::string url_as(const std::string& user) {
    return "etcds://" + user + '@' + etcd().address() + "?ca=" + authority().file().string();
}

const std::string our_certificate_is_refused =
    " does not accept our certificate, or the lack of one";
const std::string good_user = "ann:open%20sesame";

std::vector<std::string> list(const std::string& url, const std::string& election) {
    return {"list", "--store", url, "--election", election};
}

std::vector<std::string> campaign(const std::string& url, const std::string& election) {
    return {"campaign", "--store", url, "--election", election, "--name", "me", "--ttl", "3s"};
}

/// Ends with the code and one line that has these words; never with a password.
void expect_end(const std::vector<std::string>& words, int status, const std::string& said) {
    const Ended ended = run_tenure(words);
    BOOST_TEST(ended.status == status, ended.errors);
    BOOST_TEST(std::ranges::count(ended.errors, '\n') == 1, "not one line: " << ended.errors);
    BOOST_TEST(ended.errors.find(said) != std::string::npos, ended.errors);
    for (const std::string& text : {ended.errors, ended.output})
        BOOST_TEST(text.find("sesame") == std::string::npos, text);
}

/// Whatever the command does, a certificate is why it cannot.
void expect_refusal(const std::string& url, const std::string& said) {
    expect_end(list(url, "jobs/a"), 69, said);
    expect_end(campaign(url, "jobs/a"), 69, said);
    expect_end({"observe", "--store", url, "--election", "jobs/a"}, 69, said);
}

/// Each look runs a program: that is pause enough.
bool comes_true(const std::function<bool()>& look) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!look()) {
        if (std::chrono::steady_clock::now() > end) return false;
    }
    return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(security)

BOOST_AUTO_TEST_CASE(a_user_campaigns_through_tls) {
    TenureProcess ann(campaign(url_as(good_user), "jobs/a"));
    ann.await("elected");
    const Ended listed = run_tenure(list(url_as(good_user), "jobs/a"));
    BOOST_TEST(listed.status == 0, listed.errors);
    BOOST_TEST(listed.output.find("me") != std::string::npos, listed.output);
    BOOST_TEST(ann.end_by(SIGTERM).value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(a_wrong_password_ends_with_77) {
    const std::string words = "does not let user 'ann' in";
    expect_end(list(url_as("ann:close%20sesame"), "jobs/a"), 77, words);
    expect_end(campaign(url_as("ann:close%20sesame"), "jobs/a"), 77, words);
    expect_end({"observe", "--store", url_as("ann:close%20sesame"), "--election", "jobs/a"}, 77,
               words);
}

BOOST_AUTO_TEST_CASE(a_missing_role_ends_with_77) {
    const std::string words = "does not permit user 'ann' to read";
    expect_end(list(url_as(good_user), "others"), 77, words);
    expect_end(campaign(url_as(good_user), "others"), 77, words);
    expect_end({"observe", "--store", url_as(good_user), "--election", "others"}, 77, words);
}

// Its entry is not its own to take away then; what it must not do is keep it alive.
BOOST_AUTO_TEST_CASE(a_leader_whose_role_is_taken_ends_with_77_and_lets_go) {
    SecureEtcd server({.extra_arguments = {"--bcrypt-cost=4"}});
    server.add_role("jobs", "jobs/");
    server.add_user("ann", "open sesame", "jobs");
    server.ask_for_passwords();
    const std::string url = "etcd://" + good_user + '@' + server.plain_address();
    TenureProcess ann(campaign(url, "jobs/a"));
    TenureProcess bob(campaign(url, "jobs/a"));
    ann.await("started");
    bob.await("started");
    const auto entries = [&] {
        return server.etcdctl({"get", "jobs/a/", "--prefix", "--keys-only"}).output;
    };
    BOOST_TEST(comes_true([&] { return std::ranges::count(entries(), '/') == 4; }));
    BOOST_TEST(server.etcdctl({"user", "revoke-role", "ann", "jobs"}).status == 0);
    for (TenureProcess* const each : {&ann, &bob}) {
        BOOST_TEST(each->await_end().value_or(-1) == 77);
        BOOST_TEST(each->history().back().kind == "stopped");
        BOOST_TEST(each->process().rest_of_errors().find("does not permit user 'ann'") !=
                   std::string::npos);
    }
    BOOST_TEST(comes_true([&] { return entries().empty(); }));
}

BOOST_AUTO_TEST_CASE(no_user_ends_with_77) {
    expect_end(list(url_of(etcd()), "jobs/a"), 77, "wants a user and a password");
}

BOOST_AUTO_TEST_CASE(a_bad_certificate_ends_with_69) {
    const std::string url = "etcds://" + etcd().address();
    const std::string words = "shows a certificate that is not to be trusted: ";
    expect_end(list(url, "jobs/a"), 69, words);
    expect_end(campaign(url, "jobs/a"), 69, words);
    expect_end(list(url + "?server_name=elsewhere&ca=" + authority().file().string(), "jobs/a"), 69,
               words + "it is not for 'elsewhere'");
}

BOOST_AUTO_TEST_CASE(a_server_certificate_that_has_expired_ends_with_69) {
    using namespace std::chrono_literals;
    const SecureEtcd expired(
        {.certificate = authority().issue({.name = "expired", .valid_until = -1h})});
    expect_refusal(url_of(expired), expired.address() +
                                        " shows a certificate that is not to be "
                                        "trusted: certificate has expired");
}

BOOST_AUTO_TEST_CASE(a_client_certificate_that_is_missing_ends_with_69) {
    expect_refusal(url_of(strict_etcd()), strict_etcd().address() + our_certificate_is_refused);
}

BOOST_AUTO_TEST_CASE(a_client_certificate_that_has_expired_ends_with_69) {
    using namespace std::chrono_literals;
    const auto with = [](const CertificateFiles& own) {
        return url_of(strict_etcd()) + "&cert=" + own.certificate.string() +
               "&key=" + own.key.string();
    };
    const Ended listed = run_tenure(list(with(authority().issue({.name = "valid"})), "jobs/a"));
    BOOST_TEST(listed.status == 0, listed.errors);
    expect_refusal(with(authority().issue({.name = "too-old", .valid_until = -1h})),
                   strict_etcd().address() + our_certificate_is_refused);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_ends_with_64) {
    const std::string url = "etcds://" + etcd().address();
    expect_end(list(url + "?ca=/nowhere/ca.pem", "jobs/a"), 64,
               "CA file '/nowhere/ca.pem' cannot be read: No such file or directory");
    expect_end(list("etcd://ann@localhost?password_file=/nowhere/password", "jobs/a"), 64,
               "password file '/nowhere/password' cannot be read: No such file or directory");
    expect_end(list("etcd://ann@localhost?password_file=/", "jobs/a"), 64,
               "password file '/' cannot be read: Is a directory");
}

BOOST_AUTO_TEST_CASE(a_password_is_never_shown) {
    expect_end(list("etcd://ann:open%20sesame@localhost:99999", "jobs/a"), 64, "bad port '99999'");
    expect_end(list("etcd://ann:sesame%ZZ@localhost", "jobs/a"), 64, "bad percent-encoding");
    const Ended refused = run_tenure(campaign(url_as("ann:close%20sesame"), "jobs/a"));
    BOOST_TEST(refused.output.find(" on etcds://ann:***@127.0.0.1:") != std::string::npos,
               refused.output);
    expect_end(list("etcd://ann:sesame@localhost?watch=websocket", "jobs/a"), 64,
               "a WebSocket cannot say who the user is");
    expect_end(list("etcd://ann:sesame?x@localhost", "jobs/a"), 64, "are written %2F, %3F, %23");
    expect_end(list("nonsense://ann:sesame@localhost", "jobs/a"), 64, "unknown scheme");
    expect_end(list("etcd://ann:sesame@localhost?foo=1", "jobs/a"), 64, "unknown option 'foo'");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
