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

/// Throws std::invalid_argument that names what is wrong.
void check(const LinkOptions& options);

/// Outlives the processes at its ends.
class Wire {
public:
    enum class Way { to_store, from_store };

    /// Which of a line's two ways is as which options say; the times to wait are its own.
    struct Link {
        LinkOptions to_store;
        LinkOptions from_store;

        const LinkOptions& of(Way way) const {
            return way == Way::to_store ? to_store : from_store;
        }
        void set(const LinkOptions& options, Direction direction);
        /// So bad that nothing can be asked of those who use it.
        bool is_hopeless() const;
    };

    Wire(Engine& engine, Tracer& tracer, Random random, std::string node, const LinkOptions& both)
        : link{both, both},
          engine_(engine),
          tracer_(tracer),
          random_(random),
          node_(std::move(node)) {}

    void cut(Direction direction);
    void heal();
    bool is_cut() const { return cut_to_store_ || cut_from_store_; }
    /// Both ways.
    bool is_cut_off() const { return cut_to_store_ && cut_from_store_; }
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

    /// How long a request waits for its answer, and a watch for a sign of the store.
    Duration time_out() const { return link.to_store.time_out; }
    Duration silence() const { return link.to_store.silence; }

    Link link;

private:
    bool gets_through(Way way) const {
        return way == Way::to_store ? !cut_to_store_ : !cut_from_store_;
    }
    Duration trip(Way way) { return link.of(way).latency + random_.up_to(link.of(way).jitter); }
    bool loses(Way way) { return random_.one_in_a_thousand(link.of(way).loss_per_mille); }
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
    if (!gets_through(way) || loses(way)) {
        if (written) note(TraceEvent::Kind::lost, what());
        return;
    }
    engine_.after(trip(way), [this, way, what, written, arrived = std::move(arrived)] {
        // Cut while it was on its way.
        const bool through = gets_through(way);
        if (written) note(through ? TraceEvent::Kind::received : TraceEvent::Kind::lost, what());
        if (through) arrived();
    });
}

}  // namespace tenure::sim::detail
