#include "tests/interop/v2_directory.hpp"

#include <boost/json/parse.hpp>
#include <cstdio>
#include <stdexcept>

#include "tests/support/keys_api.hpp"

namespace tenure::test {
namespace {

// All but what may stand in a path anywhere; slashes part the segments.
std::string percent_encoded(const std::string& path) {
    std::string encoded;
    for (const char c : path) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            c == '/' || c == '-' || c == '_') {
            encoded += c;
            continue;
        }
        char escape[4];
        std::snprintf(escape, sizeof escape, "%%%02X", static_cast<unsigned char>(c));
        encoded += escape;
    }
    return encoded;
}

}  // namespace

std::vector<V2Entry> read_directory(const EtcdServer& etcd, const std::string& election) {
    const std::string directory = election.starts_with('/') ? election : '/' + election;
    const auto told =
        boost::json::parse(get_key(etcd, percent_encoded(directory) + "?quorum=true&sorted=true"))
            .as_object();
    std::vector<V2Entry> entries;
    if (told.contains("errorCode")) {
        constexpr int key_not_found = 100;
        if (told.at("errorCode").to_number<int>() == key_not_found) return entries;
        throw std::runtime_error("etcd: " + std::string(told.at("message").as_string()));
    }
    const auto* nodes = told.at("node").as_object().if_contains("nodes");
    if (nodes == nullptr) return entries;
    for (const auto& node : nodes->as_array()) {
        const auto* value = node.as_object().if_contains("value");
        entries.push_back({std::string(node.at("key").as_string()),
                           value ? std::string(value->as_string()) : std::string(),
                           node.at("createdIndex").to_number<std::int64_t>()});
    }
    return entries;
}

V2Reads v2_reads(const EtcdServer& etcd) {
    const auto received = [&etcd](const std::string& method) {
        return etcd.metric("etcd_http_received_total", "method=\"" + method + '"');
    };
    // etcd calls a linearizable read QGET, and counts watches apart.
    return {received("GET") + received("QGET"),
            etcd.metric("etcd_debugging_store_watch_requests_total")};
}

}  // namespace tenure::test
