// What the checker sees of a world. What must hold is in properties.cpp.
#include "backends/simulation/checker.hpp"

#include <stdexcept>
#include <utility>

#include "backends/simulation/node_state.hpp"

namespace tenure::sim::detail {

using Kind = TraceEvent::Kind;

std::string election_of(const Entry& entry) {
    return entry.key.substr(0, entry.key.rfind('/'));
}

void Checker::attach(ServerState& server, std::function<bool()> calm) {
    server_ = &server;
    calm_ = std::move(calm);
    server.set_listener(
        {.renewal_sent = [this](const Asker& asker, LeaseId id) { renewal_sent(asker, id); },
         .taken_away =
             [this](const Entry& entry) {
                 disturbed();
                 taken_away_.emplace(to_integer(entry.created), engine_.now());
             },
         .disturbed = [this] { disturbed(); }});
}

void Checker::follow(NodeState& node, Election& election) {
    for (const Candidate& known : candidates_) {
        if (known.election == &election && known.exists()) return;
    }
    Candidate& candidate = candidates_.emplace_back();
    candidate.number = ++last_number_;
    candidate.owns_session = election.owns_session();
    candidate.joined_late = election.leadership().token() != 0;
    candidate.asker = node.asker();
    candidate.node = &node;
    candidate.election = &election;
    candidate.name = election.name();
    followed_.emplace(candidate.asker.node, candidate.asker.incarnation, candidate.name);
    lines_[candidate.name].led_at = engine_.now();
    disturbed();
    connect(candidate);
}

// What a slot finds wrong is thrown after the step: a slot may not throw.
void Checker::connect(Candidate& candidate) {
    Election& election = *candidate.election;
    auto& slots = candidate.slots;
    slots.emplace_back(election.on_elected(
        [this, &candidate](const Leadership& leadership) { on_elected(candidate, leadership); }));
    slots.emplace_back(election.on_unelected(
        [this, &candidate](LossReason reason) { on_unelected(candidate, reason); }));
    slots.emplace_back(election.on_leader([this, &candidate](const std::optional<Leader>& leader) {
        candidate.follows = true;
        trace(Kind::leader, candidate,
              leader ? leader->candidate + " #" + std::to_string(leader->token) : "nobody");
    }));
    slots.emplace_back(election.on_error([this, &candidate](error_code, std::string_view doing) {
        trace(Kind::error, candidate, std::string(doing));
    }));
}

void Checker::follow(NodeState& node, Session& session) {
    sessions_.push_back(
        {node.asker(), &node.process(), &session, session.on_lost([](LossReason) {}), Stop{}});
}

void Checker::forget(const Asker& asker) {
    for (Candidate& candidate : candidates_) {
        if (candidate.asker == asker && candidate.leads) falls(candidate);
    }
    std::erase_if(candidates_,
                  [&](const Candidate& candidate) { return candidate.asker == asker; });
    std::erase_if(sessions_, [&](const Followed& followed) { return followed.asker == asker; });
}

const Candidate* Checker::candidate(std::uint64_t number) const {
    for (const Candidate& known : candidates_) {
        if (known.number == number) return known.exists() ? &known : nullptr;
    }
    return nullptr;
}

std::string Checker::leader(std::string_view election) const {
    if (!lines_.contains(std::string(election))) {
        throw std::invalid_argument("no election '" + std::string(election) +
                                    "' is followed; Node::follow does that");
    }
    for (const Candidate& candidate : candidates_) {
        if (candidate.leads && candidate.name == election) return candidate.asker.node;
    }
    return "";
}

void Checker::always(std::string name, std::function<bool()> predicate) {
    promises_.push_back({std::move(name), std::move(predicate), std::nullopt});
}

void Checker::eventually(std::string name, std::function<bool()> predicate, Duration within) {
    promises_.push_back({std::move(name), std::move(predicate), later(engine_.now(), within)});
    engine_.after(within, [] {});
}

void Checker::check() {
    look_at_entries();
    // Only a process's own steps change what its elections say, but for what time does to them.
    const Process* runner = engine_.last_runner();
    for (Candidate& candidate : candidates_) {
        if (!runner || runner == &candidate.node->process()) {
            look_at(candidate);
            look_whether_stopped(candidate, runner != nullptr);
        } else if (candidate.leads && !candidate.leadership.valid()) {
            falls(candidate);
        }
    }
    for (Followed& session : sessions_)
        if (!runner || runner == session.process) look_whether_stopped(session, runner != nullptr);
    check_leaders();
    check_promises();
    if (engine_.now() >= next_look_) {
        next_look_ = engine_.now() + std::chrono::seconds(1);
        check_liveness();
    }
    if (violation_) throw *violation_;
}

void Checker::look_at_entries() {
    const auto removal = server_->take_removal();
    if (server_->memory().revision() == revision_) return;
    revision_ = server_->memory().revision();
    std::map<std::int64_t, Entry> standing;
    for (Entry& entry : server_->memory().entries(""))
        standing.emplace(to_integer(entry.created), std::move(entry));
    std::swap(standing, entries_);
    for (const auto& [token, entry] : standing) {
        if (!entries_.contains(token)) entry_removed(entry, removal);
    }
    for (const auto& [token, entry] : entries_) {
        if (standing.contains(token)) continue;
        leases_[entry.lease].insert(election_of(entry));
        tracer_.add({.kind = Kind::entry_created,
                     .who = "store",
                     .election = election_of(entry),
                     .what = entry.value,
                     .token = token});
    }
}

void Checker::look_at(Candidate& candidate) {
    if (candidate.exists()) {
        const Leadership now = candidate.election->leadership();
        if (now != candidate.leadership) {
            if (candidate.leads) falls(candidate);
            candidate.leadership = now;
        }
    }
    const Duration left = candidate.leadership.remaining();
    if (left == Duration::zero()) {
        if (candidate.leads) falls(candidate);
        return;
    }
    const Instant until = candidate.node->process().clock()->now() + left;
    const bool longer = candidate.leads && until != candidate.valid_until;
    candidate.valid_until = until;
    if (!candidate.leads) rises(candidate);
    if (longer) trace(Kind::extended, candidate);
}

void Checker::check_promises() {
    for (auto promise = promises_.begin(); promise != promises_.end();) {
        const bool holds = promise->predicate();
        if (!promise->deadline) {
            if (!holds) fail(promise->name, "it was to hold always", Owner::user);
            ++promise;
            continue;
        }
        const bool over = engine_.now() >= *promise->deadline;
        if (!holds && over) fail(promise->name, "it was to come true by then", Owner::user);
        promise = holds || over ? promises_.erase(promise) : std::next(promise);
    }
}

void Checker::on_elected(Candidate& candidate, const Leadership& leadership) {
    trace(Kind::elected, candidate);
    const bool late = std::exchange(candidate.joined_late, false);
    if (candidate.announced && !late) {
        fail("turns_alternate", candidate.asker.node + " is elected twice");
    }
    // A handler that was called before this one may have resigned or stopped.
    const bool led = candidate.leads && candidate.leadership == leadership &&
                     candidate.node->process().clock()->now() < candidate.valid_until;
    if (!leadership.valid() && !led) {
        fail("elected_is_true", candidate.asker.node + " hears of a leadership that is over");
    }
    candidate.announced = leadership.token();
    candidate.work = leadership.hold();
    candidate.reason.reset();
}

void Checker::on_unelected(Candidate& candidate, LossReason reason) {
    trace(Kind::unelected, candidate, std::string(to_string(reason)));
    const bool late = std::exchange(candidate.joined_late, false);
    if (!candidate.announced && !late) {
        return fail("turns_alternate",
                    candidate.asker.node + " is unelected without being elected");
    }
    check_reason(candidate, reason);
    candidate.reason = reason;
    candidate.announced.reset();
    candidate.untold_since.reset();
}

void Checker::trace(Kind kind, const Candidate& candidate, std::string what) {
    const bool lease = kind == Kind::rises || kind == Kind::extended || kind == Kind::falls;
    tracer_.add(
        {.kind = kind,
         .who = candidate.asker.node,
         .election = candidate.name,
         .what = std::move(what),
         .token = candidate.leadership.token(),
         .until = lease ? candidate.node->process().clock()->true_time_of(candidate.valid_until)
                        : Duration::zero()});
}

void Checker::fail(const std::string& property, const std::string& words, Owner owner) {
    const bool tolerated = tolerant_ && owner == Owner::library;
    if (violation_ || (tolerated && !tolerated_.insert(property).second)) return;
    tracer_.add({.kind = Kind::violation, .who = "checker", .what = property + ": " + words});
    if (!tolerated) {
        violation_.emplace(property, engine_.now(), words + "; replay with " + replay_);
    }
}

void Checker::tolerate() {
    tolerant_ = true;
    violation_.reset();
}

void Checker::note_chaos(const std::string& words) {
    if (!has_command_) replay_.append(", and chaos of ").append(words);
}

void Checker::time_stands_still() {
    fail("time_goes_on", "something is done again and again", Owner::user);
    throw *violation_;
}

const Entry* Checker::find(std::int64_t token) const {
    const auto found = entries_.find(token);
    return found == entries_.end() ? nullptr : &found->second;
}

// How long nothing has been wrong; zero while something is.
Duration Checker::since_calm() const {
    return calm_() ? engine_.now() - disturbed_at_ : Duration::zero();
}

}  // namespace tenure::sim::detail
