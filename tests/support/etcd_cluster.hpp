// A real etcd of several members on loopback, any of which can be killed, paused and started again.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/etcd_member.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {

/// How members talk to each other.
enum class PeerLines {
    direct,
    /// Through proxies, so that `cut_off` works.
    breakable,
};

class EtcdCluster {
public:
    /// With etcd's own times: a heartbeat each 100 ms, an election after 1 s. Returns when all
    /// serve. Throws std::runtime_error, with etcd's last words, when they do not within a minute.
    explicit EtcdCluster(std::size_t members = 3, PeerLines lines = PeerLines::direct);
    /// Kills them and removes their data.
    ~EtcdCluster();
    EtcdCluster(const EtcdCluster&) = delete;
    EtcdCluster& operator=(const EtcdCluster&) = delete;

    std::size_t size() const noexcept { return members_.size(); }
    EtcdMember& member(std::size_t index) { return *members_.at(index); }
    const EtcdMember& member(std::size_t index) const { return *members_.at(index); }

    /// The member that leads the others, by its own word and that of most of them; empty when there
    /// is none now. Takes at most `bound` for each member that does not answer.
    std::optional<std::size_t> leader(milliseconds bound = milliseconds(300)) const;
    /// Whether all that have a process serve, at the latest after `bound`.
    bool await_health(milliseconds bound);

    /// Ends all connections between this member and the others, which keep those among themselves,
    /// and lets no new ones come about until `rejoin`. Clients still reach all. Returns when that
    /// is done; the member takes some time to notice. Requires breakable lines, and that the member
    /// runs and is not started again meanwhile.
    void cut_off(std::size_t index);
    void rejoin();

    /// `etcd://` with the addresses of all, as `open_store` takes it.
    std::string store_url() const;
    /// Runs `etcdctl` with all endpoints to its end, for at most ten seconds.
    Ended etcdctl(std::vector<std::string> arguments) const;

private:
    void make_members(std::size_t count);
    bool start();

    std::filesystem::path folder_;
    PeerLines lines_;
    /// Before each member's peer port, when they are breakable.
    std::vector<std::unique_ptr<TcpProxy>> proxies_;
    std::vector<std::unique_ptr<EtcdMember>> members_;
};

}  // namespace tenure::test
