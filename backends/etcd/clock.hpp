// The clock of time-outs.
#pragma once

#include <chrono>

namespace tenure::etcd::detail {

/// Time-outs are measured on it; lease time never is.
using Clock = std::chrono::steady_clock;

}  // namespace tenure::etcd::detail
