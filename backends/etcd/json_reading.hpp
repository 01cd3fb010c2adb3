// Reading what etcd answers in JSON, member by member: whatever does not fit is a bad answer.
// For the codecs; JSON goes no further.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tenure/error.hpp>

#include "backends/etcd/endpoints.hpp"

namespace tenure::etcd::detail {

/// Thrown at the first thing that is not etcd's, caught by `decode`.
struct Malformed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A JSON number, or one that is written as text.
std::int64_t number_of(const boost::json::value& value);
// What is not there is 0, false, empty.
std::int64_t number_in(const boost::json::object& object, std::string_view name);
/// A revision or an index, which a server only ever counts up: not negative, and with a next one.
std::int64_t counter_in(const boost::json::object& object, std::string_view name);
bool flag_in(const boost::json::object& object, std::string_view name);
std::string text_in(const boost::json::object& object, std::string_view name);

const boost::json::object& object_of(const boost::json::value& value);
/// It must be there.
const boost::json::object& object_in(const boost::json::object& object, std::string_view name);

/// Calls `take` with each object of an array that may be missing.
template <class Take>
void for_each_in(const boost::json::object& object, std::string_view name, Take take) {
    const boost::json::value* const value = object.if_contains(name);
    if (value == nullptr || value->is_null()) return;
    if (!value->is_array()) throw Malformed("an array is expected");
    for (const boost::json::value& each : value->get_array())
        take(object_of(each));
}

/// Parses the text and reads it by `read`.
template <class T, class Read>
result<T> decode(std::string_view text, Read read) {
    error_code error;
    const boost::json::value value = boost::json::parse(text, error);
    try {
        if (error) throw Malformed(error.message());
        return read(object_of(value));
    } catch (const Malformed& what) {
        return Error(errc::bad_answer,
                     "answered " + quote(text) + ", which is not etcd's: " + what.what());
    }
}

}  // namespace tenure::etcd::detail
