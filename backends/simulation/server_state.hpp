// The store of the world and the process it runs in.
#pragma once

#include <map>
#include <optional>
#include <tenure/memory_store.hpp>
#include <vector>

#include "backends/simulation/connection.hpp"

namespace tenure::sim::detail {

class ServerState {
public:
    /// Told of what concerns the properties.
    struct Listener {
        std::function<void(const Asker&, LeaseId)> renewal_sent;
        /// An operator took this entry away.
        std::function<void(const Entry&)> taken_away;
        std::function<void()> disturbed;
    };

    ServerState(Engine& engine, Tracer& tracer, Random random);

    Engine& engine() { return engine_; }
    MemoryStore& memory() { return *memory_; }
    const MemoryStore& memory() const { return *memory_; }
    void set_listener(Listener listener) { listener_ = std::move(listener); }
    void add(Wire& wire) { wires_.push_back(&wire); }
    void add(std::weak_ptr<Connection> connection) {
        connections_.push_back(std::move(connection));
    }

    /// A request has arrived.
    void receive(Task handle, const Task& refuse);
    /// Each start of the store is another one.
    std::uint64_t epoch() const { return epoch_; }
    /// What a process asked the store to take away.
    struct Removal {
        Asker asker;
        /// One entry, or all of a lease.
        Revision entry{};
        LeaseId lease{};
        bool covers(const Entry& removed) const {
            return removed.created == entry || removed.lease == lease;
        }
    };
    /// What the step that has just been made was asked to take away.
    std::optional<Removal> take_removal() { return std::exchange(removal_, std::nullopt); }
    void remove(const Asker& asker, const Entry& entry, Reply<void> reply);
    void revoke(const Asker& asker, LeaseId lease, Reply<void> reply);
    std::optional<Asker> owner_of(LeaseId lease) const;
    /// The time that was granted; zero for a lease that is not known.
    Duration promised(LeaseId lease) const;
    /// The longest that ever was.
    Duration longest_promised() const { return longest_promised_; }

    void grant(const Asker& asker, Duration ttl, Reply<Lease> reply);
    void renew(LeaseId id, Reply<Lease> reply);
    void note_renewal(const Asker& asker, LeaseId id) { listener_.renewal_sent(asker, id); }

    // What a `Server` offers.
    void stop();
    void start();
    void pause();
    void resume();
    bool is_up() const { return state_ == State::up; }
    /// Watches hear nothing of it.
    bool is_silent() const { return state_ == State::paused || watches_stall_; }
    bool is_calm() const { return is_up() && !watches_stall_; }
    void restart_leases();
    void expire_late(Duration at_most);
    void set_clock_rate(std::int64_t parts_per_million);
    void compact();
    void cut_watches();
    void stall_watches();
    void resume_watches();
    void delete_entry(const Entry& entry);
    void revoke(LeaseId lease);

private:
    enum class State { up, paused, stopped };
    struct Granted {
        Asker owner;
        Duration promised{};
    };

    void note(TraceEvent::Kind kind, std::string what) {
        tracer_.add(kind, "store", std::move(what));
    }
    void tell_silence();

    Engine& engine_;
    Tracer& tracer_;
    Random random_;
    const std::shared_ptr<Process> process_;
    const std::shared_ptr<MemoryStore> memory_;
    Listener listener_;
    std::vector<Wire*> wires_;
    std::vector<std::weak_ptr<Connection>> connections_;
    State state_ = State::up;
    bool watches_stall_ = false;
    std::uint64_t epoch_ = 1;
    std::int64_t rate_ = 0;
    Duration latest_expiry_{};
    std::map<LeaseId, Granted> leases_;
    Duration longest_promised_{};
    std::optional<Removal> removal_;
};

}  // namespace tenure::sim::detail
