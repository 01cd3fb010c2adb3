// The codes in words, and how each falls into one of the three conditions.
#include <boost/system/system_error.hpp>
#include <ostream>
#include <tenure/error.hpp>

namespace tenure {
namespace {

const char* words_of(errc code) noexcept {
    switch (code) {
        case errc::timed_out: return "no answer in time";
        case errc::unreachable: return "the store cannot be reached";
        case errc::bad_answer: return "the answer is not the store's protocol";
        case errc::compacted: return "the store has forgotten the history that was asked for";
        case errc::lease_gone: return "the lease is gone";
        case errc::entry_changed: return "the entry is gone or another one";
        case errc::refused: return "the store refuses the request";
        case errc::unsupported: return "this store does not offer the call";
        case errc::denied: return "the store does not permit it";
        case errc::untrusted: return "a certificate is not accepted";
        case errc::cancelled: return "stopped before it was done";
        case errc::handler_threw: return "a handler threw an exception";
    }
    return "unknown tenure error";
}

condition condition_of(errc code) noexcept {
    switch (code) {
        case errc::lease_gone: return condition::lease_gone;
        case errc::entry_changed:
        case errc::refused:
        case errc::denied:
        case errc::untrusted:
        case errc::unsupported: return condition::refused;
        default: return condition::unavailable;
    }
}

class ErrorCategory : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "tenure"; }
    std::string message(int value) const override { return words_of(static_cast<errc>(value)); }
    boost::system::error_condition default_error_condition(int value) const noexcept override {
        return make_error_condition(condition_of(static_cast<errc>(value)));
    }
};

class ConditionCategory : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "tenure.condition"; }
    std::string message(int value) const override {
        switch (static_cast<condition>(value)) {
            case condition::unavailable: return "no usable answer";
            case condition::lease_gone: return "the lease is gone";
            case condition::refused: return "refused";
        }
        return "unknown tenure condition";
    }
    // A code that maps itself to no condition of ours (a socket's, say) tells nothing of
    // what the store has done.
    bool equivalent(const error_code& code, int value) const noexcept override {
        const auto mapped = code.default_error_condition();
        if (mapped.category() == *this) return mapped.value() == value;
        return code.failed() && static_cast<condition>(value) == condition::unavailable;
    }
};

}  // namespace

const boost::system::error_category& error_category() noexcept {
    static const ErrorCategory category;
    return category;
}

const boost::system::error_category& condition_category() noexcept {
    static const ConditionCategory category;
    return category;
}

error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), error_category()};
}

boost::system::error_condition make_error_condition(condition value) noexcept {
    return {static_cast<int>(value), condition_category()};
}

void throw_exception_from_error(const Error& error, const boost::source_location& at) {
    boost::throw_with_location(boost::system::system_error(error.code, error.detail), at);
}

std::ostream& operator<<(std::ostream& out, const Error& error) {
    return out << error.code << " (" << error.message() << ")";
}

}  // namespace tenure
