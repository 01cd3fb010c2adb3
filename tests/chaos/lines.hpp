// A line from each candidate to each member of etcd, so that a member can be lost to all, and a
// candidate be cut off from all members while the others go on.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/fault.hpp"
#include "tests/support/etcd_cluster.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::chaos {

class Lines {
public:
    Lines(const test::EtcdCluster& cluster, std::size_t candidates);

    /// `etcd://` with the candidate's three lines.
    std::string store_url(std::size_t candidate) const;

    struct Trouble {
        FaultKind kind{};
        /// The member or the candidate, as the kind says.
        std::size_t whom = 0;
        std::chrono::milliseconds delay{};
        friend bool operator==(const Trouble&, const Trouble&) = default;
    };
    /// Where several meet in one line, the worst holds.
    void begin(const Trouble& trouble);
    void end(const Trouble& trouble);
    /// For those that happen at once.
    void drop_connections(std::size_t member);
    void forget_connections(std::size_t member);

    /// Connections that are open now, on all lines.
    std::size_t open() const;

private:
    struct Line {
        std::unique_ptr<test::TcpProxy> proxy;
        std::optional<Trouble> trouble{};
    };

    void apply();
    std::optional<Trouble> worst(std::size_t candidate, std::size_t member) const;

    std::size_t members_;
    /// Those of a candidate stand together.
    std::vector<Line> lines_;
    std::vector<Trouble> troubles_;
};

}  // namespace tenure::chaos
