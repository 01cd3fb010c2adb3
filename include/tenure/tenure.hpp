// Everything but the etcd backend and the test tools.
#pragma once

#include <tenure/election.hpp>
#include <tenure/memory_store.hpp>
#include <tenure/observer.hpp>
#include <tenure/open_store.hpp>
#include <tenure/sleep.hpp>
