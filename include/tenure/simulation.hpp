// A simulated world to test a service in that depends on leader election: clocks that drift,
// processes that are paused, lines that break, a store that fails, and a checker that watches.
// docs/testing-your-service.md shows how. Link tenure::simulation.
#pragma once

#include <tenure/faulty_store.hpp>
#include <tenure/simulation/chaos.hpp>
#include <tenure/simulation/node.hpp>
#include <tenure/simulation/scenario.hpp>
#include <tenure/simulation/server.hpp>
#include <tenure/simulation/timeline.hpp>
#include <tenure/simulation/trace.hpp>
#include <tenure/simulation/world.hpp>
#include <tenure/sleep.hpp>
#include <tenure/virtual_scheduler.hpp>
