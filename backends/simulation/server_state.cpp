#include "backends/simulation/server_state.hpp"

#include <algorithm>

namespace tenure::sim::detail {

ServerState::ServerState(Engine& engine, Tracer& tracer, Random random)
    : engine_(engine),
      tracer_(tracer),
      random_(random),
      process_(engine.add_process(Instant(std::chrono::hours(1000)))),
      memory_(make_memory_store(process_->make_scheduler())) {}

void ServerState::receive(Task handle, const Task& refuse) {
    if (state_ == State::stopped) return refuse();
    process_->post(process_->incarnation(), [this, epoch = epoch_, handle = std::move(handle)] {
        // A request that waited does not survive the store's restart.
        if (epoch == epoch_) handle();
    });
}

std::optional<Asker> ServerState::owner_of(LeaseId lease) const {
    const auto found = leases_.find(lease);
    if (found == leases_.end()) return std::nullopt;
    return found->second.owner;
}

Duration ServerState::promised(LeaseId lease) const {
    const auto found = leases_.find(lease);
    return found == leases_.end() ? Duration::zero() : found->second.promised;
}

// The store keeps each lease a little longer than it says: never early, perhaps late.
void ServerState::grant(const Asker& asker, Duration ttl, Reply<Lease> reply) {
    const Duration late = random_.up_to(latest_expiry_);
    memory_->grant_lease(ttl + late, [this, asker, ttl, reply](result<Lease> lease) {
        if (!lease) return reply(lease);
        leases_.emplace(lease->id, Granted{asker, ttl});
        longest_promised_ = std::max(longest_promised_, ttl);
        reply(Lease{lease->id, ttl});
    });
}

void ServerState::renew(LeaseId id, Reply<Lease> reply) {
    memory_->renew_lease(id, [this, id, reply](result<Lease> lease) {
        const auto granted = leases_.find(id);
        if (!lease || granted == leases_.end()) return reply(lease);
        reply(Lease{id, granted->second.promised});
    });
}

void ServerState::remove(const Asker& asker, const Entry& entry, Reply<void> reply) {
    removal_ = Removal{asker, entry.created, LeaseId{}};
    memory_->remove(entry, std::move(reply));
}

void ServerState::revoke(const Asker& asker, LeaseId lease, Reply<void> reply) {
    removal_ = Removal{asker, Revision{}, lease};
    memory_->revoke_lease(lease, std::move(reply));
}

void ServerState::stop() {
    if (state_ == State::stopped) return;
    if (state_ == State::paused) resume();
    state_ = State::stopped;
    listener_.disturbed();
    note(TraceEvent::Kind::fault_begins, "outage");
    ++epoch_;
    process_->clock()->set_rate(NodeClock::stopped);
    for (const auto& weak : connections_) {
        if (const auto connection = weak.lock()) connection->break_streams();
    }
}

void ServerState::start() {
    if (state_ != State::stopped) return;
    state_ = State::up;
    listener_.disturbed();
    note(TraceEvent::Kind::fault_ends, "outage");
    process_->clock()->set_rate(rate_);
    restart_leases();
}

void ServerState::pause() {
    if (state_ != State::up) return;
    state_ = State::paused;
    listener_.disturbed();
    note(TraceEvent::Kind::fault_begins, "paused");
    process_->pause();
    tell_silence();
}

void ServerState::resume() {
    if (state_ != State::paused) return;
    state_ = State::up;
    listener_.disturbed();
    note(TraceEvent::Kind::fault_ends, "paused");
    process_->resume();
    tell_silence();
}

void ServerState::tell_silence() {
    for (Wire* wire : wires_)
        wire->set_store_silent(is_silent());
}

void ServerState::stall_watches() {
    if (watches_stall_) return;
    watches_stall_ = true;
    listener_.disturbed();
    note(TraceEvent::Kind::fault_begins, "watches stall");
    tell_silence();
}

void ServerState::resume_watches() {
    if (!watches_stall_) return;
    watches_stall_ = false;
    listener_.disturbed();
    note(TraceEvent::Kind::fault_ends, "watches stall");
    tell_silence();
}

void ServerState::expire_late(Duration at_most) {
    listener_.disturbed();
    latest_expiry_ = at_most;
}

void ServerState::restart_leases() {
    listener_.disturbed();
    std::erase_if(leases_, [this](const auto& lease) { return !memory_->has_lease(lease.first); });
    for (const auto& [id, granted] : leases_)
        memory_->renew_lease(id, [](const result<Lease>&) {});
    note(TraceEvent::Kind::note, "every lease starts again");
}

void ServerState::set_clock_rate(std::int64_t parts_per_million) {
    check_clock_rate(parts_per_million);
    rate_ = parts_per_million;
    if (state_ != State::stopped) process_->clock()->set_rate(rate_);
    note(TraceEvent::Kind::note, "clock rate " + std::to_string(parts_per_million) + " ppm");
}

void ServerState::compact() {
    note(TraceEvent::Kind::note, "history forgotten");
    memory_->compact(memory_->revision());
}

void ServerState::cut_watches() {
    listener_.disturbed();
    note(TraceEvent::Kind::note, "every stream breaks");
    for (const auto& weak : connections_) {
        if (const auto connection = weak.lock()) connection->break_streams();
    }
}

void ServerState::delete_entry(const Entry& entry) {
    note(TraceEvent::Kind::note, "an operator deletes " + entry.key);
    listener_.taken_away(entry);
    memory_->remove(entry, [](const result<void>&) {});
}

void ServerState::revoke(LeaseId lease) {
    note(TraceEvent::Kind::note, "an operator revokes a session");
    for (const Entry& entry : memory_->entries("")) {
        if (entry.lease == lease) listener_.taken_away(entry);
    }
    memory_->revoke_lease(lease, [](const result<void>&) {});
}

}  // namespace tenure::sim::detail
