#include "tests/support/secure_etcd.hpp"

#include <stdexcept>
#include <utility>

#include "tests/support/http_get.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

void must(const Ended& ended, const std::string& what) {
    if (ended.status != 0) throw std::runtime_error("etcdctl " + what + ": " + ended.errors);
}

}  // namespace

SecureEtcd::SecureEtcd(Options options) : folder_(make_temporary_folder()) {
    // Somebody else may take a port between our looking and etcd's binding.
    constexpr int most_attempts = 5;
    for (int attempt = 1;; ++attempt) {
        try {
            start(options);
            return;
        } catch (const std::runtime_error& error) {
            const std::string words = error.what();
            const bool is_taken = words.find("address already in use") != std::string::npos;
            member_.reset();
            std::filesystem::remove_all(folder_ / "data");
            if (is_taken && attempt < most_attempts) continue;
            std::filesystem::remove_all(folder_);
            throw;
        }
    }
}

void SecureEtcd::start(Options options) {
    port_ = free_server_port();
    MemberOptions member{
        .data = folder_ / "data", .port = free_server_port(), .peer_port = free_server_port()};
    const std::string both =
        "https://" + address() + ",http://127.0.0.1:" + std::to_string(member.port);
    member.extra_arguments = std::move(options.extra_arguments);
    const auto add = [&](const char* flag, const std::string& value) {
        member.extra_arguments.insert(member.extra_arguments.end(), {flag, value});
    };
    if (!options.certificate.certificate.empty()) {
        add("--listen-client-urls", both);
        add("--cert-file", options.certificate.certificate);
        add("--key-file", options.certificate.key);
    }
    if (!options.client_ca.empty()) {
        add("--trusted-ca-file", options.client_ca);
        member.extra_arguments.emplace_back("--client-cert-auth=true");
    }
    if (options.certificate.certificate.empty()) port_ = member.port;
    member_ = std::make_unique<EtcdMember>(std::move(member));
    start_again();
}

SecureEtcd::~SecureEtcd() {
    member_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string SecureEtcd::address() const {
    return "127.0.0.1:" + std::to_string(port_);
}

void SecureEtcd::start_again() {
    member_->launch();
    if (!member_->await_health(20s)) {
        throw std::runtime_error("etcd does not start: " + member_->last_words());
    }
}

Ended SecureEtcd::etcdctl(std::vector<std::string> arguments) const {
    if (asks_) arguments.insert(arguments.begin(), std::string("--user=root:") + root_password);
    return run(etcdctl_command(member_->http_url(), "3", std::move(arguments)), 10s);
}

void SecureEtcd::add_role(const std::string& role, const std::string& prefix) const {
    must(etcdctl({"role", "add", role}), "role add");
    must(etcdctl({"role", "grant-permission", "--prefix=true", role, "readwrite", prefix}),
         "role grant-permission");
}

void SecureEtcd::add_user(const std::string& user, const std::string& password,
                          const std::string& role) const {
    must(etcdctl({"user", "add", user + ':' + password}), "user add");
    must(etcdctl({"user", "grant-role", user, role}), "user grant-role");
}

void SecureEtcd::ask_for_passwords() {
    must(etcdctl({"user", "add", std::string("root:") + root_password}), "user add root");
    must(etcdctl({"user", "grant-role", "root", "root"}), "user grant-role root");
    must(etcdctl({"auth", "enable"}), "auth enable");
    asks_ = true;
}

void SecureEtcd::ask_for_passwords_over_v2(const std::string& user,
                                           const std::string& password) const {
    const std::string root = std::string("root:") + root_password;
    const auto ctl = [&](std::vector<std::string> words) {
        const std::string what = "over v2, " + words.at(0) + ' ' + words.at(1);
        words.insert(words.begin(), "--username=" + root);
        must(run(etcdctl_command(member_->http_url(), "2", std::move(words)), 10s), what);
    };
    // Until passwords are asked for, whose is given does not matter.
    ctl({"user", "add", root});
    ctl({"user", "add", user + ':' + password});
    ctl({"role", "add", "all"});
    ctl({"role", "grant", "--path=/*", "--readwrite", "all"});
    ctl({"user", "grant", "--roles=all", user});
    ctl({"auth", "enable"});
    ctl({"role", "revoke", "--path=/*", "--readwrite", "guest"});
    ctl({"role", "grant", "--path=/filler", "--readwrite", "guest"});
}

}  // namespace tenure::test
