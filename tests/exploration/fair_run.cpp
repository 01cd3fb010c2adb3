// What must come of every state once nothing is lost or late any more.
#include <algorithm>
#include <limits>

#include "tests/exploration/explorer.hpp"

namespace tenure::exploration {
namespace {

using Kind = Step::Kind;

// Long enough for each lease to run out, and for a session and a candidacy to begin anew.
constexpr int rounds_in_leases = 5;
constexpr int steps_in_a_round = 200;

bool is_fair(const World& world, const Step& step) {
    switch (step.kind) {
        case Kind::task:
        case Kind::handlers_done:
        case Kind::session_timer:
        case Kind::candidacy_timer:
        case Kind::handle:
        case Kind::deliver:
        case Kind::notify: return true;
        case Kind::expire: {
            const StoredLease& lease = world.store.leases[step.index];
            return world.now >= lease.renewed_at + world.ttl();
        }
        default: return false;
    }
}

void settle(World& world) {
    for (int i = 0; i < steps_in_a_round; ++i) {
        const auto choices = steps(world);
        const auto fair =
            std::ranges::find_if(choices, [&](const Step& step) { return is_fair(world, step); });
        if (fair == choices.end()) return;
        apply(world, *fair);
    }
    throw Violation("from here, without faults, it goes round at one moment for ever");
}

// A request handled long after it was given up makes an entry that nobody takes away before the
// lease ends: docs/algorithm.md names it, and the line may have to wait for it.
bool blocked_by_a_ghost(const World& world) {
    return std::ranges::any_of(world.store.entries, [&](const StoredEntry& entry) {
        return entry.late && !world.candidates[entry.owner].wanted;
    });
}

void run_fair(World world) {
    // What is lost already still has to time out.
    world.left.faults = std::numeric_limits<std::uint8_t>::max();
    const int rounds = rounds_in_leases * world.bounds.ttl;
    for (int round = 0; round < rounds; ++round) {
        settle(world);
        apply(world, {Kind::time_passes});
    }
    settle(world);
    if (blocked_by_a_ghost(world)) return;
    bool wanted = false;
    bool led = false;
    for (const Candidate& candidate : world.candidates) {
        const bool stands = candidate.wanted && candidate.session_wanted;
        wanted = wanted || stands;
        const bool leads = world.valid(candidate);
        led = led || leads;
        const bool resting = candidate.candidacy.state() == detail::CandidacyMachine::State::idle;
        if (!candidate.wanted && !resting) {
            throw Violation("from here, without faults, a stopped candidate never rests");
        }
        if (leads && candidate.leadership->excused) {
            throw Violation("from here, without faults, a deposed leader never hears of it");
        }
    }
    if (wanted && !led) throw Violation("from here, without faults, nobody ever leads");
}

}  // namespace

void check_fair_run(World world) {
    run_fair(world);
    // The same after all that is under way was lost.
    for (Candidate& candidate : world.candidates)
        candidate.messages.clear();
    run_fair(std::move(world));
}

}  // namespace tenure::exploration
