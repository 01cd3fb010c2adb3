#include "backends/simulation/node_state.hpp"

#include <boost/asio/any_io_executor.hpp>

#include "backends/simulation/checker.hpp"
#include "backends/simulation/executor.hpp"

namespace tenure::sim {
namespace detail {
namespace {

using Kind = TraceEvent::Kind;

// A machine's clock begins with the machine, at another time on each.
Instant some_beginning(Random& random) {
    return Instant(std::chrono::hours(1) + random.up_to(std::chrono::hours(100)));
}

// How long after it has woken a process finds out that its timers are overdue.
constexpr Duration notices_within = std::chrono::seconds(1);

}  // namespace

NodeState::NodeState(Engine& engine, Tracer& tracer, ServerState& server, Checker& checker,
                     Random random, std::string name, const LinkOptions& link)
    : engine_(engine),
      tracer_(tracer),
      server_(server),
      checker_(checker),
      random_(random),
      name_(std::move(name)),
      link_{link, link},
      process_(engine.add_process(some_beginning(random_))),
      wire_(engine, tracer, random_.split(), name_, link),
      node_(*this) {
    process_->set_random(random_.split());
    server_.add(wire_);
    wire_.set_store_silent(server_.is_silent());
    boot();
}

void NodeState::boot() {
    scheduler_ = process_->make_scheduler();
    connection_ = std::make_shared<Connection>(process_, wire_, server_, name_);
    wire_.attach(connection_);
    server_.add(connection_);
    if (wire_.stalled()) connection_->streams_stall();
    store_ = make_remote_store(connection_, server_);
    contexts_.push_back(std::make_unique<boost::asio::execution_context>());
    provide_scheduler(*contexts_.back(), scheduler_);
    tracer_.add(Kind::started, name_, {});
    run_program();
}

void NodeState::run_program() {
    if (!program_) return;
    try {
        running_ = program_(node_);
    } catch (...) {
        crash();
        throw;
    }
}

boost::asio::any_io_executor NodeState::executor() const {
    return SchedulerExecutor(*contexts_.back(), scheduler_);
}

void NodeState::set_program(World::Program program) {
    program_ = std::move(program);
    run_program();
}

bool NodeState::is_calm() const {
    const bool runs = condition_ == Condition::running || condition_ == Condition::down;
    return runs && !wire_.is_cut() && line_fault_.empty() && !link_.is_hopeless();
}

void NodeState::fault(Kind kind, const std::string& what) {
    checker_.disturbed();
    tracer_.add(kind, name_, what);
}

void NodeState::cut(Direction direction) {
    const bool was_cut_off = wire_.is_cut_off();
    wire_.cut(direction);
    if (!cut_fault_.empty()) {
        checker_.disturbed();
        if (wire_.is_cut_off() && !was_cut_off) note("the other way is cut, too");
        return;
    }
    cut_fault_ = direction == Direction::both       ? "cut off"
                 : direction == Direction::to_store ? "cut off to the store"
                                                    : "cut off from the store";
    fault(Kind::fault_begins, cut_fault_);
}

void NodeState::heal_line() {
    if (!cut_fault_.empty()) fault(Kind::fault_ends, std::exchange(cut_fault_, {}));
    wire_.heal();
    if (line_fault_.empty()) return;
    fault(Kind::fault_ends, std::exchange(line_fault_, {}));
    wire_.link = link_;
}

void NodeState::harm_line(const LinkOptions& link, Direction direction, const std::string& called) {
    if (!line_fault_.empty()) return;
    line_fault_ = called;
    fault(Kind::fault_begins, called);
    wire_.link.set(link, direction);
}

void NodeState::set_link(const LinkOptions& link, Direction direction) {
    fault(Kind::note, "its line is another");
    link_.set(link, direction);
    if (line_fault_.empty()) wire_.link = link_;
}

void NodeState::pause() {
    if (condition_ != Condition::running) return;
    condition_ = Condition::paused;
    fault(Kind::fault_begins, "paused");
    process_->pause();
}

void NodeState::resume() {
    if (condition_ != Condition::paused) return;
    condition_ = Condition::running;
    fault(Kind::fault_ends, "paused");
    process_->resume();
}

void NodeState::suspend(Duration duration) {
    if (duration < Duration::zero()) throw std::invalid_argument("suspend: less than no time");
    if (condition_ != Condition::running) return;
    condition_ = Condition::asleep;
    fault(Kind::fault_begins, "asleep");
    process_->pause();
    engine_.after(duration, [this, sleep = ++sleeps_] {
        if (condition_ == Condition::asleep && sleep == sleeps_) wake();
    });
}

void NodeState::wake() {
    condition_ = Condition::running;
    fault(Kind::fault_ends, "asleep");
    process_->wake(random_.up_to(notices_within));
}

void NodeState::crash() {
    if (condition_ == Condition::down) return;
    if (condition_ == Condition::paused) resume();
    if (condition_ == Condition::asleep) wake();
    condition_ = Condition::down;
    fault(Kind::fault_begins, "down");
    checker_.forget(asker());
    process_->kill();
    connection_->close();
    // The dead process's own stay: whoever still asks them hears nothing.
    running_.reset();
}

void NodeState::restart() {
    if (condition_ != Condition::down) return;
    condition_ = Condition::running;
    fault(Kind::fault_ends, "down");
    process_->start();
    boot();
}

void NodeState::set_clock_rate(std::int64_t parts_per_million) {
    check_clock_rate(parts_per_million);
    process_->clock()->set_rate(parts_per_million);
    note("clock rate " + std::to_string(parts_per_million) + " ppm");
}

void NodeState::mend() {
    heal_line();
    switch (condition_) {
        case Condition::running: return;
        case Condition::paused: return resume();
        case Condition::asleep: return wake();
        case Condition::down: return restart();
    }
}

void NodeState::close() {
    if (connection_) connection_->close();
    running_.reset();
}

}  // namespace detail

const std::string& Node::name() const {
    return state_->name();
}

std::shared_ptr<Scheduler> Node::scheduler() const {
    return state_->scheduler();
}

std::shared_ptr<KeyStore> Node::store() const {
    return state_->store();
}

boost::asio::any_io_executor Node::executor() const {
    return state_->executor();
}

Instant Node::now() const {
    return state_->process().clock()->now();
}

bool Node::is_running() const {
    return state_->condition() == detail::NodeState::Condition::running;
}

void Node::follow(Election& election) {
    state_->checker().follow(*state_, election);
}

void Node::follow(Session& session) {
    state_->checker().follow(*state_, session);
}

void Node::note(std::string text) {
    state_->note(std::move(text));
}

std::uint64_t Node::random(std::uint64_t bound) {
    return state_->random().below(bound);
}

}  // namespace tenure::sim
