// The words of the observer machine.
#include "core/options.hpp"
#include "tests/transcripts/scene.hpp"

namespace tenure::testing {
namespace {

struct ObserverDialect {
    using Machine = detail::ObserverMachine;
    using Input = Machine::Input;
    using Reader = Input (*)(Heard&);
    static constexpr std::size_t all_states = 3;

    static constexpr std::pair<const char*, Reader> inputs[] = {
        {"start", [](Heard&) -> Input { return Machine::Start{}; }},
        {"stop", [](Heard&) -> Input { return Machine::Stop{}; }},
        {"listed",
         [](Heard& heard) -> Input {
             const RequestId request = heard.reply_to("list");
             return Machine::Listed{request, read_listing(heard.words, heard.election)};
         }},
        {"changed",
         [](Heard& heard) -> Input {
             const RequestId watch = heard.reply_to("watch");
             return Machine::Changed{watch, read_change(heard.words, heard.election)};
         }},
        {"tick", [](Heard&) -> Input { return Machine::Tick{}; }},
    };

    static std::string tell(const Machine::List& action, const std::string&) {
        const ListQuery& query = action.query;
        std::string line = "list " + written(action.request) + ' ' + query.prefix;
        if (query.before) line += " before=" + written(*query.before);
        line += " limit=" + std::to_string(query.limit);
        return query.order == Order::ascending ? line : line + " descending";
    }
    static std::string tell(const Machine::Watch& action, const std::string&) {
        return "watch " + written(action.watch) + ' ' + written(action.target);
    }
    static std::string tell(const Machine::Unwatch& action, const std::string&) {
        return "unwatch " + written(action.watch);
    }
    static std::string tell(const Machine::Announce& action, const std::string&) {
        if (!action.leader) return "announce nobody";
        return "announce " + action.leader->candidate +
               " token=" + std::to_string(action.leader->token);
    }
    static std::string tell(const Machine::Failed& action, const std::string&) {
        return "failed " + action.doing + ": " + written(action.error);
    }

    static std::string state(const Machine& machine, const std::string&) {
        switch (machine.state()) {
            case Machine::State::idle: return "idle";
            case Machine::State::reading: return "reading";
            case Machine::State::watching: return "watching";
        }
        return "unknown";
    }
};

}  // namespace

std::unique_ptr<Scene> observer_scene(Words& options, Shown& shown) {
    ObserverOptions observer{};
    observer.election = options.needed("election");
    observer.request_timeout = read_duration(options.needed("timeout"));
    options.finish();
    return std::make_unique<MachineScene<ObserverDialect>>(
        detail::ObserverMachine(detail::check(observer)), observer.election, shown);
}

}  // namespace tenure::testing
