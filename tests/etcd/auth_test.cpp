// Users, passwords and roles on a real etcd that asks for them.
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "tests/etcd/client.hpp"
#include "tests/support/bad_server.hpp"
#include "tests/support/secure_etcd.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using Scope = WatchTarget::Scope;

constexpr auto soon = 20s;
const std::string password = "correct horse";

/// Lets ann do everything below `election-`, and bob nothing.
class StrictEtcd : public SecureEtcd {
public:
    explicit StrictEtcd(std::vector<std::string> more = {})
        : SecureEtcd({.extra_arguments = [&] {
              more.emplace_back("--bcrypt-cost=4");
              return more;
          }()}) {
        add_role("elections", "election-");
        add_role("nothing", "nothing/");
        add_user("ann", password, "elections");
        add_user("bob", password, "nothing");
        ask_for_passwords();
    }
    etcd::StoreOptions options(const std::string& user = "ann") const {
        etcd::StoreOptions options = etcd::parse_url("etcd://" + address());
        options.credentials = {.user = user, .password = password};
        return options;
    }
};

StrictEtcd& strict_etcd() {
    static StrictEtcd server;
    return server;
}

result<Entry> try_create(Client& client, const std::string& name) {
    const auto lease = client.try_grant();
    if (!lease) return lease.error();
    return client.ask<Entry>([&](KeyStore& store, auto reply) {
        store.create({name, "me", lease->id}, reply);
    });
}

std::size_t sign_ins_at(const SecureEtcd& etcd) {
    const std::string metrics = etcd.metrics();
    const std::string name = R"(grpc_method="Authenticate",grpc_service)";
    std::size_t sum = 0;
    for (std::size_t at = 0; (at = metrics.find(name, at)) != metrics.npos; ++at) {
        const std::size_t line = metrics.rfind('\n', at) + 1;
        if (metrics.compare(line, 26, "grpc_server_handled_total{") != 0) continue;
        sum += std::stoul(metrics.substr(metrics.find("} ", at) + 2));
    }
    return sum;
}

void check_denied(const Error& error, const std::string& words) {
    BOOST_TEST(error.code == errc::denied, error);
    BOOST_CHECK(error.code == condition::refused);
    BOOST_TEST(error.detail.find(words) != std::string::npos, error);
    BOOST_TEST(error.detail.find("horse") == std::string::npos, error);
}

