#include "tests/chaos/driver.hpp"

#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/chaos/cast.hpp"
#include "tests/chaos/journal.hpp"
#include "tests/chaos/lines.hpp"
#include "tests/chaos/onlooker.hpp"
#include "tests/chaos/troublemaker.hpp"
#include "tests/support/etcd_cluster.hpp"
#include "tests/support/http_get.hpp"

namespace tenure::chaos {
namespace {

namespace fs = std::filesystem;

// Before 3.4.31 and 3.5.13 a member that has lost its office without knowing, as one that was
// stopped and goes on, still confirms a renewal that waited in its socket. Whoever renewed last at
// `t` may hear that at any `s` until `t + ttl - margin`, and would then believe until
// `s + ttl - margin`, while its lease ends at `t + ttl`. So nothing can go wrong as long as the
// margin is at least half the TTL; and it is two of etcd's election time-outs.
constexpr std::chrono::milliseconds ttl = 4s;
constexpr std::chrono::milliseconds margin = 2s;
constexpr std::chrono::milliseconds request_timeout = 600ms;
constexpr std::chrono::milliseconds endpoint_timeout = 500ms;
constexpr const char* election = "chaos";

constexpr auto turn_again = 20ms;
constexpr auto drain_again = 1s;
constexpr auto patience = 30s;

volatile std::sig_atomic_t interrupted = 0;

std::vector<std::uint16_t> ports_of(const test::EtcdCluster& cluster) {
    std::vector<std::uint16_t> ports;
    for (std::size_t index = 0; index < cluster.size(); ++index)
        ports.push_back(cluster.member(index).port());
    return ports;
}

std::string version_of(const test::EtcdCluster& cluster) {
    const auto answer = test::http_get(cluster.member(0).port(), "/version", 5s).value_or("");
    const std::string name = R"("etcdserver":")";
    const auto found = answer.find(name);
    if (found == std::string::npos) return "unknown";
    const auto from = found + name.size();
    return answer.substr(from, answer.find('"', from) - from);
}

class Run {
public:
    explicit Run(const RunOptions& options)
        : options_(options),
          journal_(options.folder / "driver.jsonl"),
          cluster_(options.parties.members),
          lines_(cluster_, options.parties.candidates),
          ledger_({{options.ledger_program, "--journal", options.folder / "ledger.jsonl"}}),
          cast_(terms(), journal_),
          onlooker_(options.folder, Operator(ports_of(cluster_), election)) {}

    RunResult play() {
        phase("begin");
        const char* const names[] = {"ann", "bob", "cid", "dan", "eve", "fay", "gus"};
        for (std::size_t who = 0; who < options_.parties.candidates; ++who)
            cast_.add(names[who], lines_.store_url(who));
        await_line();
        pass(options_.settling);
        note_belongings("before");
        phase("chaos");
        make_trouble();
        phase("quiet");
        pass(options_.quiet);
        note_belongings("after");
        phase("end");
        end_all();
        return {version_of(cluster_), interrupted != 0};
    }

private:
    Terms terms() {
        const auto port = ledger_.read_line(5s);
        if (!port) throw std::runtime_error("the ledger does not start");
        return {.program = options_.candidate_program,
                .folder = options_.folder,
                .election = election,
                .ttl = ttl,
                .margin = margin,
                .request_timeout = request_timeout,
                .endpoint_timeout = endpoint_timeout,
                .ledger_port = *port};
    }

    void phase(const char* name) { journal_.write("phase", {{"phase", name}}); }

    void await_line() {
        const Instant until = LeaseClock::now() + patience;
        for (;;) {
            const auto view = onlooker_.last();
            if (view && view->entries.size() >= cast_.size()) return;
            if (LeaseClock::now() > until) throw std::runtime_error("not all stand in line");
            std::this_thread::sleep_for(turn_again);
        }
    }

    void pass(Duration time) {
        const Instant until = LeaseClock::now() + time;
        while (LeaseClock::now() < until && interrupted == 0) {
            cast_.tend();
            drain();
            std::this_thread::sleep_for(turn_again);
        }
    }

    void make_trouble() {
        Troublemaker trouble({.cluster = cluster_,
                              .lines = lines_,
                              .cast = cast_,
                              .onlooker = onlooker_,
                              .hand = Operator(ports_of(cluster_), election),
                              .journal = journal_,
                              .spared = options_.spared},
                             options_.schedule);
        while (trouble.turn()) {
            if (interrupted != 0) trouble.give_up();
            drain();
            std::this_thread::sleep_for(turn_again);
        }
    }

    // What etcd logs would else pile up in memory.
    void drain() {
        const Instant now = LeaseClock::now();
        if (now < next_drain_) return;
        next_drain_ = now + drain_again;
        for (std::size_t index = 0; index < cluster_.size(); ++index) {
            test::EtcdMember& member = cluster_.member(index);
            std::ofstream(options_.folder / (member.name() + ".log"), std::ios::app)
                << member.new_words();
        }
        if (ledger_.wait(0ms)) {
            journal_.write("lost", {{"words", "the ledger ended by itself"}});
            throw std::runtime_error("the ledger ended: " + ledger_.rest_of_errors());
        }
    }

    void note_belongings(const char* when) {
        cast_.note_belongings(when);
        chaos::note_belongings(journal_, "ledger", ledger_.pid(), when);
        // Those that nobody uses any more would stay open here.
        journal_.write("belongings", {{"who", "lines"},
                                      {"when", when},
                                      {"kilobytes", 0},
                                      {"descriptors", 0},
                                      {"connections", lines_.open()}});
    }

    void end_all() {
        cast_.end_all();
        onlooker_.stop();
        if (const auto view = Operator(ports_of(cluster_), election).look()) {
            journal_.write("left", {{"entries", view->entries.size()}});
        }
        ledger_.signal(SIGTERM);
        if (ledger_.wait(5s) != 0) journal_.write("lost", {{"words", "the ledger does not end"}});
    }

    const RunOptions& options_;
    Journal journal_;
    test::EtcdCluster cluster_;
    Lines lines_;
    test::ChildProcess ledger_;
    Cast cast_;
    Onlooker onlooker_;
    Instant next_drain_{};
};

}  // namespace

std::string terms_in_words() {
    return "TTL " + in_seconds(ttl) + ", margin " + in_seconds(margin) + ", request time-out " +
           in_seconds(request_timeout) + ", " + in_seconds(endpoint_timeout) + " at one member";
}

void interrupt_run() noexcept {
    interrupted = 1;
}

RunResult run_chaos(const RunOptions& options) {
    return Run(options).play();
}

}  // namespace tenure::chaos
