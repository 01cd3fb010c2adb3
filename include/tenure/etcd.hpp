// etcd over HTTP: no gRPC. Link tenure::etcd; `open_store("etcd://…")` then works too.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
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

/// Which of etcd's HTTP APIs is spoken. Each has its own keys: an election over v2 and one of the
/// same name over v3 know nothing of each other.
enum class ApiVersion {
    /// The JSON gateway of etcd 3.4 and later: shared with etcdctl and Go's clients.
    v3,
    /// The keys API, which etcd 3.4 and 3.5 serve when started with `--enable-v2=true`, and 3.6
    /// does not: shared with the npm module etcd-leader. docs/etcd.md says what it cannot do.
    v2,
};

/// Whom to trust, and how to prove who we are. Files are in PEM format, and read when the store is
/// made.
struct TlsOptions {
    /// Whose signature a server's certificate must bear. Empty: those the system trusts.
    std::string ca_file;
    /// Our own certificate, with what leads up to its CA, and its key, without a password. Both or
    /// neither.
    std::string certificate_file;
    std::string key_file;
    /// What servers' certificates must be for. Empty: each one's host, as the endpoint says it.
    std::string server_name;
    /// Takes any certificate: whoever stands on the way to the server can then read and change
    /// everything. For experiments.
    bool insecure_skip_verification = false;
};

/// A user of etcd's own. It is signed in when the first request is made, and again whenever etcd
/// has forgotten it.
struct Credentials {
    std::string user;
    std::string password{};
    /// Read when the store is made, instead of `password`; a line break at its end is left out.
    std::string password_file{};
};

/// What watches and renewals go over, in v3.
enum class StreamKind {
    /// A WebSocket each for all watches and for all renewals, where etcd and what is before it
    /// take that; else requests.
    automatic,
    web_socket,
    /// A request that stays open for each watch, and one for each renewal. Beyond 16 watches, those
    /// of elections below a common root share one, where the user may read all of it.
    request,
};

struct StoreOptions {
    /// Tried in turn; at least one.
    std::vector<Endpoint> endpoints;
    ApiVersion api = ApiVersion::v3;
    /// None: plain text.
    std::optional<TlsOptions> tls{};
    std::optional<Credentials> credentials{};
    StreamKind streams = StreamKind::automatic;
    /// How long one request may take at one endpoint, connecting included.
    std::chrono::milliseconds request_timeout = std::chrono::seconds(2);
    /// How often open watches are vouched for: by a ping on their stream and a linearizable read
    /// at the same endpoint. A watch on a dead or isolated member fails within this time plus
    /// `request_timeout`. Over v2, renewals at that endpoint vouch as well, and the time is half
    /// the TTL where that is longer; a single connection that died silently is found when polls
    /// are opened anew, every 10 times this.
    std::chrono::milliseconds watch_check = std::chrono::seconds(3);
};

/// A store on etcd, on a strand of its own. Connects when first used. The executor's context must
/// outlive it; it has work only while a request or a watch is open, so an idle store lets `run()`
/// return.
///
/// An answer may take `request_timeout` at each endpoint in turn. What came of an `update` or a
/// `guarded_put` is not asked a second time when it is unknown: that is `errc::timed_out` or
/// `errc::unreachable`.
/// Throws std::invalid_argument that names what is wrong with the options, or with a file they
/// name.
std::shared_ptr<KeyStore> make_store(boost::asio::any_io_executor executor, StoreOptions options);

/// What a URL says: `etcd://[user[:password]@]host[:port][,host[:port]…][?api=v2&timeout=500ms]`,
/// with TLS `etcds://`; docs/etcd.md lists the options. No error repeats a URL with a user in it.
/// Throws std::invalid_argument that says which part is wrong.
StoreOptions parse_url(std::string_view url);

}  // namespace tenure::etcd
