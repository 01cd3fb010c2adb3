// Where an election's entries are in the keys API: in a directory of its name, each with a number
// that etcd gave it. The same as the npm module etcd-leader has, so that both stand in one line.
#pragma once

#include <string>
#include <string_view>
#include <tenure/key_store.hpp>

#include "backends/etcd/v2/messages.hpp"

namespace tenure::etcd::detail::v2 {

/// `/a/b` for an election named `a/b`, or `/a/b`. A name that etcd would take for another one
/// (`a/../b`) is refused.
result<std::string> directory_of(std::string_view election);
/// etcd answers in JSON, and would change what is not UTF-8 without a word: that is refused.
result<void> check_value(std::string_view value);
/// An entry's key as etcd has it.
std::string path_of(std::string_view key);

/// The number at the end of an in-order key of that directory; 0 when it is none.
///
/// It is the entry's place and its token. The index of creation is the same number until somebody
/// sets the key by hand; then the key keeps its place, as it does for the npm module.
std::int64_t number_of(std::string_view directory, const std::string& key);
/// The directory that a key is in.
std::string_view parent_of(std::string_view path);

/// Without its lease, which etcd does not know.
Entry to_entry(const Node& node, std::int64_t number);

}  // namespace tenure::etcd::detail::v2
