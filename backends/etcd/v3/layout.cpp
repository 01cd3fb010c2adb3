#include "backends/etcd/v3/layout.hpp"

#include <charconv>

namespace tenure::etcd::detail::v3 {

std::string first_key_of(const std::string& prefix) {
    return prefix + '/';
}

std::string end_of_keys_of(const std::string& prefix) {
    return prefix + static_cast<char>('/' + 1);
}

std::string key_of(const std::string& prefix, LeaseId lease) {
    char digits[20];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), to_integer(lease), 16).ptr;
    return first_key_of(prefix).append(digits, end);
}

bool is_entry_of(const std::string& prefix, const std::string& key) {
    const std::string first = first_key_of(prefix);
    return key.starts_with(first) && key.find('/', first.size()) == std::string::npos;
}

Entry to_entry(const KeyValue& kv) {
    return {.key = kv.key,
            .value = kv.value,
            .lease = LeaseId{kv.lease},
            .created = Revision{kv.create_revision}};
}

}  // namespace tenure::etcd::detail::v3
