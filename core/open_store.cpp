// The registry of schemes. A backend adds itself when its library is linked.
#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>
#include <tenure/memory_store.hpp>
#include <tenure/open_store.hpp>

namespace tenure {
namespace {

std::shared_ptr<KeyStore> open_memory_store(boost::asio::any_io_executor executor,
                                            std::string_view url) {
    const std::string name(url.substr(url.find(':') + 1));
    if (name.starts_with('/')) {
        throw std::invalid_argument(
            "store URL '" + std::string(url) +
            "': a memory store is 'memory:' or 'memory:NAME', without slashes");
    }
    auto scheduler = make_scheduler(std::move(executor));
    if (name.empty()) return make_memory_store(std::move(scheduler));
    return shared_memory_store(std::move(scheduler), name);
}

struct Registry {
    std::mutex mutex;
    std::map<std::string, StoreFactory, std::less<>> factories{{"memory", open_memory_store}};
};

// Never destroyed: stores may be opened while other static objects still come and go.
Registry& registry() {
    static auto* const the_registry = new Registry;
    return *the_registry;
}

bool is_scheme(std::string_view text) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_rest = [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    };
    return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, is_rest);
}

std::string known_schemes() {
    std::string text;
    for (const std::string& scheme : store_schemes())
        text += (text.empty() ? "" : ", ") + scheme + ":";
    return text;
}

}  // namespace

void register_store(std::string scheme, StoreFactory factory) {
    if (!is_scheme(scheme)) {
        throw std::invalid_argument("'" + scheme + "' is not a URL scheme in lower case");
    }
    std::lock_guard lock(registry().mutex);
    registry().factories[std::move(scheme)] = std::move(factory);
}

std::vector<std::string> store_schemes() {
    std::lock_guard lock(registry().mutex);
    std::vector<std::string> schemes;
    for (const auto& [scheme, factory] : registry().factories)
        schemes.push_back(scheme);
    return schemes;
}

// Cautiously: up to the last `@` everything may be a part of it.
std::string without_password(std::string_view url) {
    const auto at = url.rfind('@');
    if (at == url.npos) return std::string(url);
    const auto slashes = url.find("//");
    const auto user = slashes == url.npos || slashes > at ? 0 : slashes + 2;
    const auto colon = url.find(':', user);
    if (colon == url.npos || colon > at) return std::string(url);
    return std::string(url.substr(0, colon + 1)) + "***" + std::string(url.substr(at));
}

std::shared_ptr<KeyStore> open_store(boost::asio::any_io_executor executor, std::string_view url) {
    const auto colon = url.find(':');
    const std::string_view scheme = url.substr(0, colon);
    if (colon == std::string_view::npos || !is_scheme(scheme)) {
        throw std::invalid_argument("store URL '" + without_password(url) +
                                    "' does not begin with a scheme, in lower case; known are " +
                                    known_schemes());
    }
    StoreFactory factory;
    {
        std::lock_guard lock(registry().mutex);
        const auto found = registry().factories.find(scheme);
        if (found != registry().factories.end()) factory = found->second;
    }
    if (!factory) {
        throw std::invalid_argument("store URL '" + without_password(url) + "': unknown scheme '" +
                                    std::string(scheme) + "'; known are " + known_schemes());
    }
    return factory(std::move(executor), url);
}

}  // namespace tenure
