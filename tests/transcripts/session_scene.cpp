// The words of the session machine.
#include <sstream>

#include "core/options.hpp"
#include "tests/transcripts/scene.hpp"

namespace tenure::testing {
namespace {

struct SessionDialect {
    using Machine = detail::SessionMachine;
    using Input = Machine::Input;
    using Reader = Input (*)(Heard&);
    static constexpr std::size_t all_states = 6;

    static constexpr std::pair<const char*, Reader> inputs[] = {
        {"start", [](Heard&) -> Input { return Machine::Start{}; }},
        {"stop", [](Heard&) -> Input { return Machine::Stop{}; }},
        {"granted",
         [](Heard& heard) -> Input {
             const RequestId request = heard.reply_to("grant");
             return Machine::Granted{request, read_granted(heard.words)};
         }},
        {"renewed",
         [](Heard& heard) -> Input {
             const RequestId request = heard.reply_to("renew");
             return Machine::Renewed{request, read_granted(heard.words)};
         }},
        {"revoked",
         [](Heard& heard) -> Input {
             const RequestId request = heard.reply_to("revoke");
             return Machine::Revoked{request, read_done(heard.words)};
         }},
        {"suspected",
         [](Heard& heard) -> Input {
             return Machine::Suspected{read_lease_id(heard.words.take("the lease"))};
         }},
        {"drained", [](Heard&) -> Input { return Machine::Drained{}; }},
        {"tick", [](Heard&) -> Input { return Machine::Tick{}; }},
    };

    static std::string tell(const Machine::Grant& action, const std::string&) {
        return "grant " + written(action.request) + " ttl=" + written(action.ttl);
    }
    static std::string tell(const Machine::Renew& action, const std::string&) {
        return "renew " + written(action.request) + ' ' + written(action.lease);
    }
    static std::string tell(const Machine::Revoke& action, const std::string&) {
        return "revoke " + written(action.request) + ' ' + written(action.lease);
    }
    static std::string tell(const Machine::Alive& action, const std::string&) {
        return "alive " + written(action.lease.id) + " ttl=" + written(action.lease.granted_ttl) +
               " until=" + written(action.valid_until);
    }
    static std::string tell(const Machine::Extended& action, const std::string&) {
        return "extended until=" + written(action.valid_until);
    }
    static std::string tell(const Machine::Lost& action, const std::string&) {
        return "lost " + written(action.reason);
    }
    static std::string tell(const Machine::Failed& action, const std::string&) {
        return "failed " + action.doing + ": " + written(action.error);
    }
    static std::string tell(const Machine::Stopped&, const std::string&) { return "stopped"; }

    static std::string state(const Machine& machine, const std::string&) {
        std::ostringstream out;
        out << machine.state();
        if (const auto lease = machine.lease()) {
            out << ", " << written(lease->id) << " of " << written(lease->granted_ttl)
                << " is valid until " << written(machine.valid_until());
        }
        return out.str();
    }
};

}  // namespace

std::unique_ptr<Scene> session_scene(Words& options, Shown& shown) {
    SessionOptions session{};
    session.ttl = read_duration(options.needed("ttl"));
    session.margin = read_duration(options.needed("margin"));
    session.request_timeout = read_duration(options.needed("timeout"));
    options.finish();
    return std::make_unique<MachineScene<SessionDialect>>(
        detail::SessionMachine(detail::check(session)), "", shown);
}

}  // namespace tenure::testing
