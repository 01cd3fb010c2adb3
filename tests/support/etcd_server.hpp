// A real etcd of the test's own: one member on free loopback ports, its data in a temporary
// folder that goes with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/etcd_member.hpp"

namespace tenure::test {

/// What follows the address in a store's URL: `?api=v2` when TENURE_TEST_API says so, as ctest does
/// where a test runs over both APIs; else nothing.
std::string api_query();

class EtcdServer {
public:
    /// Serves the v2 keys API, too. Returns when it serves. Throws std::runtime_error, with etcd's
    /// last words, when it does not within 20 seconds, or is not installed: a test without its etcd
    /// has failed.
    explicit EtcdServer(std::vector<std::string> extra_arguments = {});
    /// Kills it and removes its data.
    ~EtcdServer();
    EtcdServer(const EtcdServer&) = delete;
    EtcdServer& operator=(const EtcdServer&) = delete;

    std::uint16_t port() const noexcept { return member_->port(); }
    /// `127.0.0.1:PORT`.
    std::string address() const { return member_->address(); }
    /// `etcd://127.0.0.1:PORT` and `api_query()`, as `open_store` takes it.
    std::string store_url() const;
    /// The same over the v2 keys API, whatever the test runs over.
    std::string v2_url() const;
    /// `http://127.0.0.1:PORT`.
    std::string http_url() const { return member_->http_url(); }
    pid_t pid() const { return member_->pid(); }

    /// Stops the process where it stands (SIGSTOP): it still accepts, and answers nothing.
    void pause() { member_->pause(); }
    void resume() { member_->resume(); }
    /// As a power cut: SIGKILL.
    void kill() { member_->kill(); }
    /// After `kill`: on the same data and ports. Returns when it serves.
    void start_again();

    /// What etcd says of itself at /metrics.
    std::string metrics() const { return member_->metrics(); }
    /// The sum of all samples of one metric whose labels contain `label`; 0 when there is none.
    double metric(const std::string& name, const std::string& label = {}) const;

    /// What it has written to its log since the last time; until it is taken, it is kept in memory.
    std::string take_log() { return member_->new_words(); }

    /// Runs `etcdctl` against it, to its end, for at most ten seconds.
    Ended etcdctl(std::vector<std::string> arguments) const;
    /// The same over the v2 API.
    Ended etcdctl_v2(std::vector<std::string> arguments) const;
    /// The same for a command that goes on, as `elect` and `watch` do.
    std::unique_ptr<ChildProcess> start_etcdctl(std::vector<std::string> arguments) const;

private:
    // True when it serves; false when it ended by itself, with its words in `last_words`.
    bool launch();
    std::string last_words() const;

    std::filesystem::path folder_;
    std::unique_ptr<EtcdMember> member_;
};

}  // namespace tenure::test
