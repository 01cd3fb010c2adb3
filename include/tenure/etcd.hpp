// etcd over HTTP: no gRPC. Link tenure::etcd; `open_store("etcd://…")` then works too.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <tenure/key_store.hpp>
#include <vector>

namespace tenure::etcd {

struct Endpoint {
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    std::string host;
    std::uint16_t port = 2379;
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct StoreOptions {
    /// Tried in turn; at least one.
    std::vector<Endpoint> endpoints;
    /// How long one request may take at one endpoint, connecting included.
    std::chrono::milliseconds request_timeout = std::chrono::seconds(2);
    /// How often open watches are vouched for: by a ping on their stream and a linearizable read
    /// at the same endpoint. A watch on a dead or isolated member fails within this time plus
    /// `request_timeout`.
    std::chrono::milliseconds watch_check = std::chrono::seconds(3);
};

/// A store on etcd's v3 JSON gateway, 3.4 or later, on a strand of its own. Connects when first
/// used. The executor's context must outlive it; it has work only while a request or a watch is
/// open, so an idle store lets `run()` return.
///
/// An answer may take `request_timeout` at each endpoint in turn. What came of an `update` or a
/// `guarded_put` is not asked a second time when it is unknown: that is `errc::timed_out` or
/// `errc::unreachable`.
/// Throws std::invalid_argument that names what is wrong with the options.
std::shared_ptr<KeyStore> make_store(boost::asio::any_io_executor executor, StoreOptions options);

/// What a URL says: `etcd://host[:port][,host[:port]…][?timeout=500ms]`.
/// Throws std::invalid_argument that says which part is wrong.
StoreOptions parse_url(std::string_view url);

}  // namespace tenure::etcd
