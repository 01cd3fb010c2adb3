// A user and a password, out of the options or a file.
#pragma once

#include <string>
#include <tenure/etcd.hpp>

namespace tenure::etcd::detail {

/// With the password from its file, where there is one.
/// Throws std::invalid_argument that says what is wrong, and never what the file holds.
Credentials load_credentials(Credentials credentials);

/// As the header Authorization of RFC 7617: what the v2 API takes.
std::string basic_authorization(const Credentials& credentials);

}  // namespace tenure::etcd::detail
