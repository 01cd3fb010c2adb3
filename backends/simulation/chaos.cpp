#include "backends/simulation/chaos.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "backends/simulation/world_state.hpp"

namespace tenure::sim::detail {
namespace {

// Faults without a pause between them would keep time from moving on.
constexpr Duration shortest_gap = std::chrono::milliseconds(1);

}  // namespace

Chaos::Chaos(WorldState& world, const ChaosOptions& options)
    : world_(world), options_(options), random_(world.random.split()) {
    check_clock_rate(options.drift);
    check_clock_rate(-options.drift);
    add_line_faults();
    add_process_faults();
    add_store_faults();
    add_operator();
    add_users();
    for (const Fault& fault : faults_)
        weights_ += fault.weight;
}

void Chaos::begin() {
    end_ = detail::later(world_.engine.now(), options_.lasting);
    for (const auto& node : world_.nodes) {
        if (options_.drift > 0) node->set_clock_rate(some_drift());
    }
    if (options_.drift > 0) world_.server.set_clock_rate(some_drift());
    if (random_.below(2) == 0) world_.server.expire_late(options_.late_expiry);
    if (options_.lags_per_mille > 0) {
        for (const auto& node : world_.nodes)
            node->process().set_lag([this] { return some_lag(); });
    }
    world_.engine.at(end_, [this] { end(); });
    befall_again();
}

void Chaos::end() {
    for (const auto& node : world_.nodes)
        node->process().set_lag({});
    world_.heal();
    for (const std::uint64_t number : std::exchange(stopped_, {})) {
        const Candidate* const candidate = world_.checker.candidate(number);
        if (candidate) candidate->election->start();
    }
}

void Chaos::later(Duration delay, std::function<void()> what) {
    world_.engine.after(delay, [this, what = std::move(what)] {
        if (world_.engine.now() < end_) what();
    });
}

void Chaos::befall_again() {
    if (weights_ == 0) return;
    later(std::max<Duration>(random_.up_to(options_.gap), shortest_gap), [this] {
        strike();
        befall_again();
    });
}

void Chaos::strike() {
    std::uint64_t drawn = random_.below(weights_);
    for (const Fault& fault : faults_) {
        if (drawn < fault.weight) return fault.befall();
        drawn -= fault.weight;
    }
}

void Chaos::add(unsigned weight, std::function<void(NodeState&)> befall,
                std::function<void(NodeState&)> over) {
    faults_.push_back({weight, [this, befall = std::move(befall), over = std::move(over)] {
                           if (world_.nodes.empty()) return;
                           NodeState& node = any_node();
                           befall(node);
                           later(some_while(), [&node, over] { over(node); });
                       }});
}

void Chaos::add_line_faults() {
    const auto heal = [](NodeState& node) { node.heal_line(); };
    add(
        options_.partitions, [](NodeState& node) { node.cut(Direction::both); }, heal);
    add(
        options_.one_way_partitions,
        [this](NodeState& node) {
            node.cut(random_.below(2) == 0 ? Direction::to_store : Direction::from_store);
        },
        heal);
    add(
        options_.slow_lines,
        [this](NodeState& node) {
            LinkOptions slow = world_.options.link;
            slow.latency += random_.up_to(options_.slowest / 2);
            slow.jitter += random_.up_to(options_.slowest / 2);
            node.harm_line(slow, some_direction(), "slow");
        },
        heal);
    faults_.push_back({options_.dying_lines, [this] {
                           if (!world_.nodes.empty()) let_die(any_node());
                       }});
    add(
        options_.lossy_lines,
        [this](NodeState& node) {
            LinkOptions lossy = world_.options.link;
            lossy.loss_per_mille += 50 + static_cast<unsigned>(random_.below(500));
            lossy.loss_per_mille = std::min(lossy.loss_per_mille, 1000U);
            node.harm_line(lossy, some_direction(), "lossy");
        },
        heal);
}

void Chaos::let_die(NodeState& node) {
    LinkOptions slow = world_.options.link;
    slow.latency += options_.slowest / 2;
    node.harm_line(slow, Direction::both, "slow");
    later(random_.up_to(options_.longest / 3), [this, &node] {
        node.heal_line();
        node.cut(Direction::both);
        later(some_while(), [&node] { node.heal_line(); });
    });
}

void Chaos::add_process_faults() {
    add(
        options_.pauses, [](NodeState& node) { node.pause(); },
        [](NodeState& node) { node.resume(); });
    add(
        options_.sleeps, [this](NodeState& node) { node.suspend(some_while()); },
        [](NodeState&) {});
    add(
        options_.crashes, [](NodeState& node) { node.crash(); },
        [](NodeState& node) { node.restart(); });
}

void Chaos::add_store_faults() {
    ServerState& server = world_.server;
    faults_.push_back({options_.outages, [this, &server] {
                           server.stop();
                           later(some_while(), [&server] { server.start(); });
                       }});
    faults_.push_back({options_.store_pauses, [this, &server] {
                           server.pause();
                           later(some_while(), [&server] { server.resume(); });
                       }});
    faults_.push_back({options_.lease_restarts, [&server] {
                           if (server.is_up()) server.restart_leases();
                       }});
    faults_.push_back({options_.compactions, [&server] { server.compact(); }});
    faults_.push_back({options_.cut_watches, [&server] { server.cut_watches(); }});
    faults_.push_back({options_.stalled_watches, [this, &server] {
                           server.stall_watches();
                           later(some_while(), [&server] { server.resume_watches(); });
                       }});
}

// Mostly the leader is what an operator lays hands on.
void Chaos::add_operator() {
    const auto some_entry = [this]() -> std::optional<Entry> {
        const auto standing = world_.server.memory().entries("");
        if (!world_.server.is_up() || standing.empty()) return std::nullopt;
        return standing[random_.below(2) == 0 ? 0 : random_.below(standing.size())];
    };
    faults_.push_back({options_.deletions, [this, some_entry] {
                           if (const auto entry = some_entry()) world_.server.delete_entry(*entry);
                       }});
    faults_.push_back({options_.revocations, [this, some_entry] {
                           if (const auto entry = some_entry()) world_.server.revoke(entry->lease);
                       }});
}

// What a process is asked to do it does in its turn, after a pause if it has one.
void Chaos::add_users() {
    using Act = std::function<void(const Candidate&)>;
    const auto add_user = [this](unsigned weight, Act act) {
        faults_.push_back({weight, [this, act] {
                               std::vector<const Candidate*> running;
                               for (const Candidate& candidate : world_.checker.candidates()) {
                                   if (candidate.is_running()) running.push_back(&candidate);
                               }
                               if (!running.empty()) act(*running[random_.below(running.size())]);
                           }});
    };
    add_user(options_.resignations, [this](const Candidate& candidate) {
        user_does(candidate, "resigns");
        candidate.election->resign();
    });
    add_user(options_.stops, [this](const Candidate& candidate) {
        user_does(candidate, "stops");
        candidate.election->stop();
        start_again(candidate);
    });
    add_user(options_.proclamations, [this](const Candidate& candidate) {
        candidate.election->proclaim("value " + std::to_string(random_.below(1000)));
    });
}

void Chaos::user_does(const Candidate& candidate, const char* what) {
    candidate.node->note(std::string(what) + ' ' + candidate.name);
}

// Some stay away for good. Who changes his mind at once is caught while he enters.
void Chaos::start_again(const Candidate& candidate) {
    if (random_.below(3) == 0) return;
    stopped_.insert(candidate.number);
    later(some_while(), [this, number = candidate.number] {
        stopped_.erase(number);
        const Candidate* const stopped = world_.checker.candidate(number);
        if (!stopped) return;
        const bool for_good = random_.below(2) == 0;
        if (!for_good) lose_replies(*stopped->node);
        stopped->election->start();
        if (for_good) return;
        later(random_.up_to(std::chrono::seconds(2)), [this, number] {
            const Candidate* const started = world_.checker.candidate(number);
            if (!started) return;
            started->election->stop();
            start_again(*started);
        });
    });
}

// So that it may enter without hearing of it.
void Chaos::lose_replies(NodeState& node) {
    if (options_.lossy_lines == 0) return;
    LinkOptions lossy = world_.options.link;
    lossy.loss_per_mille = 300 + static_cast<unsigned>(random_.below(500));
    node.harm_line(lossy, Direction::from_store, "lossy");
    later(some_while(), [&node] { node.heal_line(); });
}

// Every other time a leader: most mistakes show there.
NodeState& Chaos::any_node() {
    if (random_.below(2) == 0) {
        for (const Candidate& candidate : world_.checker.candidates()) {
            if (candidate.leads) return *candidate.node;
        }
    }
    return *world_.nodes[random_.below(world_.nodes.size())];
}

Duration Chaos::some_while() {
    // Short ones are as likely as long ones: many mistakes need two faults close together.
    const Duration most = random_.below(2) == 0 ? options_.longest / 8 : options_.longest;
    return random_.up_to(most);
}

Direction Chaos::some_direction() {
    constexpr std::array all{Direction::both, Direction::to_store, Direction::from_store};
    return all[random_.below(all.size())];
}

Duration Chaos::some_lag() {
    if (!random_.one_in_a_thousand(options_.lags_per_mille)) return Duration::zero();
    return random_.up_to(options_.longest_lag);
}

std::int64_t Chaos::some_drift() {
    const auto span = static_cast<std::uint64_t>(2 * options_.drift + 1);
    return static_cast<std::int64_t>(random_.below(span)) - options_.drift;
}

}  // namespace tenure::sim::detail
