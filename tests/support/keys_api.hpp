// etcd's v2 keys API as `curl` would use it: for tests that look at what a store has done there, or
// come in between.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/etcd_server.hpp"

namespace tenure::test {

/// The body of the answer, whatever its status. `path` as it goes on the wire, from after
/// `/v2/keys`. Throws when etcd does not answer within five seconds.
std::string get_key(const EtcdServer& etcd, const std::string& path);
std::string put_key(const EtcdServer& etcd, const std::string& path, const std::string& form);
std::string post_key(const EtcdServer& etcd, const std::string& path, const std::string& form);
std::string delete_key(const EtcdServer& etcd, const std::string& path);

/// Writes until etcd remembers nothing of what was before: it keeps the last thousand events.
bool forget_history(std::uint16_t port);
bool forget_history(const EtcdServer& etcd);

}  // namespace tenure::test
