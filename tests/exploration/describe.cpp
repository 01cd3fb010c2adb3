// Steps and states in words, for whoever has to understand a violation.
#include <sstream>

#include "tests/exploration/model.hpp"

namespace tenure::exploration {
namespace {

const char* to_string(Call call) {
    switch (call) {
        case Call::grant: return "grant a lease";
        case Call::renew: return "renew";
        case Call::revoke: return "revoke";
        case Call::enter: return "enter";
        case Call::stand: return "read where it stands";
        case Call::remove: return "remove";
    }
    return "?";
}

const char* to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::done: return "done";
        case Outcome::lease_gone: return "lease gone";
        case Outcome::unavailable: return "unavailable";
    }
    return "?";
}

std::string name(std::size_t candidate) {
    return {static_cast<char>('A' + candidate)};
}

std::ostream& operator<<(std::ostream& out, Place place) {
    return out << "entry " << place.created << " on lease " << place.lease;
}

void describe_message(std::ostream& out, const Candidate& candidate, const Message& message) {
    out << '"' << to_string(message.call) << '"' << " #" << message.request;
    if (!World::awaited(candidate, message)) out << " (not awaited)";
    if (message.subject.lease != LeaseId{}) out << ", lease " << message.subject.lease;
    if (message.subject.created != Revision{}) out << ", entry " << message.subject.created;
    if (!message.answered) return;
    out << ": " << to_string(message.outcome);
    if (message.own.created != Revision{}) out << ", own " << message.own;
    if (message.ahead.created != Revision{}) out << ", behind " << message.ahead;
}

void describe_candidate(std::ostream& out, const World& world, std::size_t index) {
    const Candidate& candidate = world.candidates[index];
    out << name(index) << " " << candidate.session.state() << "/" << candidate.candidacy.state();
    if (world.valid(candidate)) {
        const auto left = std::chrono::duration<double>(candidate.term_until - world.now);
        out << " LEADS for " << left.count();
    }
    out << "; ";
}

}  // namespace

std::string describe(const World& world, Step step) {
    using Kind = Step::Kind;
    const Candidate& candidate = world.candidates[step.candidate];
    std::ostringstream out;
    const bool of_all = step.kind == Kind::time_passes || step.kind == Kind::operator_deletes;
    if (!of_all) out << name(step.candidate) << ": ";
    switch (step.kind) {
        case Kind::start: out << "start"; break;
        case Kind::stop: out << "stop"; break;
        case Kind::stop_session: out << "stop of the session"; break;
        case Kind::resign: out << "resign"; break;
        case Kind::task:
            out << "posted: " << (candidate.tasks[0] == Task::start_session ? "start" : "stop")
                << " of the session";
            break;
        case Kind::handlers_done: out << "the handlers of `unelected` are done"; break;
        case Kind::session_timer: out << "timer of the session"; break;
        case Kind::candidacy_timer: out << "timer of the candidacy"; break;
        case Kind::handle: out << "the store handles "; break;
        case Kind::deliver: out << "hears the reply to "; break;
        case Kind::fail: out << "hears `unavailable` instead of a reply to "; break;
        case Kind::notify: out << "hears from its watch"; break;
        case Kind::break_watch: out << "its watch breaks"; break;
        case Kind::expire:
            out << "its lease " << world.store.leases[step.index].id << " ends in the store";
            break;
        case Kind::operator_deletes: out << "the operator deletes the first entry"; break;
        case Kind::time_passes: out << "a unit of time passes"; break;
    }
    const bool about_message =
        step.kind == Kind::handle || step.kind == Kind::deliver || step.kind == Kind::fail;
    if (about_message) describe_message(out, candidate, candidate.messages[step.index]);
    return out.str();
}

std::string describe(const World& world) {
    std::ostringstream out;
    const auto since = std::chrono::duration<double>(world.now.time_since_epoch()).count() - 3600;
    out << "at " << since << ": ";
    for (std::size_t i = 0; i < world.candidates.size(); ++i)
        describe_candidate(out, world, i);
    out << "store:";
    for (const StoredEntry& entry : world.store.entries)
        out << ' ' << name(entry.owner) << entry.place.created;
    return out.str();
}

}  // namespace tenure::exploration
