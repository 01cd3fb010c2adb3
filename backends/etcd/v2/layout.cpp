#include "backends/etcd/v2/layout.hpp"

#include <algorithm>
#include <charconv>

#include "text/utf8.hpp"

namespace tenure::etcd::detail::v2 {
namespace {

constexpr std::size_t digits = 20;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// etcd cleans paths as a file system does.
bool is_kept(std::string_view part) {
    return !part.empty() && part != "." && part != "..";
}

}  // namespace

result<std::string> directory_of(std::string_view election) {
    const std::string path = path_of(election);
    std::string_view rest = path;
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::string_view part = rest.substr(0, rest.find('/'));
        if (!is_kept(part)) {
            return Error(errc::refused, "the v2 keys API cannot have an election named '" +
                                            std::string(election) + "': '" + std::string(part) +
                                            "' between slashes would mean another place");
        }
        rest.remove_prefix(part.size());
    }
    return path;
}

result<void> check_value(std::string_view value) {
    while (!value.empty()) {
        if (!tenure::detail::take_code_point(value)) {
            return Error(errc::refused, "the v2 keys API takes values of UTF-8 text only");
        }
    }
    return {};
}

std::string path_of(std::string_view key) {
    return key.starts_with('/') ? std::string(key) : '/' + std::string(key);
}

std::int64_t number_of(std::string_view directory, const std::string& key) {
    const std::string_view text = key;
    if (text.size() != directory.size() + 1 + digits || parent_of(text) != directory) return 0;
    const std::string_view name = text.substr(directory.size() + 1);
    if (!std::ranges::all_of(name, is_digit)) return 0;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    return error == std::errc() ? number : 0;
}

std::string_view parent_of(std::string_view path) {
    return path.substr(0, path.rfind('/'));
}

Entry to_entry(const Node& node, std::int64_t number) {
    return {.key = node.key, .value = node.value, .lease = {}, .created = Revision{number}};
}

}  // namespace tenure::etcd::detail::v2
