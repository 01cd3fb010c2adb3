// The job runner in a simulated world: no job runs twice, whatever befalls the leader.
#define BOOST_TEST_MODULE job_runner
#include "job_runner.hpp"

#include <boost/test/unit_test.hpp>
#include <set>
#include <tenure/simulation.hpp>

namespace sim = tenure::sim;
using namespace std::chrono_literals;

/// What the ledger holds.
struct Book {
    bool refuses_small_tokens = true;
    std::int64_t greatest_token = 0;
    int next_job = 0;

    bool admits(std::int64_t token) {
        if (refuses_small_tokens && token < greatest_token) return false;
        greatest_token = std::max(greatest_token, token);
        return true;
    }
    std::optional<int> open(std::int64_t token) {
        return admits(token) ? std::optional(next_job) : std::nullopt;
    }
    bool begin(std::int64_t token, int job) {
        if (!admits(token)) return false;
        next_job = std::max(next_job, job + 1);
        return true;
    }
};

/// A node's line to it. No fault of the world reaches this line, but each way takes up to 3 s: a
/// leader that is cut off from the election's store still reaches the ledger, and late.
class SlowLedger : public Ledger {
public:
    SlowLedger(sim::World& world, sim::Node& node, Book& book)
        : world_(world), node_(node), book_(book) {}

    void open(std::int64_t token, std::function<void(std::optional<int>)> answer) override {
        ask([&book = book_, token] { return book.open(token); }, answer);
    }
    void begin(std::int64_t token, int job, std::function<void(bool)> answer) override {
        ask([&book = book_, token, job] { return book.begin(token, job); }, answer);
    }

private:
    template <class Question, class Answer>
    void ask(Question question, Answer answer) {
        // What the node's scheduler is given waits while the node is paused, and is lost with it.
        const auto turn = [home = node_.scheduler(), answer](auto said) {
            home->post([answer, said] { answer(said); });
        };
        const tenure::Duration there = some_time();
        const tenure::Duration back = some_time();
        world_.at(world_.now() + there, [=, &world = world_] {
            world.at(world.now() + back, [turn, said = question()] { turn(said); });
        });
    }
    // Most are fast.
    tenure::Duration some_time() {
        return std::chrono::milliseconds(node_.random(node_.random(10) == 0 ? 3000 : 10));
    }

    sim::World& world_;
    sim::Node& node_;
    Book& book_;
};

/// Three of them, the ledger, and who ran what.
struct Service {
    explicit Service(std::uint64_t seed) : world({.seed = seed}) {
        for (const char* name : {"ann", "bob", "cid"}) {
            world.add_node(name, [this](sim::Node& node) { return start(node); });
        }
        world.always("no_job_runs_twice", [this] { return !ran_twice; });
    }

    std::shared_ptr<void> start(sim::Node& node) {
        auto runner = std::make_shared<JobRunner>(
            node.scheduler(), node.store(), node.name(),
            std::make_shared<SlowLedger>(world, node, book),
            [this](int job) { ran_twice = !ran.insert(job).second || ran_twice; });
        node.follow(runner->election());
        runner->election().start();
        return runner;
    }

    Book book;
    std::set<int> ran;
    bool ran_twice = false;
    sim::World world;
};

BOOST_AUTO_TEST_CASE(no_job_runs_twice_even_when_the_leader_is_cut_off) {
    Service service(1);
    sim::World& world = service.world;
    BOOST_TEST(world.run_until([&] { return service.ran.size() >= 10; }, 60s));

    const std::string cut_off = world.leader("jobs");
    world.partition(cut_off);
    BOOST_TEST(world.run_until([&] { return world.leader("jobs").empty(); }, 10s));
    BOOST_TEST(world.run_until([&] { return !world.leader("jobs").empty(); }, 10s));
    BOOST_TEST(world.leader("jobs") != cut_off);

    const std::size_t before = service.ran.size();
    BOOST_TEST(world.run_until([&] { return service.ran.size() >= before + 10; }, 60s));
    world.heal(cut_off);
    world.run_for(60s);
}

BOOST_AUTO_TEST_CASE(no_job_runs_twice_when_a_leader_is_frozen_and_thaws) {
    Service service(2);
    sim::World& world = service.world;
    for (int round = 0; round < 5; ++round) {
        BOOST_TEST(world.run_until([&] { return !world.leader("jobs").empty(); }, 60s));
        const std::string frozen = world.leader("jobs");
        world.pause(frozen);
        BOOST_TEST(world.run_until([&] { return world.leader("jobs") != frozen; }, 60s));
        world.run_for(10s);
        world.resume(frozen);
        world.run_for(10s);
    }
    BOOST_TEST(service.ran.size() > 20u);
}

BOOST_AUTO_TEST_CASE(no_job_runs_twice_whatever_happens) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Service service(seed);
        service.world.chaos({});
        service.world.run_for(90s);
        BOOST_TEST(!service.ran.empty());
    }
}

// A test that cannot fail is none: without the tokens the same worlds find a job that runs twice.
BOOST_AUTO_TEST_CASE(a_ledger_that_takes_any_token_is_found_out) {
    std::size_t found = 0;
    for (std::uint64_t seed = 1; seed <= 50 && found == 0; ++seed) {
        Service service(seed);
        service.book.refuses_small_tokens = false;
        service.world.chaos({});
        try {
            service.world.run_for(90s);
        } catch (const sim::Violation& violation) {
            found += violation.property() == "no_job_runs_twice";
        }
    }
    BOOST_TEST(found > 0u);
}
