// One machine on the stage of a transcript: it is told what happened in words, and answers in
// lines. Each kind of machine has a dialect: the words for its inputs, and the lines for its
// actions.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/attempt.hpp"
#include "tests/transcripts/notation.hpp"

namespace tenure::testing {

using Lines = std::vector<std::string>;

/// What of a machine's inputs, actions and states some transcript has shown.
struct Shown {
    std::set<std::string> inputs, actions, states;
    std::size_t all_inputs = 0, all_actions = 0, all_states = 0;
};
/// By the kind of machine.
using Coverage = std::map<std::string, Shown>;

class Scene {
public:
    virtual ~Scene() = default;
    virtual Lines step(detail::Moment at, Words& words, Shown& shown) = 0;
    /// Its state, what it holds, and when it wants a tick.
    virtual std::string state() const = 0;
};

/// Each throws std::invalid_argument for options that the library refuses.
std::unique_ptr<Scene> session_scene(Words& options, Shown& shown);
std::unique_ptr<Scene> candidacy_scene(Words& options, Shown& shown);
std::unique_ptr<Scene> observer_scene(Words& options, Shown& shown);

/// What a line of input says, and what it may refer to.
class Heard {
public:
    Heard(Words& heard, const std::string& name, const std::map<RequestId, std::string>& requests)
        : words(heard), election(name), asked_(requests) {}

    /// The id of a request that this machine has made: a reply to any other cannot come.
    RequestId reply_to(const std::string& verb) {
        const RequestId id = read_request(words.take("the request it answers"));
        const auto found = asked_.find(id);
        if (found != asked_.end() && found->second == verb) return id;
        throw Mistake("the machine has asked no '" + verb + ' ' + written(id) + '\'');
    }

    Words& words;
    const std::string& election;

private:
    const std::map<RequestId, std::string>& asked_;
};

/// A dialect offers `Machine`, `inputs` (pairs of a word and a function that reads the rest),
/// `tell(action, election)` for each action, `state(machine, election)` and `all_states`.
template <class Dialect>
class MachineScene : public Scene {
public:
    using Machine = typename Dialect::Machine;

    MachineScene(Machine machine, std::string election, Shown& shown)
        : machine_(std::move(machine)), election_(std::move(election)) {
        static_assert(std::size(Dialect::inputs) == std::variant_size_v<typename Machine::Input>);
        shown.all_inputs = std::variant_size_v<typename Machine::Input>;
        shown.all_actions = std::variant_size_v<typename Machine::Action>;
        shown.all_states = Dialect::all_states;
    }

    Lines step(detail::Moment at, Words& words, Shown& shown) override {
        const std::string word = words.take("what happened");
        const auto input = read(word, words);
        words.finish();
        const Instant due = machine_.next_deadline();
        if (word != "tick" && due <= at.now) {
            throw Mistake("a driver lets time come before news: 'tick' was due at " + written(due));
        }
        const Machine before = machine_;
        Lines lines;
        for (const auto& action : machine_.step(at, input)) {
            lines.push_back(std::visit(
                [&](const auto& what) { return Dialect::tell(what, election_); }, action));
            note_action(lines.back(), shown);
        }
        shown.inputs.insert(word);
        shown.states.insert(state_name());
        if (lines.empty())
            lines.push_back(machine_ == before ? "nothing changes" : "nothing to do");
        return lines;
    }

    std::string state() const override {
        const Instant due = machine_.next_deadline();
        const std::string tick =
            due == Instant::max() ? "wants no tick" : "wants a tick at " + written(due);
        return "  state " + Dialect::state(machine_, election_) + ", " + tick;
    }

private:
    typename Machine::Input read(const std::string& word, Words& words) const {
        Heard heard(words, election_, asked_);
        std::string known;
        for (const auto& [name, reader] : Dialect::inputs) {
            if (word == name) return reader(heard);
            known += (known.empty() ? "" : ", ") + std::string(name);
        }
        throw Mistake("'" + word + "' is no input; there are " + known);
    }

    // An action's line begins with its verb and, for a request, the id.
    void note_action(const std::string& line, Shown& shown) {
        Words words(line);
        const std::string verb = words.take("the verb");
        shown.actions.insert(verb);
        if (!words.has_more()) return;
        const std::string second = words.take("what follows");
        if (second.front() == '#') asked_.emplace(read_request(second), verb);
    }

    std::string state_name() const {
        const std::string text = Dialect::state(machine_, election_);
        return text.substr(0, text.find(','));
    }

    Machine machine_;
    const std::string election_;
    std::map<RequestId, std::string> asked_;
};

}  // namespace tenure::testing
