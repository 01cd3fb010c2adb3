// Candidates as services have them: with a session of their own or sharing one, some of them
// with work to wind up, some destroyed and made anew.
#include <tenure/simulation/scenario.hpp>
#include <tenure/sleep.hpp>

#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "backends/simulation/random.hpp"

namespace tenure::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration ttl = 5s;
constexpr Duration patience = 20s;

class Service : public std::enable_shared_from_this<Service> {
public:
    explicit Service(Node& node) : node_(node), scheduler_(node.scheduler()) {
        shares_session_ = node.random(2) == 0;
    }

    void start() {
        make_elections();
        if (node_.random(3) == 0) replace_after(Duration(5s) + some(25));
    }

private:
    void make_elections() {
        if (shares_session_) {
            if (!session_) {
                session_.emplace(scheduler_, node_.store(),
                                 SessionOptions{.ttl = ttl, .seed = node_.random(1'000'000)});
                node_.follow(*session_);
            }
            for (const char* name : {"jobs", "mail"})
                add(std::make_unique<Election>(
                    *session_, CandidacyOptions{.election = name, .candidate = node_.name()}));
            return;
        }
        add(std::make_unique<Election>(scheduler_, node_.store(),
                                       ElectionOptions{.election = "jobs",
                                                       .candidate = node_.name(),
                                                       .ttl = ttl,
                                                       .seed = node_.random(1'000'000)}));
    }

    void add(std::unique_ptr<Election> election) {
        Election& added = *elections_.emplace_back(std::move(election));
        node_.follow(added);
        // Work that outlasts its handler: the hold keeps the entry until it is wound up.
        const auto& hold = holds_.emplace_back(std::make_shared<Leadership::Hold>());
        added.on_elected([hold](const Leadership& leadership) { *hold = leadership.hold(); });
        added.on_unelected([this, hold](LossReason) {
            call_after(scheduler_, Duration(node_.random(300) * 1ms), [hold] { hold->reset(); });
        });
        added.start();
    }

    // Without a word to anybody, as a service that is shut down in parts.
    void replace_after(Duration delay) {
        call_after(scheduler_, delay, [weak = weak_from_this()] {
            const auto self = weak.lock();
            if (!self) return;
            self->node_.note("destroys its elections");
            self->elections_.clear();
            // A session that lasts keeps the entries of work that goes on.
            if (self->node_.random(2) == 0) self->session_.reset();
            call_after(self->scheduler_, self->some(2), [held = std::exchange(self->holds_, {})] {
                for (const auto& hold : held)
                    hold->reset();
            });
            call_after(self->scheduler_, self->some(3), [weak] {
                if (const auto us = weak.lock()) us->make_elections();
            });
        });
    }

    Duration some(std::uint64_t seconds) { return node_.random(seconds * 1000) * 1ms; }

    Node& node_;
    const std::shared_ptr<Scheduler> scheduler_;
    bool shares_session_ = false;
    std::optional<Session> session_;
    std::vector<std::unique_ptr<Election>> elections_;
    std::vector<std::shared_ptr<Leadership::Hold>> holds_;
};

// Safety rule 13, which no fault shows: a lease that has no time for its own renewal is refused.
bool refuses_bad_options(Node& node) {
    try {
        Election hasty(
            node.scheduler(), node.store(),
            ElectionOptions{
                .election = "jobs", .candidate = "hasty", .ttl = ttl, .request_timeout = ttl});
        return false;
    } catch (const std::invalid_argument&) {
        return true;
    }
}

long long milliseconds(Duration duration) {
    return static_cast<long long>(duration / 1ms);
}

std::shared_ptr<void> run_service(Node& node) {
    const auto service = std::make_shared<Service>(node);
    service->start();
    return service;
}

}  // namespace

Outcome play(const Scenario& scenario) {
    WorldOptions options;
    options.seed = scenario.seed;
    options.patience = patience;
    options.trace_messages = scenario.trace_messages;
    options.replay = command_of(scenario);
    World world(options);
    const unsigned nodes = scenario.nodes > 0
                               ? scenario.nodes
                               : 2 + static_cast<unsigned>(detail::Random(scenario.seed).below(6));
    Outcome outcome;
    try {
        for (unsigned i = 1; i <= nodes; ++i)
            world.add_node("node-" + std::to_string(i), run_service);
        Node& first = world.node("node-1");
        const bool refuses = refuses_bad_options(first);
        world.always("bad_options_are_refused", [refuses] { return refuses; });
        ChaosOptions faults = scenario.faults;
        faults.lasting = scenario.lasting * 3 / 5;
        world.chaos(faults);
        world.run_for(scenario.lasting);
    } catch (const Violation& violation) {
        outcome.property = violation.property();
        outcome.violation = violation.what();
    }
    outcome.trace = world.trace();
    outcome.covered = world.now();
    outcome.steps = world.steps();
    return outcome;
}

std::string command_of(const Scenario& scenario) {
    const std::int64_t drift = scenario.faults.drift;
    ChaosOptions faults = scenario.faults;
    faults.lasting = ChaosOptions{}.lasting;
    std::optional<std::string> names;
    for (const std::int64_t told : {drift, ChaosOptions{}.drift, std::int64_t{0}}) {
        faults.drift = told;
        names = fault_names(faults);
        if (names) break;
    }
    std::ostringstream words;
    words << "tenure simulate --seed " << scenario.seed;
    if (scenario.nodes > 0) words << " --nodes " << scenario.nodes;
    words << " --for " << milliseconds(scenario.lasting) << "ms";
    if (names && names != "all") words << " --faults " << *names;
    if (names && faults.drift != drift) words << " --drift " << drift;
    if (!names) words << ", with " << scenario.faults;
    return words.str();
}

}  // namespace tenure::sim
