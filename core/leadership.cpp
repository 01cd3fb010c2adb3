// Safety rule 3: each answer looks at the clock when it is asked, and waits for nothing.
#include <tenure/leadership.hpp>

#include "core/leadership_term.hpp"

namespace tenure {

std::int64_t Leadership::token() const noexcept {
    return term_ ? term_->token() : 0;
}

bool Leadership::valid() const noexcept {
    return remaining() > Duration::zero();
}

Duration Leadership::remaining() const noexcept {
    return term_ ? term_->remaining() : Duration::zero();
}

bool Leadership::ensure(Duration at_least) const noexcept {
    const Duration left = remaining();
    return left > Duration::zero() && left >= at_least;
}

std::stop_token Leadership::stop_token() const noexcept {
    return term_ ? term_->stop_token() : std::stop_token();
}

Leadership::Hold Leadership::hold() const {
    return term_ ? term_->hold() : nullptr;
}

Entry Leadership::entry() const {
    return term_ ? term_->entry() : Entry();
}

}  // namespace tenure
