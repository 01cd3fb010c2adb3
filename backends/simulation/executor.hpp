// A scheduler as an Asio executor.
#pragma once

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <memory>
#include <tenure/scheduler.hpp>

namespace tenure::sim::detail {

class SchedulerExecutor {
public:
    SchedulerExecutor(boost::asio::execution_context& context, std::shared_ptr<Scheduler> scheduler)
        : context_(&context), scheduler_(std::move(scheduler)) {}

    boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
        return *context_;
    }
    static constexpr boost::asio::execution::blocking_t query(
        boost::asio::execution::blocking_t) noexcept {
        return boost::asio::execution::blocking.never;
    }
    template <class Function>
    void execute(Function function) const {
        // A std::function must be copyable, and the function need not be.
        auto held = std::make_shared<Function>(std::move(function));
        scheduler_->post([held] { std::move (*held)(); });
    }

    friend bool operator==(const SchedulerExecutor&, const SchedulerExecutor&) noexcept = default;

private:
    boost::asio::execution_context* context_;
    std::shared_ptr<Scheduler> scheduler_;
};

}  // namespace tenure::sim::detail
