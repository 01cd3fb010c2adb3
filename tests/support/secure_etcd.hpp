// A real etcd that speaks TLS, asks for client certificates, or for passwords.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/certificates.hpp"
#include "tests/support/etcd_member.hpp"

namespace tenure::test {

/// Listens twice: with TLS for clients, and without for whoever looks after it.
class SecureEtcd {
public:
    struct Options {
        CertificateFiles certificate{};
        /// Whom clients' certificates must come from; they need none when it is empty.
        std::filesystem::path client_ca{};
        std::vector<std::string> extra_arguments{};
    };
    /// Returns when it serves. Throws std::runtime_error, with etcd's last words, when it does not.
    explicit SecureEtcd(Options options);
    ~SecureEtcd();
    SecureEtcd(const SecureEtcd&) = delete;
    SecureEtcd& operator=(const SecureEtcd&) = delete;

    /// Where TLS is spoken: `127.0.0.1:PORT`.
    std::string address() const;
    std::uint16_t port() const noexcept { return port_; }
    /// Where it is not.
    std::string plain_address() const { return member_->address(); }
    std::uint16_t plain_port() const noexcept { return member_->port(); }

    /// SIGKILL, and again on the same data.
    void kill() { member_->kill(); }
    void start_again();
    /// -1 while it is not running.
    pid_t pid() const { return member_->pid(); }

    std::string metrics() const { return member_->metrics(); }
    /// Runs `etcdctl` to its end, as `user` when passwords are asked for.
    Ended etcdctl(std::vector<std::string> arguments) const;
    /// Makes a role that may read and write what begins with `prefix`.
    void add_role(const std::string& role, const std::string& prefix) const;
    void add_user(const std::string& user, const std::string& password,
                  const std::string& role) const;
    /// From now on passwords are asked for; `root` has `root_password`.
    void ask_for_passwords();
    /// The same for the v2 API, whose users are its own. `user` may read and write everything, and
    /// whoever says nothing of himself only `/filler`, which `forget_history` writes to.
    void ask_for_passwords_over_v2(const std::string& user, const std::string& password) const;

    static constexpr const char* root_password = "the root's own";

private:
    void start(Options options);

    std::filesystem::path folder_;
    std::uint16_t port_ = 0;
    bool asks_ = false;
    std::unique_ptr<EtcdMember> member_;
};

}  // namespace tenure::test
