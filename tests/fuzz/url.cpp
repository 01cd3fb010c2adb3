// etcd:// URLs: only std::invalid_argument may come of a wrong one, and one that is right can be
// written down from what was read.
#include <stdexcept>
#include <tenure/etcd.hpp>
#include <utility>

#include "backends/etcd/endpoints.hpp"
#include "tests/fuzz/check.hpp"

using namespace tenure;
using namespace tenure::fuzz;
using namespace tenure::etcd;

namespace {

std::string encoded(const std::string& text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string bytes;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        bytes += {'%', digits[byte / 16], digits[byte % 16]};
    }
    return bytes;
}

std::string print(const TlsOptions& tls) {
    std::string options;
    const auto add = [&](const std::string& name, const std::string& value) {
        if (!value.empty()) options += '&' + name + '=' + encoded(value);
    };
    add("ca", tls.ca_file);
    add("cert", tls.certificate_file);
    add("key", tls.key_file);
    add("server_name", tls.server_name);
    if (tls.insecure_skip_verification) options += "&insecure_skip_verification=true";
    return options;
}

std::string print(const StoreOptions& options) {
    std::string url = options.tls ? "etcds://" : "etcd://";
    if (const auto& credentials = options.credentials) {
        url += encoded(credentials->user) + ':' + encoded(credentials->password) + '@';
    }
    const char* separator = "";
    for (const Endpoint& endpoint : options.endpoints)
        url += std::exchange(separator, ",") + detail::to_string(endpoint);
    url += options.api == ApiVersion::v2 ? "?api=v2" : "?api=v3";
    url += "&timeout=" + std::to_string(options.request_timeout.count()) + "ms";
    if (options.streams == StreamKind::request) url += "&watch=stream";
    if (options.streams == StreamKind::web_socket) url += "&watch=websocket";
    if (options.credentials && !options.credentials->password_file.empty()) {
        url += "&password_file=" + encoded(options.credentials->password_file);
    }
    return options.tls ? url + print(*options.tls) : url;
}

// What stands before the last @ may hold a password, be the URL as wrong as it may.
void demand_secrecy(std::string_view url, std::string words) {
    constexpr std::size_t shortest_secret = 12;
    // A password may be made of our own words: it is not they that give it away.
    for (const std::string_view own :
         {"password_file", "insecure_skip_verification", "percent-encoding"}) {
        for (auto at = words.find(own); at != words.npos; at = words.find(own))
            words.replace(at, own.size(), " ");
    }
    // Nor does a quotation, with the mark that ends it.
    std::ranges::replace(words, '\'', ' ');
    const auto at = url.rfind('@');
    if (at == std::string_view::npos) return;
    const std::string_view secret = url.substr(0, at);
    const std::string_view known = url.substr(at);
    for (std::size_t i = 0; i + shortest_secret <= secret.size(); ++i) {
        const std::string_view part = secret.substr(i, shortest_secret);
        // Our own words have blanks, and a URL that is quoted has none.
        const bool is_repeated = words.find(part) != std::string_view::npos &&
                                 known.find(part) == std::string_view::npos;
        demand(!is_repeated || part.find(' ') != std::string_view::npos,
               "a password is not repeated");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view url = text_of(data, size);
    try {
        const StoreOptions options = parse_url(url);
        demand(!options.endpoints.empty(), "there is an endpoint");
        demand(options.request_timeout > options.request_timeout.zero(), "a time-out is positive");
        for (const Endpoint& endpoint : options.endpoints)
            demand(!endpoint.host.empty() && endpoint.port > 0, "an endpoint is whole");
        if (options.credentials) demand(!options.credentials->user.empty(), "a user has a name");
        const StoreOptions again = parse_url(print(options));
        demand(again.endpoints == options.endpoints && print(again) == print(options),
               "a URL that is written down reads the same");
    } catch (const std::invalid_argument& error) {
        const std::string words = error.what();
        demand(words.starts_with("store URL"), "an error says what it is about");
        demand_secrecy(url, words);
    }
    return 0;
}
