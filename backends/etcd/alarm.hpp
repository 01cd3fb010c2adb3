// One timer for whatever is due first.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "backends/etcd/clock.hpp"

namespace tenure::etcd::detail {

/// Rings once, on its executor, at the time it was set to last. While it is not set it keeps no
/// context running. Call its members on the executor, which must run one thing at a time.
class Alarm {
public:
    explicit Alarm(boost::asio::any_io_executor executor);
    /// It does not ring any more.
    ~Alarm();
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    void set(Clock::time_point due, std::function<void()> ring);
    /// Leaves it as it is when it rings before that anyway.
    void set_by(Clock::time_point due, std::function<void()> ring);
    void clear();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace tenure::etcd::detail
