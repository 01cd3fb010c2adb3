// One member of an etcd as a process: what a server of its own and a cluster have in common.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.hpp"

namespace tenure::test {

struct MemberOptions {
    std::string name = "test";
    /// Where its data is; made when it is first launched.
    std::filesystem::path data{};
    std::uint16_t port = 0;
    std::uint16_t peer_port = 0;
    /// Where the others are to reach it; `peer_port` when 0.
    std::uint16_t told_peer_port = 0;
    /// The whole cluster as etcd wants it, `name=http://…,…`; itself alone when empty.
    std::string initial_cluster{};
    std::vector<std::string> extra_arguments{};
};

/// Thread safety: `is_healthy` and what speaks HTTP from any thread; the rest from one.
class EtcdMember {
public:
    /// Starts nothing yet.
    explicit EtcdMember(MemberOptions options) : options_(std::move(options)) {}

    std::uint16_t port() const noexcept { return options_.port; }
    const std::string& name() const noexcept { return options_.name; }
    /// `127.0.0.1:PORT`.
    std::string address() const;
    /// `http://127.0.0.1:PORT`.
    std::string http_url() const;
    /// -1 while there is no process.
    pid_t pid() const;

    /// Starts the process, on the data there is, and does not wait. Throws std::runtime_error when
    /// there is no etcd to start.
    void launch();
    /// Whether it answers a linearizable read, which takes a leader.
    bool is_healthy(milliseconds bound = std::chrono::seconds(1)) const;
    /// False when it is not healthy within `bound`, or has ended, with its end in `last_words`.
    bool await_health(milliseconds bound);
    const std::string& last_words() const noexcept { return last_words_; }
    /// The exit status, or minus the signal, once it has ended without `kill`.
    std::optional<int> ended();

    /// Stops the process where it stands (SIGSTOP): it still accepts, and answers nothing.
    void pause();
    void resume();
    /// As a power cut: SIGKILL.
    void kill();
    /// As an operator ends it: SIGTERM. It is gone when `ended` says so, or after `kill`.
    void ask_to_end();

    /// What it has logged since this was asked last.
    std::string new_words();
    /// What it says of itself at /metrics.
    std::string metrics() const;

private:
    MemberOptions options_;
    std::string last_words_;
    std::unique_ptr<ChildProcess> process_;
};

/// A folder of its own below the system's temporary one.
std::filesystem::path make_temporary_folder();

/// `etcdctl` over one of its APIs, "3" or "2", at endpoints such as `http://127.0.0.1:2379`.
Command etcdctl_command(const std::string& endpoints, const char* api,
                        std::vector<std::string> arguments);

}  // namespace tenure::test
