// What the author of a store provides, so that the suite can run over it.
#pragma once

#include <functional>
#include <memory>
#include <tenure/key_store.hpp>

namespace tenure::conformance {

/// What the suite may expect of the store. The defaults suit a server on this machine.
struct Limits {
    /// The shortest lease that makes sense; each of the few cases that wait for one to run out
    /// takes two or three times as long.
    Duration shortest_ttl = std::chrono::seconds(2);
    /// How long after its time a lease may still seem to live, as its watchers see it.
    Duration expiry_delay = std::chrono::seconds(3);
    /// Within which each request is answered, and each change is reported.
    Duration answer = std::chrono::seconds(5);
    /// Within which a request to an endpoint that never answers ends, and a watch fails when
    /// the store is down.
    Duration failure = std::chrono::seconds(15);
    /// The longest value that is tried, in bytes.
    std::size_t largest_value = 64 * 1024;
    /// How many watches are opened and dropped one after another.
    int watches_in_a_row = 1000;
    /// Whether to call from several threads at once.
    bool use_threads = true;
};

/// One is made for each case. Only `open` and `run_until` must be written; a case that needs a
/// hook which is not offered is reported as skipped.
class Fixture {
public:
    Fixture() = default;
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;
    virtual ~Fixture() = default;

    /// A client of its own, onto the data that all clients of this fixture share.
    virtual std::shared_ptr<KeyStore> open() = 0;

    /// Lets time pass and replies come until the predicate holds; false when `bound` has passed
    /// without. In virtual time it moves the clock. The predicate is cheap, and may be asked as
    /// often as you like, on the thread that calls.
    virtual bool run_until(const std::function<bool()>& predicate, Duration bound) = 0;

    /// The clock that `run_until` lets pass.
    virtual Instant now() const { return LeaseClock::now(); }
    virtual Limits limits() const { return {}; }

    /// Makes the store forget its history up to and including `revision`.
    virtual bool compact(Revision revision) {
        static_cast<void>(revision);
        return false;
    }
    /// Makes the store unreachable for all clients, and reachable again with its data:
    /// `restart_store` returns when it takes requests. A case that fails may leave it stopped.
    virtual bool stop_store() { return false; }
    virtual void restart_store() {}
    /// A client whose endpoint accepts and never answers.
    virtual std::shared_ptr<KeyStore> open_silent() { return nullptr; }
};

}  // namespace tenure::conformance
