// Writes the trace down.
#pragma once

#include <tenure/simulation/trace.hpp>
#include <utility>

#include "backends/simulation/engine.hpp"

namespace tenure::sim::detail {

class Tracer {
public:
    Tracer(const Engine& engine, bool messages) : engine_(engine), messages_(messages) {}

    void add(TraceEvent event) {
        event.at = engine_.now();
        trace_.push_back(std::move(event));
    }
    void add(TraceEvent::Kind kind, const std::string& who, std::string what) {
        add({.kind = kind, .who = who, .what = std::move(what)});
    }
    /// Whether messages are written down: building their words costs more than sending them.
    bool messages() const { return messages_; }
    const Trace& trace() const { return trace_; }

private:
    const Engine& engine_;
    const bool messages_;
    Trace trace_;
};

}  // namespace tenure::sim::detail
