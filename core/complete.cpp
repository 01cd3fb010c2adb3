#include "core/complete.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/system_executor.hpp>
#include <utility>

namespace tenure::detail {

void complete(boost::asio::any_completion_handler<void()> handler) {
    const auto executor =
        boost::asio::get_associated_executor(handler, boost::asio::system_executor());
    boost::asio::dispatch(executor,
                          [handler = std::move(handler)]() mutable { std::move(handler)(); });
}

void complete_all(StopHandlers& handlers) {
    for (auto& handler : std::exchange(handlers, {}))
        complete(std::move(handler));
}

}  // namespace tenure::detail
