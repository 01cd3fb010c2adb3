// What a store needs to speak TLS: read from files once, when the store is made.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tenure/etcd.hpp>

namespace boost::asio::ssl {
class context;
}

namespace tenure::etcd::detail {

/// What is the same for all connections of a store.
struct Tls {
    std::shared_ptr<boost::asio::ssl::context> context;
    /// What the certificates of servers must be for; empty for each one's own host.
    std::string server_name;
    bool verifies = true;
};

/// Throws std::invalid_argument that names the file and what is wrong with it.
std::shared_ptr<const Tls> load_tls(const TlsOptions& options);

class BackOff;

/// Whom to connect to, and how.
struct Peer {
    Endpoint endpoint;
    /// None for plain text.
    std::shared_ptr<const Tls> tls{};
    /// The header of that name in all requests that have none of their own. Never part of an error.
    std::string authorization{};
    /// When it may be connected to; at once without one.
    std::shared_ptr<BackOff> back_off{};
};

}  // namespace tenure::etcd::detail
