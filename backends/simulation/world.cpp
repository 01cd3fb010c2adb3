// The public face of the world and its store; what they do is in world_state and server_state.
#include <tenure/simulation/world.hpp>

#include "backends/simulation/world_state.hpp"

namespace tenure::sim {
namespace {

std::string in_seconds(Duration duration) {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration);
    std::string digits = std::to_string(milliseconds.count() % 1000);
    digits.insert(0, 3 - digits.size(), '0');
    return std::to_string(milliseconds.count() / 1000) + "." + digits + " s";
}

template <class Function>
void refuse_empty(const Function& function, const std::string& name) {
    if (!function) throw std::invalid_argument(name + ": the function is empty");
}

}  // namespace

Violation::Violation(std::string property, Duration at, const std::string& words)
    : std::logic_error(property + " does not hold at " + in_seconds(at) + ": " + words),
      property_(std::move(property)),
      at_(at) {}

World::World(WorldOptions options)
    : state_(std::make_unique<detail::WorldState>(std::move(options))) {}

World::~World() = default;

Node& World::add_node(const std::string& name, Program program) {
    return state_->add_node(name, std::move(program)).node();
}

Node& World::node(std::string_view name) {
    return state_->node(name).node();
}

Server& World::server() {
    return state_->server_handle;
}

void World::partition(std::string_view node, Direction direction) {
    state_->node(node).cut(direction);
}

void World::heal(std::string_view node) {
    state_->node(node).heal_line();
}

void World::set_link(std::string_view node, const LinkOptions& link, Direction direction) {
    state_->node(node).set_link(link, direction);
}

void World::pause(std::string_view node) {
    state_->node(node).pause();
}

void World::resume(std::string_view node) {
    state_->node(node).resume();
}

void World::suspend(std::string_view node, Duration duration) {
    state_->node(node).suspend(duration);
}

void World::crash(std::string_view node) {
    state_->node(node).crash();
}

void World::restart(std::string_view node) {
    state_->node(node).restart();
}

void World::set_clock_rate(std::string_view node, std::int64_t parts_per_million) {
    state_->node(node).set_clock_rate(parts_per_million);
}

void World::heal() {
    state_->heal();
}

void World::chaos(const ChaosOptions& options) {
    state_->chaos(options);
}

Duration World::now() const {
    return state_->engine.now();
}

void World::run_for(Duration duration) {
    state_->run_until([] { return false; }, duration);
}

bool World::run_until(const std::function<bool()>& predicate, Duration bound) {
    return state_->run_until(predicate, bound);
}

void World::at(Duration when, std::function<void()> action) {
    refuse_empty(action, "at");
    state_->engine.at(when, std::move(action));
}

void World::always(std::string name, std::function<bool()> predicate) {
    refuse_empty(predicate, name);
    state_->checker.always(std::move(name), std::move(predicate));
}

void World::eventually(std::string name, std::function<bool()> predicate, Duration within) {
    refuse_empty(predicate, name);
    state_->checker.eventually(std::move(name), std::move(predicate), within);
}

std::string World::leader(std::string_view election) const {
    return state_->checker.leader(election);
}

void World::tolerate_violations() {
    state_->checker.tolerate();
}

const Trace& World::trace() const {
    return state_->tracer.trace();
}

std::uint64_t World::steps() const {
    return state_->engine.steps();
}

void Server::stop() {
    state_->stop();
}

void Server::start() {
    state_->start();
}

void Server::pause() {
    state_->pause();
}

void Server::resume() {
    state_->resume();
}

bool Server::is_up() const {
    return state_->is_up();
}

void Server::restart_leases() {
    state_->restart_leases();
}

void Server::expire_late(Duration at_most) {
    state_->expire_late(at_most);
}

void Server::set_clock_rate(std::int64_t parts_per_million) {
    state_->set_clock_rate(parts_per_million);
}

void Server::compact() {
    state_->compact();
}

void Server::cut_watches() {
    state_->cut_watches();
}

void Server::stall_watches() {
    state_->stall_watches();
}

void Server::resume_watches() {
    state_->resume_watches();
}

void Server::delete_entry(const Entry& entry) {
    state_->delete_entry(entry);
}

void Server::revoke(LeaseId lease) {
    state_->revoke(lease);
}

std::vector<Entry> Server::entries(const std::string& election) const {
    return state_->memory().entries(election);
}

}  // namespace tenure::sim
