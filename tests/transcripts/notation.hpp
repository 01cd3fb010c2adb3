// The words of a transcript: how times, entries, answers and errors are written, and read back.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <tenure/key_store.hpp>

namespace tenure::testing {

/// What is wrong with a transcript. Who reads the file adds where.
struct Mistake : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The moment that transcripts call 0s.
inline constexpr Instant transcript_start{std::chrono::hours(1)};

/// The words of one line: plain ones in their order, and `name=value` in any.
class Words {
public:
    explicit Words(const std::string& line);

    /// The next plain word; `what` names it where it is missing.
    std::string take(const std::string& what);
    bool has_more() const { return !plain_.empty(); }
    std::optional<std::string> named(const std::string& name);
    std::string needed(const std::string& name);
    /// A word that nobody took is a mistake: it would mean nothing.
    void finish() const;

private:
    std::deque<std::string> plain_;
    std::map<std::string, std::string> named_;
};

Duration read_duration(const std::string& text);
Instant read_instant(const std::string& text);
std::int64_t read_number(const std::string& text);
/// `#3`
RequestId read_request(const std::string& text);
/// `L7`
LeaseId read_lease_id(const std::string& text);
LossReason read_reason(const std::string& text);
/// `a@20/L7`: value a, created at 20, under the lease L7. The key follows from the lease.
Entry read_entry(const std::string& text, const std::string& election);

// The answers, each as the rest of its line, or the name of an `errc`.
result<Lease> read_granted(Words& words);
result<void> read_done(Words& words);
result<Revision> read_revision(Words& words);
result<Standing> read_standing(Words& words, const std::string& election);
result<Listing> read_listing(Words& words, const std::string& election);
result<Change> read_change(Words& words, const std::string& election);

std::string written(Duration duration);
std::string written(Instant instant);
std::string written(RequestId id);
std::string written(LeaseId id);
std::string written(Revision revision);
std::string written(LossReason reason);
std::string written(const Error& error);
/// The key is told where it is not the one that follows from the lease.
std::string written(const Entry& entry, const std::string& election);
std::string written(const WatchTarget& target);

}  // namespace tenure::testing
