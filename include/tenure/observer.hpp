// Says who leads, without standing.
#pragma once

#include <tenure/election.hpp>

namespace tenure {

namespace detail {
class ObserverFace;
}

/// Follows one election. The first `leader` event comes once the store has answered, also
/// when nobody leads.
///
/// Slots run as those of `Election`. Thread safety: every member from any thread, construction
/// and destruction excepted: end it on the scheduler, or while nothing runs it.
class Observer {
public:
    /// Throws std::invalid_argument that names what is wrong with the options.
    Observer(boost::asio::any_io_executor executor, std::shared_ptr<KeyStore> store,
             ObserverOptions options);
    Observer(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
             ObserverOptions options);
    ~Observer();
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;

    /// Follows until `stop()`, also while the store is down.
    void start();
    void stop();
    bool is_running() const noexcept;
    /// Who was first in line when last heard.
    std::optional<Leader> current_leader() const;

    boost::signals2::connection on_leader(LeaderSlot slot);
    boost::signals2::connection on_error(ErrorSlot slot);

private:
    std::shared_ptr<detail::ObserverFace> face_;
};

}  // namespace tenure
