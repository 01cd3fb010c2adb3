// The ends of asynchronous calls that users wait for.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <vector>

namespace tenure::detail {

using StopHandlers = std::vector<boost::asio::any_completion_handler<void()>>;

/// Runs the handler where it wants to run.
void complete(boost::asio::any_completion_handler<void()> handler);
void complete_all(StopHandlers& handlers);

}  // namespace tenure::detail
