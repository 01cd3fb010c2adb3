// Answers as etcd would write them: what the codec has read can be written down, and must then be
// read as the same.
#pragma once

#include <string>

#include "backends/etcd/v2/messages.hpp"
#include "backends/etcd/v3/messages.hpp"

namespace tenure::fuzz {

std::string print(const etcd::detail::v3::TransactionAnswer& answer);
std::string print(const etcd::detail::v3::LeaseAnswer& answer);
/// Without what makes it a message of a stream.
std::string print(const etcd::detail::v3::WatchAnswer& answer);
std::string in_stream(const std::string& answer);
/// Only of one that is done.
std::string print(const etcd::detail::v2::Answer& answer);

/// A revision that the store may add one to, and take one from.
void demand_revision(std::int64_t revision);
void demand_sound(const etcd::detail::v3::KeyValue& entry);

}  // namespace tenure::fuzz
