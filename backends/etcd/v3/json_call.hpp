// A unary call of the JSON gateway: a POST of JSON, and 200 with JSON when it worked.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "backends/etcd/caller.hpp"

namespace tenure::etcd::detail::v3 {

/// As `Call`, of which it is a kind.
struct JsonCall {
    std::string path;
    std::string body;
    /// Takes the body of a good answer, or says why it is none.
    std::function<std::optional<Error>(std::string_view body)> take;
    std::function<void(Error)> fail;
    bool repeatable = true;
    std::optional<std::size_t> only_at{};
    std::optional<std::chrono::milliseconds> time_out{};
};

void start(Caller& caller, JsonCall call);

}  // namespace tenure::etcd::detail::v3
