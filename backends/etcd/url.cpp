// etcd:// URLs. A list of hosts is not in the standard for URLs, so the list is taken apart
// here, and each host by Boost.URL.
#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/parse_query.hpp>
#include <boost/url/pct_string_view.hpp>
#include <charconv>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <tenure/etcd.hpp>

namespace tenure::etcd {
namespace {

namespace urls = boost::urls;

constexpr std::string_view scheme = "etcd://";
constexpr std::string_view tls_scheme = "etcds://";

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

StreamKind parse_streams(std::string_view url, const std::string& text) {
    if (text == "websocket") return StreamKind::web_socket;
    if (text == "stream") return StreamKind::request;
    refuse(url, "unknown watch '" + text + "'; known are websocket and stream");
}

bool parse_flag(std::string_view url, const std::string& name, const std::string& text) {
    if (text == "true" || text == "false") return text == "true";
    refuse(url, "option '" + name + "' is true or false, not '" + text + "'");
}

using TakeOption = std::function<void(std::string_view url, const std::string& value)>;

// Those that take a file, or a name, and have to say which.
TakeOption text_into(std::string& target, const char* name) {
    return [&target, name](std::string_view url, const std::string& value) {
        if (value.empty()) refuse(url, std::string("option '") + name + "' is empty");
        target = value;
    };
}

// What this URL's options mean; those of TLS are known where there is TLS, and a password's file
// where there is a user.
std::map<std::string, TakeOption> known_options(StoreOptions& options) {
    std::map<std::string, TakeOption> known{
        {"api", [&](auto url, auto& value) { options.api = parse_api(url, value); }},
        {"timeout",
         [&](auto url, auto& value) { options.request_timeout = parse_timeout(url, value); }},
        {"watch", [&](auto url, auto& value) { options.streams = parse_streams(url, value); }}};
    if (options.credentials) {
        known["password_file"] = text_into(options.credentials->password_file, "password_file");
    }
    if (!options.tls) return known;
    known["ca"] = text_into(options.tls->ca_file, "ca");
    known["cert"] = text_into(options.tls->certificate_file, "cert");
    known["key"] = text_into(options.tls->key_file, "key");
    known["server_name"] = text_into(options.tls->server_name, "server_name");
    const std::string insecure = "insecure_skip_verification";
    known[insecure] = [&options, insecure](auto url, auto& value) {
        options.tls->insecure_skip_verification = parse_flag(url, insecure, value);
    };
    return known;
}

[[noreturn]] void refuse_option(std::string_view url, const std::string& name,
                                const std::map<std::string, TakeOption>& known) {
    StoreOptions all;
    all.tls.emplace();
    all.credentials.emplace();
    if (name == "password_file") refuse(url, "option 'password_file' needs a user before the host");
    if (known_options(all).contains(name)) {
        refuse(url, "option '" + name + "' is for TLS: the URL has to begin with 'etcds://'");
    }
    std::string names;
    for (const auto& [each, take] : known)
        names += (names.empty() ? "" : ", ") + each;
    refuse(url, "unknown option '" + name + "'; known are " + names);
}

void parse_options(std::string_view url, std::string_view query, StoreOptions& options) {
    // A text of its own: Boost.URL 1.81 reads on to the next null character.
    const std::string text(query);
    const auto parsed = urls::parse_query(text);
    if (!parsed) refuse(url, "the query '" + std::string(query) + "' is malformed");
    const auto known = known_options(options);
    std::set<std::string> given;
    for (const auto& option : *parsed) {
        const std::string name = option.key.decode();
        const auto found = known.find(name);
        if (found == known.end()) refuse_option(url, name, known);
        if (!given.insert(name).second) refuse(url, "option '" + name + "' is given twice");
        found->second(url, option.value.decode());
    }
    if (options.api == ApiVersion::v2 && given.contains("watch")) {
        refuse(url, "option 'watch' is for the v3 API");
    }
}

// What comes before the `@`, percent-encoded. No part of it is ever repeated.
Credentials parse_user(std::string_view url, std::string_view text) {
    const auto colon = text.find(':');
    const auto decode = [&](std::string_view part) {
        const auto parsed = urls::make_pct_string_view(part);
        if (!parsed) refuse(url, "the user or the password has a bad percent-encoding");
        return parsed->decode();
    };
    Credentials credentials{.user = decode(text.substr(0, colon))};
    if (credentials.user.empty()) refuse(url, "the user before the '@' is empty");
    if (colon != text.npos) credentials.password = decode(text.substr(colon + 1));
    return credentials;
}

}  // namespace

StoreOptions parse_url(std::string_view url) {
    const bool has_tls = url.starts_with(tls_scheme);
    if (!has_tls && !url.starts_with(scheme)) {
        refuse(url, "it does not begin with 'etcd://' or 'etcds://'");
    }
    if (std::ranges::any_of(url, [](char c) { return c >= 0 && (c <= ' ' || c == 0x7f); })) {
        throw std::invalid_argument("store URL: it contains a blank or a control character");
    }
    std::string_view rest = url.substr(has_tls ? tls_scheme.size() : scheme.size());
    if (const auto end = rest.find_first_of("/?#");
        end != rest.npos && rest.find('@', end) != rest.npos) {
        // Else a part of a password would be taken for something that is said in errors.
        refuse(url,
               "an '@' after the host is written %40; in a user or a password '/', '?', '#' and "
               "'@' are written %2F, %3F, %23 and %40");
    }
    if (rest.find('#') != std::string_view::npos) {
        refuse(url, "a fragment ('#') has no meaning here");
    }
    StoreOptions options;
    if (has_tls) options.tls.emplace();
    const auto question = rest.find('?');
    const std::string_view query =
        question == rest.npos ? std::string_view() : rest.substr(question + 1);
    rest = rest.substr(0, question);
    if (const auto at = rest.rfind('@'); at != rest.npos) {
        options.credentials = parse_user(url, rest.substr(0, at));
        rest.remove_prefix(at + 1);
    }
    if (!query.empty()) parse_options(url, query, options);
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
