// Requests of the keys API: keys are in the path, conditions in the query, values in a form.
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <stdexcept>

#include "backends/etcd/v2/messages.hpp"

namespace tenure::etcd::detail::v2 {
namespace {

namespace urls = boost::urls;

std::string encoded(std::string_view text) {
    return urls::encode(text, urls::unreserved_chars);
}

std::string target_of(std::string_view path) {
    return "/v2/keys" + urls::encode(path, urls::unreserved_chars + '/');
}

HttpQuestion form(Method method, std::string target, std::string body) {
    return {.method = method,
            .target = std::move(target),
            .body = std::move(body),
            .content_type = "application/x-www-form-urlencoded"};
}

std::string time_to_live(std::chrono::seconds ttl) {
    // Zero seconds would be over at once.
    if (ttl < std::chrono::seconds(1)) throw std::invalid_argument("a TTL below one second");
    return "ttl=" + std::to_string(ttl.count());
}

std::string condition(ModifiedIndex index) {
    return "?prevIndex=" + std::to_string(index.value());
}

}  // namespace

ModifiedIndex::ModifiedIndex(std::int64_t index) : index_(index) {
    if (index <= 0) throw std::invalid_argument("prevIndex must be positive: 0 is no condition");
}

HttpQuestion ask_to_create(std::string_view directory, std::string_view value,
                           std::chrono::seconds ttl) {
    return form(Method::post, target_of(directory),
                "value=" + encoded(value) + '&' + time_to_live(ttl));
}

HttpQuestion ask_to_read(std::string_view path) {
    return {.method = Method::get, .target = target_of(path) + "?quorum=true&sorted=true"};
}

HttpQuestion ask_to_refresh(std::string_view path, ModifiedIndex unless_changed_since,
                            std::chrono::seconds ttl) {
    return form(Method::put, target_of(path) + condition(unless_changed_since),
                "refresh=true&" + time_to_live(ttl));
}

HttpQuestion ask_to_change(std::string_view path, std::string_view value,
                           ModifiedIndex unless_changed_since, std::chrono::seconds ttl) {
    return form(Method::put, target_of(path) + condition(unless_changed_since),
                "value=" + encoded(value) + '&' + time_to_live(ttl));
}

HttpQuestion ask_to_remove(std::string_view path, ModifiedIndex unless_changed_since) {
    return {.method = Method::del, .target = target_of(path) + condition(unless_changed_since)};
}

HttpQuestion ask_to_wait(std::string_view path, bool recursive, std::int64_t from_index) {
    return {.method = Method::get,
            .target = target_of(path) + (recursive ? "?recursive=true&" : "?") +
                      "wait=true&waitIndex=" + std::to_string(from_index)};
}

}  // namespace tenure::etcd::detail::v2