/// A whole life: what an election does on one session.
void live(Client& client) {
    const auto lease = client.grant().id;
    const std::string name = fresh_name();
    const Entry entry = client.create(name, "me", lease);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    client.update(entry, "new").value();
    BOOST_TEST(client.renew(lease).has_value());
    BOOST_TEST(client.list(name).entries.size() == 1U);
    BOOST_TEST(watching.heard.wait(1, soon));
    client.revoke(lease).value();
    BOOST_TEST(watching.heard.wait(2, soon));
    BOOST_TEST(describe(watching.heard.all()) == "updated 'new', removed 'new'");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(auth)

BOOST_AUTO_TEST_CASE(whoever_has_the_password_may_do_what_the_role_allows) {
    Client client(strict_etcd().options());
    live(client);
}

BOOST_AUTO_TEST_CASE(a_password_comes_from_the_url_or_from_a_file) {
    const std::string address = strict_etcd().address();
    Client from_url(etcd::parse_url("etcd://ann:correct%20horse@" + address));
    BOOST_TEST(try_create(from_url, fresh_name()).has_value());
    const auto folder = make_temporary_folder();
    const std::string file = folder / "password";
    std::ofstream(file) << password << "\n";
    Client from_file(etcd::parse_url("etcd://ann@" + address + "?password_file=" + file));
    BOOST_TEST(try_create(from_file, fresh_name()).has_value());
    std::filesystem::remove_all(folder);
    BOOST_CHECK_EXCEPTION(
        Client(etcd::parse_url("etcd://ann@" + address + "?password_file=" + file)),
        std::invalid_argument, [&](const std::invalid_argument& wrong) {
            return wrong.what() == "etcd store: password file '" + file +
                                       "' cannot be read: No such file or directory";
        });
}

BOOST_AUTO_TEST_CASE(a_wrong_password_is_denied) {
    etcd::StoreOptions options = strict_etcd().options();
    options.credentials->password = "battery horse";
    Client client(options);
    check_denied(try_create(client, fresh_name()).error(), "does not let user 'ann' in");
    options.credentials->user = "nobody";
    Client other(options);
    check_denied(try_create(other, fresh_name()).error(), "does not let user 'nobody' in");
    const auto watching = other.watch(Scope::prefix, "election-1", Revision{});
    BOOST_TEST_REQUIRE(watching.heard.wait(1, soon));
    const Error error = watching.heard.all().front().error();
    check_denied(error, "does not let user 'nobody' in");
    BOOST_TEST(error.detail.starts_with(strict_etcd().address() + " does not let"), error);
}

BOOST_AUTO_TEST_CASE(no_user_is_told_to_bring_one) {
    Client client({strict_etcd().address()});
    const std::string name = fresh_name();
    check_denied(try_create(client, name).error(), "wants a user and a password");
    const auto watching = client.watch(Scope::prefix, name, Revision{});
    BOOST_TEST_REQUIRE(watching.heard.wait(1, soon));
    check_denied(watching.heard.all().front().error(), "wants a user and a password");
}

// Each costs etcd a bcrypt: candidates that try again and again would keep it busy with that.
BOOST_AUTO_TEST_CASE(who_is_not_let_in_does_not_knock_all_the_time) {
    etcd::StoreOptions options = strict_etcd().options();
    options.credentials->password = "wrong";
    Client client(options);
    const std::size_t before = sign_ins_at(strict_etcd());
    const Instant begin = LeaseClock::now();
    for (int round = 1; round <= 50; ++round)
        BOOST_TEST((client.try_grant().error().code == errc::denied));
    const auto half_seconds = static_cast<std::size_t>((LeaseClock::now() - begin) / 500ms);
    BOOST_TEST(sign_ins_at(strict_etcd()) - before <= half_seconds + 1);
}

// The sanitizers look whether anything is left of it.
BOOST_AUTO_TEST_CASE(a_store_may_end_while_it_waits_for_its_token) {
    const BadServer silent(Badness::silent);
    boost::asio::io_context io;
    etcd::StoreOptions options = etcd::parse_url(silent.store_url());
    options.credentials = {.user = "ann", .password = password};
    auto store = etcd::make_store(io.get_executor(), options);
    const Inbox<Lease> granted;
    store->grant_lease(60s, granted.reply());
    for (int i = 0; i < 20 && silent.requests() == 0; ++i)
        io.run_one_for(100ms);
    BOOST_TEST(silent.requests() == 1U);
    store.reset();
    io.run_for(soon);
    BOOST_TEST(io.stopped());
    BOOST_TEST(granted.all().empty());
}

BOOST_AUTO_TEST_CASE(a_missing_role_is_named) {
    Client client(strict_etcd().options("bob"));
    const std::string name = fresh_name();
    check_denied(
        try_create(client, name).error(),
        "does not permit user 'bob' to read and write keys that begin with '" + name + "/'");
    const auto listing = client.ask<Listing>(
        [&](KeyStore& store, auto reply) { store.list({.prefix = name}, reply); });
    check_denied(listing.error(),
                 "does not permit user 'bob' to read keys that begin with '" + name + "/'");
    const auto watching = client.watch(Scope::prefix, name, Revision{});
    BOOST_TEST_REQUIRE(watching.heard.wait(1, soon));
    check_denied(watching.heard.all().front().error(),
                 "does not permit user 'bob' to watch keys that begin with '" + name + "/'");
}

BOOST_AUTO_TEST_CASE(a_user_gets_along_with_an_etcd_that_asks_nobody) {
    etcd::StoreOptions options = strict_etcd().options();
    const EtcdServer open_etcd;
    options.endpoints = etcd::parse_url("etcd://" + open_etcd.address()).endpoints;
    Client client(options);
    live(client);
}

BOOST_AUTO_TEST_CASE(a_token_that_etcd_has_forgotten_is_asked_for_again) {
    StrictEtcd server;
    Client client(server.options());
    const std::string name = fresh_name();
    const auto lease = client.grant().id;
    const Entry entry = client.create(name, "me", lease);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    client.update(entry, "before").value();
    BOOST_TEST_REQUIRE(watching.heard.wait(1, soon));
    // Its tokens die with it.
    server.kill();
    server.start_again();
    BOOST_TEST(client.renew(lease).has_value());
    BOOST_TEST(comes_true([&] { return client.update(entry, "after").has_value(); }));
    BOOST_TEST(watching.heard.wait(2, soon));
    BOOST_TEST(describe(watching.heard.all()) == "updated 'before', updated 'after'");
}

// Each change of users or roles makes all tokens old.
BOOST_AUTO_TEST_CASE(changed_users_and_roles_end_nothing) {
    StrictEtcd server;
    Client client(server.options());
    const std::string name = fresh_name();
    const auto lease = client.grant().id;
    const Entry entry = client.create(name, "me", lease);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    for (std::size_t i = 1; i <= 5; ++i) {
        server.add_role("role" + std::to_string(i), "elsewhere/");
        BOOST_TEST(client.update(entry, std::to_string(i)).has_value());
        BOOST_TEST(client.renew(lease).has_value());
        BOOST_TEST(watching.heard.wait(i, soon));
    }
    live(client);
}

BOOST_AUTO_TEST_CASE(a_token_that_has_run_out_is_asked_for_again) {
    StrictEtcd server({"--auth-token-ttl=1"});
    Client client(server.options());
    const auto lease = client.grant().id;
    const Entry entry = client.create(fresh_name(), "me", lease);
    const auto watching = client.watch(Scope::key, entry.key, entry.created);
    BOOST_TEST(client.renew(lease).has_value());
    const auto before = server.etcdctl({"get", "nothing"});
    BOOST_TEST(before.status == 0);
    // Nothing is asked for until it has run out, which etcd says nobody.
    const Instant end = LeaseClock::now() + 3s;
    while (LeaseClock::now() < end)
        BOOST_TEST(server.etcdctl({"get", "nothing"}).status == 0);
    BOOST_TEST(client.update(entry, "later").has_value());
    BOOST_TEST(client.renew(lease).has_value());
    BOOST_TEST(watching.heard.wait(1, soon));
    live(client);
}

BOOST_AUTO_TEST_CASE(whoever_is_taken_the_role_hears_of_it) {
    StrictEtcd server;
    Client client(server.options());
    const std::string name = fresh_name();
    const auto lease = client.grant().id;
    const Entry entry = client.create(name, "me", lease);
    BOOST_TEST(server.etcdctl({"user", "revoke-role", "ann", "elections"}).status == 0);
    check_denied(client.update(entry, "no").error(), "does not permit user 'ann'");
    BOOST_TEST(server.etcdctl({"user", "grant-role", "ann", "elections"}).status == 0);
    BOOST_TEST(client.update(entry, "yes").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
