// One machine of a simulated world: what a program on it is given to live with.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <tenure/election.hpp>
#include <tenure/key_store.hpp>
#include <tenure/scheduler.hpp>

namespace tenure::sim {

namespace detail {
class NodeState;
}

/// A machine with one process on it, a clock of its own, and a line to the store.
/// Lifetime: the world's. Thread safety: the thread that runs the world.
class Node {
public:
    explicit Node(detail::NodeState& state) : state_(&state) {}
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    const std::string& name() const;
    /// Never null. Both belong to the process that runs now, or ran last: after a crash nothing
    /// comes of them any more, and the program that is started then asks anew.
    std::shared_ptr<Scheduler> scheduler() const;
    std::shared_ptr<KeyStore> store() const;
    /// Runs on `scheduler()`: for services that know nothing but an executor, and for
    /// coroutines. An `Election` made on it keeps the node's time, and so does `async_sleep`;
    /// Asio's own timers do not.
    boost::asio::any_io_executor executor() const;
    /// By the node's own clock.
    Instant now() const;
    /// Neither paused, nor asleep, nor crashed.
    bool is_running() const;

    /// The checker watches this election from now on, until it is destroyed or the node crashes.
    /// One that it is not told of may do as it likes.
    void follow(Election& election);
    /// The same for a session that carries several: that it falls silent once it has stopped is
    /// watched only then.
    void follow(Session& session);
    /// Adds a line of yours to the trace.
    void note(std::string text);
    /// A number below `bound` that the seed decides.
    std::uint64_t random(std::uint64_t bound);

private:
    detail::NodeState* state_;
};

}  // namespace tenure::sim
