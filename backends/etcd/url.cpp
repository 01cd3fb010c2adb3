// etcd:// URLs. A list of hosts is not in the standard for URLs, so the list is taken apart
// here, and each host by Boost.URL.
#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/parse_query.hpp>
#include <charconv>
#include <set>
#include <stdexcept>
#include <tenure/etcd.hpp>

namespace tenure::etcd {
namespace {

namespace urls = boost::urls;

constexpr std::string_view scheme = "etcd://";

// Says what is wrong without repeating a URL that may hold a password.
[[noreturn]] void refuse(std::string_view url, const std::string& what) {
    const bool has_secret = url.find('@') != std::string_view::npos;
    throw std::invalid_argument(
        (has_secret ? "store URL: " : "store URL '" + std::string(url) + "': ") + what);
}

std::uint16_t parse_port(std::string_view url, std::string_view text, std::string_view element) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0) {
        refuse(url, "bad port '" + std::string(text) + "' in '" + std::string(element) +
                        "': a number from 1 to 65535 is needed");
    }
    return port;
}

Endpoint parse_endpoint(std::string_view url, std::string_view element) {
    if (element.empty()) refuse(url, "an endpoint in the list is empty");
    // The port on its own first: what is wrong with it shall be said in words of its own.
    Endpoint endpoint;
    std::string_view host = element;
    if (element.starts_with('[') && element.find(']') == element.npos) {
        refuse(url, "a closing bracket is missing in '" + std::string(element) + "'");
    }
    const auto colon = element.rfind(':');
    const auto bracket = element.rfind(']');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    if (has_port) {
        host = element.substr(0, colon);
        if (host.find(':') != std::string_view::npos && !host.starts_with('[')) {
            refuse(url, "'" + std::string(element) +
                            "' has several colons: an IPv6 address is written in brackets, as "
                            "[::1]:2379");
        }
        endpoint.port = parse_port(url, element.substr(colon + 1), element);
    }
    if (host.empty()) refuse(url, "the host is missing in '" + std::string(element) + "'");
    const auto parsed = urls::parse_authority(host);
    const bool understood = parsed && parsed->host_type() != urls::host_type::ipvfuture &&
                            host.find('%') == std::string_view::npos &&
                            std::ranges::none_of(host, [](char c) {
                                return c == '!' || c == '$' || c == '&' || c == '\'' || c == '(' ||
                                       c == ')' || c == '*' || c == '+' || c == ';' || c == '=';
                            });
    if (!understood) refuse(url, "bad host '" + std::string(host) + "'");
    endpoint.host = parsed->host_address();
    return endpoint;
}

std::chrono::milliseconds parse_timeout(std::string_view url, std::string_view text) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const std::int64_t scale = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : 0;
    constexpr std::int64_t hour = 3'600'000;
    if (error != std::errc() || scale == 0) {
        refuse(url, "bad timeout '" + std::string(text) + "': it is written as 500ms, 2s or 1m");
    }
    if (count <= 0 || count > hour / scale) {
        refuse(url, "timeout '" + std::string(text) + "' is out of range: 1ms to 60m");
    }
    return std::chrono::milliseconds(count * scale);
}

ApiVersion parse_api(std::string_view url, const std::string& text) {
    if (text == "v3") return ApiVersion::v3;
    if (text == "v2") return ApiVersion::v2;
    refuse(url, "unknown api '" + text + "'; known are v3 and v2");
}

void parse_options(std::string_view url, std::string_view query, StoreOptions& options) {
    const auto parsed = urls::parse_query(query);
    if (!parsed) refuse(url, "the query '" + std::string(query) + "' is malformed");
    std::set<std::string> given;
    for (const auto& option : *parsed) {
        const std::string name = option.key.decode();
        if (name != "api" && name != "timeout") {
            refuse(url, "unknown option '" + name + "'; known are api and timeout");
        }
        if (!given.insert(name).second) refuse(url, "option '" + name + "' is given twice");
        if (name == "api") {
            options.api = parse_api(url, option.value.decode());
        } else {
            options.request_timeout = parse_timeout(url, option.value.decode());
        }
    }
}

}  // namespace

StoreOptions parse_url(std::string_view url) {
    if (!url.starts_with(scheme)) refuse(url, "it does not begin with 'etcd://'");
    if (std::ranges::any_of(url, [](char c) { return c >= 0 && (c <= ' ' || c == 0x7f); })) {
        throw std::invalid_argument("store URL: it contains a blank or a control character");
    }
    std::string_view rest = url.substr(scheme.size());
    if (rest.find('#') != std::string_view::npos) {
        refuse(url, "a fragment ('#') has no meaning here");
    }
    StoreOptions options;
    if (const auto question = rest.find('?'); question != std::string_view::npos) {
        parse_options(url, rest.substr(question + 1), options);
        rest = rest.substr(0, question);
    }
    if (rest.find('@') != std::string_view::npos) {
        refuse(url, "user and password are not supported yet");
    }
    if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
        if (slash + 1 != rest.size()) {
            refuse(url, "a path ('" + std::string(rest.substr(slash)) + "') has no meaning here");
        }
        rest.remove_suffix(1);
    }
    if (rest.empty()) refuse(url, "the host is missing");
    for (std::size_t comma = 0; comma != std::string_view::npos;) {
        comma = rest.find(',');
        options.endpoints.push_back(parse_endpoint(url, rest.substr(0, comma)));
        if (comma != std::string_view::npos) rest.remove_prefix(comma + 1);
    }
    return options;
}

}  // namespace tenure::etcd
