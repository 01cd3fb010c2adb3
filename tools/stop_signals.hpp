// SIGINT and SIGTERM: the first asks to stop, the second does not ask.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>

namespace tenure::command {

class StopSignals {
public:
    /// Calls `stop` once, from the context. After that a signal ends the process at once with
    /// 128 + its number. A closed pipe behind standard output is no signal any more, so that
    /// the candidate can leave the line in order.
    StopSignals(boost::asio::io_context& context, std::function<void()> stop);

private:
    boost::asio::signal_set signals_;
};

}  // namespace tenure::command
