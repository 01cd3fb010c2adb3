// What the chaos can do, by name.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace tenure::chaos {

enum class FaultKind {
    /// A member of etcd: SIGKILL, and started again; SIGSTOP and SIGCONT; SIGTERM, and started
    /// again.
    member_killed,
    member_paused,
    member_restarted,
    /// All of them at once, by SIGKILL.
    etcd_restarted,
    /// The same for a candidate's process.
    candidate_killed,
    candidate_paused,
    candidate_restarted,
    /// The lines from all candidates to a member: closed, and new connections too; open, and
    /// nothing gets through; late, both ways.
    member_cut,
    member_silent,
    member_slow,
    /// The lines from a candidate to all members. `unheard`: what it asks arrives, and the answers
    /// do not.
    candidate_cut,
    candidate_silent,
    candidate_unheard,
    candidate_slow,
    /// All connections to a member end; or its side of them does, and nobody tells the others.
    connections_dropped,
    connections_half_open,
    /// etcd forgets its history.
    compacted,
    /// An operator takes away the leader's lease, or its key.
    lease_revoked,
    key_deleted,
};
inline constexpr std::size_t fault_kinds = 19;

/// The name as it is spelled above.
std::string_view to_string(FaultKind kind);
/// Empty when there is none of this name.
std::optional<FaultKind> fault_kind(std::string_view name);

/// Whose process or line it is about.
enum class Victim { member, candidate, etcd };
Victim victim_of(FaultKind kind);
/// Happens at once, and does not last.
bool is_instant(FaultKind kind);
/// Done to a process; the others are done to lines, or to what etcd keeps.
bool is_of_process(FaultKind kind);
/// Etcd's own member, or a line, is worse than usual while it lasts.
bool hampers_requests(FaultKind kind);

}  // namespace tenure::chaos
