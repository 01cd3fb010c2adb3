#include "backends/etcd/endpoints.hpp"

#include "backends/etcd/credentials.hpp"

namespace tenure::etcd::detail {

std::string to_string(const Endpoint& endpoint) {
    const bool is_v6 = endpoint.host.find(':') != std::string::npos;
    return (is_v6 ? '[' + endpoint.host + ']' : endpoint.host) + ':' +
           std::to_string(endpoint.port);
}

std::string quote(std::string_view text) {
    constexpr std::size_t enough = 120;
    std::string quoted = "'";
    for (const char c : text.substr(0, enough)) {
        const bool printable = c >= ' ' && c <= '~';
        quoted += printable ? c : (c == '\n' || c == '\r' || c == '\t') ? ' ' : '?';
    }
    return quoted + (text.size() > enough ? "…'" : "'");
}

// In v3 a token is asked for instead.
std::string Endpoints::authorization_of(const StoreOptions& options) {
    if (!options.credentials || options.api == ApiVersion::v3) return {};
    return basic_authorization(load_credentials(*options.credentials));
}

}  // namespace tenure::etcd::detail
