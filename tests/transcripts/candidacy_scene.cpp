// The words of the candidacy machine.
#include <sstream>

#include "core/options.hpp"
#include "tests/transcripts/scene.hpp"

namespace tenure::testing {
namespace {

struct CandidacyDialect {
    using Machine = detail::CandidacyMachine;
    using Input = Machine::Input;
    using Reader = Input (*)(Heard&);
    static constexpr std::size_t all_states = 9;

    static constexpr std::pair<const char*, Reader> inputs[] = {
        {"start", [](Heard&) -> Input { return Machine::Start{}; }},
        {"stop", [](Heard&) -> Input { return Machine::Stop{}; }},
        {"resign",
         [](Heard& heard) -> Input {
             return Machine::Resign{read_number(heard.words.needed("token"))};
         }},
        {"proclaim",
         [](Heard& heard) -> Input { return Machine::Proclaim{heard.words.needed("value")}; }},
        {"lease_alive",
         [](Heard& heard) -> Input {
             const LeaseId lease = read_lease_id(heard.words.take("the lease"));
             return Machine::LeaseAlive{lease, read_instant(heard.words.needed("until"))};
         }},
        {"lease_extended",
         [](Heard& heard) -> Input {
             return Machine::LeaseExtended{read_instant(heard.words.needed("until"))};
         }},
        {"lease_lost",
         [](Heard& heard) -> Input {
             return Machine::LeaseLost{read_reason(heard.words.take("the reason"))};
         }},
        {"entered",
         [](Heard& heard) -> Input {
             const RequestId request = heard.reply_to("enter");
             return Machine::Entered{request, read_standing(heard.words, heard.election)};
         }},
        {"stood",
         [](Heard& heard) -> Input {
             const RequestId request = heard.reply_to("stand");
             return Machine::Stood{request, read_standing(heard.words, heard.election)};
         }},
        {"changed",
         [](Heard& heard) -> Input {
             const RequestId watch = heard.reply_to("watch");
             return Machine::Changed{watch, read_change(heard.words, heard.election)};
         }},
        {"updated",
         [](Heard& heard) -> Input {
             const RequestId request = heard.reply_to("update");
             return Machine::Updated{request, read_revision(heard.words)};
         }},
        {"removed",
         [](Heard& heard) -> Input {
             const RequestId request = heard.reply_to("remove");
             return Machine::Removed{request, read_done(heard.words)};
         }},
        {"drained",
         [](Heard& heard) -> Input {
             return Machine::Drained{read_number(heard.words.needed("token"))};
         }},
        {"tick", [](Heard&) -> Input { return Machine::Tick{}; }},
    };

    static std::string tell(const Machine::Enter& action, const std::string&) {
        return "enter " + written(action.request) + ' ' + action.entry.prefix +
               " value=" + action.entry.value + ' ' + written(action.entry.lease);
    }
    static std::string tell(const Machine::Stand& action, const std::string& election) {
        return "stand " + written(action.request) + ' ' + written(action.own, election);
    }
    static std::string tell(const Machine::Watch& action, const std::string&) {
        return "watch " + written(action.watch) + ' ' + written(action.target);
    }
    static std::string tell(const Machine::Unwatch& action, const std::string&) {
        return "unwatch " + written(action.watch);
    }
    static std::string tell(const Machine::Update& action, const std::string& election) {
        return "update " + written(action.request) + ' ' + written(action.entry, election) +
               " value=" + action.value;
    }
    static std::string tell(const Machine::Remove& action, const std::string& election) {
        return "remove " + written(action.request) + ' ' + written(action.entry, election);
    }
    static std::string tell(const Machine::Elect& action, const std::string& election) {
        return "elect " + written(action.entry, election);
    }
    static std::string tell(const Machine::Invalidate&, const std::string&) { return "invalidate"; }
    static std::string tell(const Machine::Unelect& action, const std::string&) {
        return "unelect " + written(action.reason) + " token=" + std::to_string(action.token);
    }
    static std::string tell(const Machine::Suspect& action, const std::string&) {
        return "suspect " + written(action.lease);
    }
    static std::string tell(const Machine::Failed& action, const std::string&) {
        return "failed " + action.doing + ": " + written(action.error);
    }
    static std::string tell(const Machine::Stopped&, const std::string&) { return "stopped"; }

    static std::string state(const Machine& machine, const std::string& election) {
        std::ostringstream out;
        out << machine.state();
        if (machine.own()) out << ", stands as " << written(*machine.own(), election);
        return out.str();
    }
};

}  // namespace

std::unique_ptr<Scene> candidacy_scene(Words& options, Shown& shown) {
    SessionOptions session{};
    session.ttl = read_duration(options.needed("ttl"));
    session.margin = read_duration(options.needed("margin"));
    session.request_timeout = read_duration(options.needed("timeout"));
    CandidacyOptions candidacy{};
    candidacy.election = options.needed("election");
    candidacy.candidate = options.needed("candidate");
    const std::string rejoin = options.named("rejoin").value_or("yes");
    if (rejoin != "yes" && rejoin != "no") throw Mistake("'rejoin=' is yes or no");
    candidacy.rejoin = rejoin == "yes";
    options.finish();
    const auto config = detail::check(candidacy, detail::check(session));
    return std::make_unique<MachineScene<CandidacyDialect>>(detail::CandidacyMachine(config),
                                                            candidacy.election, shown);
}

}  // namespace tenure::testing
