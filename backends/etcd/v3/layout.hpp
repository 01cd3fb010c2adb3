// Where an election's entries are in etcd: below its name, each named by its lease. The same
// as in etcd's Go client and etcdctl, so that all of them stand in one line.
#pragma once

#include <string>
#include <tenure/key_store.hpp>

#include "backends/etcd/v3/messages.hpp"

namespace tenure::etcd::detail::v3 {

/// The keys of an election are from here…
std::string first_key_of(const std::string& prefix);
/// …to before here.
std::string end_of_keys_of(const std::string& prefix);
std::string key_of(const std::string& prefix, LeaseId lease);
/// Whether the key is an entry of the election, and not one of an election named below it.
bool is_entry_of(const std::string& prefix, const std::string& key);

Entry to_entry(const KeyValue& kv);

}  // namespace tenure::etcd::detail::v3
