// The store of a simulated world, from its operator's side.
#pragma once

#include <string>
#include <tenure/key_store.hpp>
#include <vector>

namespace tenure::sim {

namespace detail {
class ServerState;
}

/// A reference store in a process of its own, with a clock of its own. It never ends a lease
/// early, whatever is done to it here.
/// Lifetime: the world's. Thread safety: the thread that runs the world.
class Server {
public:
    explicit Server(detail::ServerState& state) : state_(&state) {}
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// What comes now is refused, and streams break. Entries and leases are kept; leases do not
    /// age meanwhile.
    void stop();
    /// Every lease starts again at its full time, as after an etcd restart.
    void start();
    /// SIGSTOP: nothing is answered; what arrives is handled after `resume()`, however late.
    void pause();
    void resume();
    /// Neither stopped nor paused.
    bool is_up() const;

    /// Every lease starts again at its full time, as when etcd changes its leader.
    void restart_leases();
    /// Leases granted from now on end up to so much later than promised.
    void expire_late(Duration at_most);
    /// Parts per million that its clock runs fast; negative is slow.
    void set_clock_rate(std::int64_t parts_per_million);
    /// Forgets all history: who resumes a watch has to read again.
    void compact();
    /// Ends every watch with an error.
    void cut_watches();
    /// Requests are answered, but watches hear nothing any more until `resume_watches()`; clients
    /// that listen for a sign of life give theirs up (`LinkOptions::silence`).
    void stall_watches();
    void resume_watches();
    /// The same with an entry or a session as an operator does.
    void delete_entry(const Entry& entry);
    void revoke(LeaseId lease);

    /// What stands, in order.
    std::vector<Entry> entries(const std::string& election) const;

private:
    detail::ServerState* state_;
};

}  // namespace tenure::sim
