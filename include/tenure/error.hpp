// What can go wrong, in the three kinds the election tells apart, and the words that go
// along for a person to read.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace tenure {

using boost::system::error_code;

/// All that the election asks about an error. Compare with `code == condition::refused`;
/// a store maps its own codes here by `default_error_condition`.
enum class condition {
    /// Nothing usable came back: the request may or may not have taken effect.
    /// The election asks again after a jittered pause.
    unavailable = 1,
    /// The store knows no such lease (any more). Only ever the store's own word, never
    /// inferred from silence. The session takes a new lease.
    lease_gone,
    /// The request certainly has not taken effect and will not: wrong arguments, no
    /// permission, or a condition that did not hold.
    refused,
};

/// The library's own codes; stores that have nothing more precise to say use them too.
enum class errc {
    /// No answer within the time allowed.
    timed_out = 1,
    /// The store cannot be reached, or the answer broke off.
    unreachable,
    /// The store answered something that is not its protocol.
    bad_answer,
    /// The store forgot the history a watch asked for; read again and watch from there.
    compacted,
    lease_gone,
    /// The entry is not there any more, or is a later one with the same key.
    entry_changed,
    /// The store refuses, and will refuse again: permission, size, a malformed argument.
    refused,
    /// This store does not offer the call (see `KeyStore::can`).
    unsupported,
    /// The store does not let this user in, or do this: it takes an administrator to change that.
    denied,
    /// One side of a connection does not accept the other's certificate.
    untrusted,
    /// Stopped or destroyed before it was done.
    cancelled,
    /// A user's handler threw; the others were still called.
    handler_threw,
};

const boost::system::error_category& error_category() noexcept;
const boost::system::error_category& condition_category() noexcept;
error_code make_error_code(errc code) noexcept;
boost::system::error_condition make_error_condition(condition value) noexcept;

}  // namespace tenure

template <>
struct boost::system::is_error_code_enum<tenure::errc> : std::true_type {};
template <>
struct boost::system::is_error_condition_enum<tenure::condition> : std::true_type {};

namespace tenure {

/// A code to act on, and words for a person: against which endpoint, and what it answered.
struct Error {
    error_code code;
    std::string detail;

    Error() = default;
    Error(error_code error, std::string words = {}) : code(error), detail(std::move(words)) {}
    Error(errc error, std::string words = {})
        : code(make_error_code(error)), detail(std::move(words)) {}

    /// The detail where there is one, else the code's own message.
    std::string message() const { return detail.empty() ? code.message() : detail; }

    friend bool operator==(const Error&, const Error&) = default;
};

/// A value or an `Error`. `value()` throws `boost::system::system_error` with the words.
template <class T>
using result = boost::system::result<T, Error>;

[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& at);
std::ostream& operator<<(std::ostream& out, const Error& error);

}  // namespace tenure
