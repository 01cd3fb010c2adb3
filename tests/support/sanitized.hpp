// Whether this is a build under a sanitizer, which is slower by a factor.
#pragma once

#if defined(__has_feature)
#define TENURE_HAS_FEATURE(x) __has_feature(x)
#else
#define TENURE_HAS_FEATURE(x) 0
#endif

namespace tenure::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    TENURE_HAS_FEATURE(address_sanitizer) || TENURE_HAS_FEATURE(thread_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

}  // namespace tenure::test
