// The reference store, in this process: for tests, and for services that run alone.
#pragma once

#include <memory>
#include <string>
#include <tenure/key_store.hpp>
#include <tenure/scheduler.hpp>
#include <vector>

namespace tenure {

/// Keeps every numbered rule of `KeyStore`, with revisions, leases on the scheduler's clock,
/// and watches with history. Replies and changes are posted to the scheduler.
///
/// Thread safety: every member from any thread.
class MemoryStore : public KeyStore {
public:
    /// Forgets the changes up to and including `revision`: a watch after an earlier one fails
    /// with `errc::compacted`.
    virtual void compact(Revision revision) = 0;
    virtual Revision revision() const = 0;
    /// What stands in the election, or in all if it is empty, in order. A look from outside, for
    /// tests: it asks nobody, and ends no lease that is due.
    virtual std::vector<Entry> entries(const std::string& election) const = 0;
    /// Whether the lease has not ended; a look from outside, too.
    virtual bool has_lease(LeaseId id) const = 0;
};

/// A store of its own.
std::shared_ptr<MemoryStore> make_memory_store(std::shared_ptr<Scheduler> scheduler);

/// The store of that name: all that is made with one name in this process shares the entries,
/// and they go with the last of them. Each sees the others' changes on its own scheduler.
std::shared_ptr<MemoryStore> shared_memory_store(std::shared_ptr<Scheduler> scheduler,
                                                 const std::string& name);

}  // namespace tenure
