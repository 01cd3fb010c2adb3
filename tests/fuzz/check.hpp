// What all targets share: how bytes become a text, and how a broken promise ends the run.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <tenure/error.hpp>

namespace tenure::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    // Of no bytes there may be no address.
    return size == 0 ? std::string_view()
                     : std::string_view(reinterpret_cast<const char*>(data), size);
}

/// Ends the run as a crash does: the input that broke it is kept.
inline void demand(bool holds, std::string_view what) {
    if (holds) return;
    std::fprintf(stderr, "broken promise: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}

/// Whatever a server has sent, a person can read what became of it: one line, not too long.
inline void demand_readable(const Error& error) {
    demand(error.code.failed(), "an error has a code");
    demand(!error.detail.empty(), "an error has words");
    demand(error.detail.size() < 400, "an error's words are few");
    demand(std::ranges::none_of(error.detail, [](char c) { return c >= '\0' && c < ' '; }),
           "an error's words are printable");
}

}  // namespace tenure::fuzz
