// Keeps one lease alive, and carries any number of elections on it.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/signals2/connection.hpp>
#include <boost/signals2/slot.hpp>
#include <memory>
#include <optional>
#include <string_view>
#include <tenure/key_store.hpp>
#include <tenure/options.hpp>
#include <tenure/scheduler.hpp>

namespace tenure {

namespace detail {
class SessionDriver;
}

/// Told what failed and what was being done; the session or election goes on by itself.
using ErrorSlot = boost::signals2::slot<void(error_code, std::string_view)>;

/// One lease, renewed at a third of its time, replaced when it is lost.
///
/// Starts by itself when the first election on it starts. Slots run one at a time on the
/// session's scheduler, under no lock; they may call any member, the destructor included.
/// Thread safety: every member from any thread, construction and destruction excepted: end it
/// on the scheduler, or while nothing runs it.
/// Lifetime: elections on it may outlive it; they end as with `stop()`.
class Session {
public:
    /// Throws std::invalid_argument that names what is wrong with the options.
    Session(boost::asio::any_io_executor executor, std::shared_ptr<KeyStore> store,
            SessionOptions options = {});
    Session(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
            SessionOptions options = {});
    /// Ends the elections on it and gives the lease back, in the background.
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void start();
    /// Ends the leaderships on it, waits until their handlers are done, and gives the lease back.
    void stop();
    /// `void()`: done when the lease is given back, or certain to run out.
    template <boost::asio::completion_token_for<void()> Token>
    auto async_stop(Token&& token) {
        return boost::asio::async_initiate<Token, void()>(
            [this](auto handler) { stop_then(std::move(handler)); }, token);
    }

    bool is_running() const noexcept;
    /// The lease while there is one, with the TTL that the store granted.
    std::optional<Lease> lease() const;

    /// A lease was granted.
    boost::signals2::connection on_granted(boost::signals2::slot<void(const Lease&)> slot);
    /// The lease is over: `lease_elapsed` by our clock, or `session_lost` by the store's word.
    boost::signals2::connection on_lost(boost::signals2::slot<void(LossReason)> slot);
    boost::signals2::connection on_error(ErrorSlot slot);

private:
    friend class Election;
    void stop_then(boost::asio::any_completion_handler<void()> handler);

    std::shared_ptr<detail::SessionDriver> driver_;
};

}  // namespace tenure
