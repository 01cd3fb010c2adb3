#include "backends/etcd/json_reading.hpp"

#include <charconv>
#include <limits>
#include <utility>

namespace tenure::etcd::detail {

namespace json = boost::json;

std::int64_t number_of(const json::value& value) {
    if (const auto* number = value.if_int64()) return *number;
    if (const auto* number = value.if_uint64(); number && std::in_range<std::int64_t>(*number)) {
        return static_cast<std::int64_t>(*number);
    }
    if (const auto* text = value.if_string()) {
        // cluster and member ids use all 64 bits; none of ours is among them.
        std::int64_t number = 0;
        const char* const last = text->data() + text->size();
        const auto [end, error] = std::from_chars(text->data(), last, number);
        if (error == std::errc() && end == last) return number;
    }
    throw Malformed("a number is expected");
}

std::int64_t number_in(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value == nullptr ? 0 : number_of(*value);
}

std::int64_t counter_in(const json::object& object, std::string_view name) {
    const std::int64_t number = number_in(object, name);
    const bool has_next = number < std::numeric_limits<std::int64_t>::max();
    if (number < 0 || !has_next) throw Malformed("a number that counts up is expected");
    return number;
}

bool flag_in(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr) return false;
    if (!value->is_bool()) throw Malformed("true or false is expected");
    return value->get_bool();
}

std::string text_in(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr) return {};
    if (!value->is_string()) throw Malformed("a text is expected");
    return std::string(value->get_string().data(), value->get_string().size());
}

const json::object& object_of(const json::value& value) {
    if (!value.is_object()) throw Malformed("an object is expected");
    return value.get_object();
}

const json::object& object_in(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr) throw Malformed("a part is missing");
    return object_of(*value);
}

}  // namespace tenure::etcd::detail
