// One machine: its process, its line, and the program that runs on it.
#pragma once

#include <boost/asio/execution_context.hpp>
#include <memory>
#include <string>
#include <tenure/simulation/world.hpp>
#include <vector>

#include "backends/simulation/server_state.hpp"

namespace tenure::sim::detail {

class Checker;

class NodeState {
public:
    enum class Condition { running, paused, asleep, down };

    NodeState(Engine& engine, Tracer& tracer, ServerState& server, Checker& checker, Random random,
              std::string name, const LinkOptions& link);

    Node& node() { return node_; }
    const std::string& name() const { return name_; }
    Process& process() { return *process_; }
    Wire& wire() { return wire_; }
    Checker& checker() { return checker_; }
    Random& random() { return random_; }
    Condition condition() const { return condition_; }
    Asker asker() const { return {name_, process_->incarnation()}; }
    std::shared_ptr<Scheduler> scheduler() const { return scheduler_; }
    std::shared_ptr<KeyStore> store() const { return store_; }
    boost::asio::any_io_executor executor() const;
    void note(std::string text) { tracer_.add(TraceEvent::Kind::note, name_, std::move(text)); }

    /// Nothing is wrong with it that the time would not mend.
    bool is_calm() const;
    void set_program(World::Program program);

    void cut(Direction direction);
    void heal_line();
    /// As another line for a while: `called` is the fault's name.
    void harm_line(const LinkOptions& link, Direction direction, const std::string& called);
    void set_link(const LinkOptions& link, Direction direction);
    void pause();
    void resume();
    void suspend(Duration duration);
    void crash();
    void restart();
    void set_clock_rate(std::int64_t parts_per_million);
    /// Ends all that is wrong with it, at once.
    void mend();
    /// Destroys the program; the world ends.
    void close();

private:
    void boot();
    /// One that throws leaves the node down.
    void run_program();
    void wake();
    void fault(TraceEvent::Kind kind, const std::string& what);

    Engine& engine_;
    Tracer& tracer_;
    ServerState& server_;
    Checker& checker_;
    Random random_;
    const std::string name_;
    Wire::Link link_;
    const std::shared_ptr<Process> process_;
    Wire wire_;
    Node node_;
    Condition condition_ = Condition::running;
    /// The names of the faults that the line suffers from.
    std::string line_fault_;
    std::string cut_fault_;
    std::uint64_t sleeps_ = 0;
    World::Program program_;
    std::shared_ptr<Scheduler> scheduler_;
    std::shared_ptr<Connection> connection_;
    std::shared_ptr<KeyStore> store_;
    /// One for each incarnation; a coroutine of an earlier one may still name its own.
    std::vector<std::unique_ptr<boost::asio::execution_context>> contexts_;
    std::shared_ptr<void> running_;
};

}  // namespace tenure::sim::detail
