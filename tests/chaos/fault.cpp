#include "tests/chaos/fault.hpp"

#include <algorithm>
#include <array>

namespace tenure::chaos {
namespace {

constexpr std::array<std::string_view, fault_kinds> names{
    "member_killed",     "member_paused",    "member_restarted",    "etcd_restarted",
    "candidate_killed",  "candidate_paused", "candidate_restarted", "member_cut",
    "member_silent",     "member_slow",      "candidate_cut",       "candidate_silent",
    "candidate_unheard", "candidate_slow",   "connections_dropped", "connections_half_open",
    "compacted",         "lease_revoked",    "key_deleted"};

}  // namespace

std::string_view to_string(FaultKind kind) {
    return names.at(static_cast<std::size_t>(kind));
}

std::optional<FaultKind> fault_kind(std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<FaultKind>(found - names.begin());
}

Victim victim_of(FaultKind kind) {
    switch (kind) {
        case FaultKind::etcd_restarted:
        case FaultKind::compacted:
        case FaultKind::lease_revoked:
        case FaultKind::key_deleted: return Victim::etcd;
        case FaultKind::candidate_killed:
        case FaultKind::candidate_paused:
        case FaultKind::candidate_restarted:
        case FaultKind::candidate_cut:
        case FaultKind::candidate_silent:
        case FaultKind::candidate_unheard:
        case FaultKind::candidate_slow: return Victim::candidate;
        default: return Victim::member;
    }
}

bool is_instant(FaultKind kind) {
    return kind >= FaultKind::connections_dropped;
}

bool is_of_process(FaultKind kind) {
    return kind <= FaultKind::candidate_restarted;
}

bool hampers_requests(FaultKind kind) {
    const bool is_process_of_candidate =
        is_of_process(kind) && victim_of(kind) == Victim::candidate;
    return !is_instant(kind) && !is_process_of_candidate;
}

}  // namespace tenure::chaos
