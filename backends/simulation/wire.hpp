// The line between one node and the store: what gets through it, and when.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tenure/simulation/world.hpp>

#include "backends/simulation/random.hpp"
#include "backends/simulation/tracer.hpp"

namespace tenure::sim::detail {

class Connection;

/// Outlives the processes at its ends.
class Wire {
public:
    enum class Way { to_store, from_store };

    Wire(Engine& engine, Tracer& tracer, Random random, std::string node, const LinkOptions& link)
        : options(link),
          engine_(engine),
          tracer_(tracer),
          random_(random),
          node_(std::move(node)) {}

    void cut(Direction direction);
    void heal();
    bool is_cut() const { return cut_to_store_ || cut_from_store_; }
    /// The store says nothing any more, or goes on: streams hear nothing meanwhile.
    void set_store_silent(bool silent);
    bool stalled() const { return stalled_; }
    /// Told when streams stall and go on.
    void attach(std::weak_ptr<Connection> connection) { connection_ = std::move(connection); }

    /// Runs the task when a message has gone that way, unless it is lost. `what` is asked for
    /// only when it is written down.
    template <class What>
    void send(Way way, Task arrived, What what);
    /// How long a part of a stream takes: it is never lost, only late.
    Duration stream_trip();

    LinkOptions options;

private:
    bool gets_through(Way way) const {
        return way == Way::to_store ? !cut_to_store_ : !cut_from_store_;
    }
    Duration trip() { return options.latency + random_.up_to(options.jitter); }
    void note(TraceEvent::Kind kind, std::string what) {
        tracer_.add(kind, node_, std::move(what));
    }
    void update_stall();

    Engine& engine_;
    Tracer& tracer_;
    Random random_;
    const std::string node_;
    std::weak_ptr<Connection> connection_;
    bool cut_to_store_ = false;
    bool cut_from_store_ = false;
    bool store_silent_ = false;
    bool stalled_ = false;
};

template <class What>
void Wire::send(Way way, Task arrived, What what) {
    const bool written = tracer_.messages();
    if (written) note(TraceEvent::Kind::sent, what());
    if (!gets_through(way) || random_.one_in_a_thousand(options.loss_per_mille)) {
        if (written) note(TraceEvent::Kind::lost, what());
        return;
    }
    engine_.after(trip(), [this, way, what, written, arrived = std::move(arrived)] {
        // Cut while it was on its way.
        const bool through = gets_through(way);
        if (written) note(through ? TraceEvent::Kind::received : TraceEvent::Kind::lost, what());
        if (through) arrived();
    });
}

}  // namespace tenure::sim::detail
