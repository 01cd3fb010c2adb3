// What may happen next, what then happens, and what must hold afterwards.
#include <algorithm>

#include "tests/exploration/model.hpp"
#include "tests/exploration/wiring.hpp"

namespace tenure::exploration {
namespace {

using Kind = Step::Kind;
using Session = detail::SessionMachine;
using Candidacy = detail::CandidacyMachine;

template <class T>
std::uint8_t narrow(T value) {
    return static_cast<std::uint8_t>(value);
}

Session::Config session_config(const Bounds& bounds) {
    // The least and the most are the same, so each pause is one unit, whatever went before.
    return {bounds.ttl * unit, bounds.margin * unit, bounds.request_timeout * unit,
            detail::Backoff(2 * unit, 2 * unit)};
}

Candidacy::Config candidacy_config(const Bounds& bounds) {
    return {.election = "e",
            .value = "v",
            .request_timeout = bounds.request_timeout * unit,
            .grace = bounds.margin * unit,
            .backoff = detail::Backoff(2 * unit, 2 * unit),
            .rejoin = true};
}

void user_steps(const World& world, std::size_t index, std::vector<Step>& found) {
    const Candidate& candidate = world.candidates[index];
    const std::uint8_t c = narrow(index);
    if (!candidate.wanted && world.left.starts > 0) found.push_back({Kind::start, c});
    if (candidate.wanted && world.left.stops > 0) found.push_back({Kind::stop, c});
    if (candidate.session_wanted && world.left.session_stops > 0) {
        found.push_back({Kind::stop_session, c});
    }
    const bool leads = candidate.leadership && !candidate.leadership->over;
    if (leads && world.left.resigns > 0) found.push_back({Kind::resign, c});
    if (!candidate.tasks.empty()) found.push_back({Kind::task, c});
    if (!candidate.unelected.empty()) found.push_back({Kind::handlers_done, c});
}

void message_steps(const World& world, std::size_t index, std::vector<Step>& found) {
    const Candidate& candidate = world.candidates[index];
    const std::uint8_t c = narrow(index);
    for (std::size_t m = 0; m < candidate.messages.size(); ++m) {
        const Message& message = candidate.messages[m];
        const bool waits = message.call == Call::grant && full_for(world, index);
        if (message.answered) {
            found.push_back({Kind::deliver, c, narrow(m)});
        } else if (!waits) {
            found.push_back({Kind::handle, c, narrow(m)});
        }
        const bool heard = World::awaited(candidate, message);
        if (heard && world.left.faults > 0) found.push_back({Kind::fail, c, narrow(m)});
    }
    if (!candidate.watch) return;
    const bool news = candidate.watch->compacted || !candidate.watch->pending.empty();
    if (news) found.push_back({Kind::notify, c});
    if (world.left.faults > 0) found.push_back({Kind::break_watch, c});
}

void operator_deletes(World& world) {
    const Revision created = world.deleted = world.store.entries.front().place.created;
    for (Candidate& candidate : world.candidates) {
        auto& leadership = candidate.leadership;
        if (leadership && leadership->created == created) leadership->excused = true;
    }
    remove_entry(world, 0);
}

void apply_to_message(World& world, Step step) {
    Candidate& candidate = world.candidates[step.candidate];
    if (step.kind == Kind::handle) {
        return handle(world, step.candidate, candidate.messages[step.index]);
    }
    Message message = candidate.messages[step.index];
    if (step.kind == Kind::fail) {
        --world.left.faults;
        message.outcome = Outcome::unavailable;
    }
    candidate.messages.erase(candidate.messages.begin() + step.index);
    Wiring(world, step.candidate).deliver(message);
}

void apply_to_candidate(World& world, Step step) {
    Candidate& candidate = world.candidates[step.candidate];
    Wiring wiring(world, step.candidate);
    switch (step.kind) {
        case Kind::start: --world.left.starts; return wiring.start();
        case Kind::stop: --world.left.stops; return wiring.stop();
        case Kind::stop_session: --world.left.session_stops; return wiring.feed(Session::Stop{});
        case Kind::resign:
            --world.left.resigns;
            return wiring.feed(Candidacy::Resign{to_integer(candidate.leadership->created)});
        case Kind::task: return wiring.run_task();
        case Kind::handlers_done: return wiring.handlers_done();
        case Kind::session_timer: return wiring.feed(Session::Tick{});
        case Kind::candidacy_timer: return wiring.feed(Candidacy::Tick{});
        case Kind::notify:
            if (candidate.watch->compacted) return wiring.break_watch(errc::compacted);
            return wiring.deliver_notice();
        case Kind::break_watch: --world.left.faults; return wiring.break_watch(errc::unreachable);
        default: return;
    }
}

// Its time is over, and so it is not valid; but its user has to hear of that, too.
void check_step_down(const World& world, const Candidate& candidate) {
    const bool leads = candidate.leadership && !candidate.leadership->over;
    if (!leads || world.now < candidate.term_until) return;
    if (candidate.session.next_deadline() <= world.now) return;
    throw Violation("a leadership's time is over, and no timer will tell its user");
}

}  // namespace

World::World(const Bounds& limits)
    : bounds(limits), now(std::chrono::hours(1)), left(limits.budget) {
    for (std::size_t i = 0; i < bounds.candidates; ++i) {
        candidates.emplace_back(session_config(bounds), candidacy_config(bounds));
    }
}

bool World::valid(const Candidate& candidate) const {
    const auto& leadership = candidate.leadership;
    if (!leadership || leadership->over || leadership->lease != candidate.term) return false;
    return now < candidate.term_until;
}

int World::cost_of_time() const {
    const auto times_out = [this](const detail::Attempt& attempt) {
        return attempt.in_flight() && attempt.deadline() <= now + unit;
    };
    return static_cast<int>(std::ranges::count_if(candidates, [&](const Candidate& candidate) {
        const Instant due =
            std::min(candidate.session.next_deadline(), candidate.candidacy.next_deadline());
        const bool sleeps = due <= now || !candidate.tasks.empty();
        return sleeps || times_out(std::get<5>(candidate.session.fields())) ||
               times_out(std::get<9>(candidate.candidacy.fields()));
    }));
}

// From the machine's members, not from what it says: it might be mistaken.
bool World::awaited(const Candidate& candidate, const Message& message) {
    const bool of_session = message.call <= Call::revoke;
    const auto session = candidate.session.fields();
    const auto candidacy = candidate.candidacy.fields();
    const auto& attempt = of_session ? std::get<5>(session) : std::get<9>(candidacy);
    const auto& [state, id, at] = attempt.fields();
    return state == detail::Attempt::State::in_flight && id == message.request;
}

std::vector<Step> steps(const World& world) {
    std::vector<Step> found;
    for (std::size_t c = 0; c < world.candidates.size(); ++c) {
        const Candidate& candidate = world.candidates[c];
        user_steps(world, c, found);
        if (candidate.session.next_deadline() <= world.now) {
            found.push_back({Kind::session_timer, narrow(c)});
        }
        if (candidate.candidacy.next_deadline() <= world.now) {
            found.push_back({Kind::candidacy_timer, narrow(c)});
        }
        message_steps(world, c, found);
    }
    for (std::size_t l = 0; l < world.store.leases.size(); ++l) {
        const StoredLease& lease = world.store.leases[l];
        if (may_expire(world, lease)) found.push_back({Kind::expire, lease.owner, narrow(l)});
    }
    const bool deletable = world.left.deletes > 0 && !world.store.entries.empty();
    if (deletable) found.push_back({Kind::operator_deletes});
    if (world.cost_of_time() <= world.left.faults) found.push_back({Kind::time_passes});
    return found;
}

void apply(World& world, Step step) {
    switch (step.kind) {
        case Kind::time_passes:
            world.left.faults = narrow(world.left.faults - world.cost_of_time());
            world.now += unit;
            break;
        case Kind::operator_deletes:
            --world.left.deletes;
            operator_deletes(world);
            break;
        case Kind::expire: expire(world, step.index); break;
        case Kind::handle:
        case Kind::deliver:
        case Kind::fail: apply_to_message(world, step); break;
        default: apply_to_candidate(world, step);
    }
    forget_history(world);
    check(world);
}

void check(const World& world) {
    for (const Candidate& candidate : world.candidates)
        check_step_down(world, candidate);
    std::string valid;
    for (std::size_t i = 0; i < world.candidates.size(); ++i) {
        const Candidate& candidate = world.candidates[i];
        if (!world.valid(candidate) || candidate.leadership->excused) continue;
        const std::string name(1, static_cast<char>('A' + i));
        valid += name;
        if (valid.size() > 1) throw Violation("candidates " + valid + " lead at once");
        const auto& entries = world.store.entries;
        const bool first =
            !entries.empty() && entries.front().place.created == candidate.leadership->created;
        if (!first) throw Violation("candidate " + name + " leads, and its entry is not the first");
    }
}

}  // namespace tenure::exploration
