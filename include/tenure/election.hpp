// Stands for election, and says when it leads. docs/algorithm.md tells how.
#pragma once

#include <tenure/leadership.hpp>
#include <tenure/session.hpp>

namespace tenure {

namespace detail {
class ElectionDriver;
}

using ElectedSlot = boost::signals2::slot<void(const Leadership&)>;
using UnelectedSlot = boost::signals2::slot<void(LossReason)>;
/// Nobody leads when empty.
using LeaderSlot = boost::signals2::slot<void(const std::optional<Leader>&)>;

/// One candidate in one election.
///
/// `elected` and `unelected` strictly alternate. Slots run one at a time on the election's
/// scheduler, under no lock, and may call any member, `stop()` and the destructor included. A
/// slot that throws starves no other; `on_error` hears of it.
/// Thread safety: every member from any thread, construction and destruction excepted: end it
/// on the scheduler, or while nothing runs it.
class Election {
public:
    /// With a session of its own, on a strand of the executor. No thread is started: run the
    /// context. Throws std::invalid_argument that names what is wrong with the options.
    Election(boost::asio::any_io_executor executor, std::shared_ptr<KeyStore> store,
             ElectionOptions options);
    Election(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
             ElectionOptions options);
    /// On a session that carries others as well, and on its scheduler. Each election once: throws
    /// std::invalid_argument while another of this name exists. After one that was destroyed it
    /// enters when that has left, its work done.
    Election(Session& session, CandidacyOptions options);
    /// Ends the leadership at once, without `unelected`; the entry is removed in the background.
    ~Election();
    Election(const Election&) = delete;
    Election& operator=(const Election&) = delete;

    /// Campaigns until `stop()`, also while the store is down. Nothing happens when running.
    void start();
    /// Steps down if leading, and leaves the line: leadership invalid, `unelected` delivered and
    /// its handlers done, holds let go, entry removed, in this order.
    void stop();
    /// Steps down, and stands again at the tail. Nothing happens when not leading.
    void resign();
    /// Changes what others see of this candidate, now and in later candidacies.
    void proclaim(std::string value);

    /// The election's name.
    const std::string& name() const noexcept;
    /// Whether its session is its own, and ends with `stop()`.
    bool owns_session() const noexcept;
    /// Between `start()` and the end of `stop()`.
    bool is_running() const noexcept;
    /// Whether it leads now, by the clock; the same as `leadership().valid()`.
    bool is_leader() const noexcept;
    /// The current or the last leadership.
    Leadership leadership() const;
    /// Who was first in line when last heard. Always empty with `follow_leader = false`, unless
    /// this candidate leads.
    std::optional<Leader> current_leader() const;

    boost::signals2::connection on_elected(ElectedSlot slot);
    boost::signals2::connection on_unelected(UnelectedSlot slot);
    boost::signals2::connection on_leader(LeaderSlot slot);
    boost::signals2::connection on_error(ErrorSlot slot);

    /// `void(error_code, Leadership)`: at once if it leads, else when it next does;
    /// `errc::cancelled` when the election is stopped or destroyed first. Supports cancellation.
    template <boost::asio::completion_token_for<void(error_code, Leadership)> Token>
    auto async_wait_elected(Token&& token) {
        return boost::asio::async_initiate<Token, void(error_code, Leadership)>(
            [this](auto handler) { wait_elected(std::move(handler)); }, token);
    }
    /// `void()`: done when the entry is removed, or certain to go with its lease; with a session
    /// of its own, when the lease is given back. At once if not running.
    template <boost::asio::completion_token_for<void()> Token>
    auto async_stop(Token&& token) {
        return boost::asio::async_initiate<Token, void()>(
            [this](auto handler) { stop_then(std::move(handler)); }, token);
    }

private:
    void wait_elected(boost::asio::any_completion_handler<void(error_code, Leadership)> handler);
    void stop_then(boost::asio::any_completion_handler<void()> handler);

    std::shared_ptr<detail::ElectionDriver> driver_;
};

}  // namespace tenure
