// Chooses the backend, at construction and nowhere else.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tenure/key_store.hpp>
#include <vector>

namespace tenure {

/// Makes a store from the whole URL. Throws std::invalid_argument that says which part of the
/// URL is wrong.
using StoreFactory = std::function<std::shared_ptr<KeyStore>(boost::asio::any_io_executor executor,
                                                             std::string_view url)>;

/// The store that the URL names:
///
///     memory:                          a store of its own, in this process
///     memory:NAME                      the store of that name, one in the process
///     etcd://host:port[,host:port…]    etcd's v3 JSON gateway (link tenure::etcd);
///                                      with ?api=v2 its keys API
///     etcds://…                        the same through TLS
///
/// and what `register_store` has added. Connects to nothing yet: a store that is down is met by
/// the first request. The executor's context must outlive the store.
/// Throws std::invalid_argument that says which part of the URL is wrong.
/// Thread safety: any thread.
std::shared_ptr<KeyStore> open_store(boost::asio::any_io_executor executor, std::string_view url);

/// The URL for people to see: what stands there for a password is `***`.
/// Thread safety: any thread.
std::string without_password(std::string_view url);

/// Makes `scheme:…` known to `open_store`, in place of any earlier factory for that scheme.
/// Throws std::invalid_argument when `scheme` is not a URL scheme (RFC 3986, lower case).
/// Thread safety: any thread.
void register_store(std::string scheme, StoreFactory factory);

/// The schemes that are known, in alphabetical order. Thread safety: any thread.
std::vector<std::string> store_schemes();

}  // namespace tenure
