// The checker, by stores that lie and programs that do what they must not; and by programs that do
// nothing wrong.
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>
#include <tenure/simulation.hpp>

#include "tests/memory/broken_stores.hpp"

namespace tenure::sim {
namespace {

using namespace std::chrono_literals;
using test::HonestStore;

/// Hides all others from a candidate.
struct SeesItselfOnly : HonestStore {
    using HonestStore::HonestStore;
    void enter(NewEntry entry, Reply<Standing> reply) override {
        inner_->enter(std::move(entry), alone(std::move(reply)));
    }
    void standing(std::string election, Entry own, Reply<Standing> reply) override {
        inner_->standing(std::move(election), std::move(own), alone(std::move(reply)));
    }
    static Reply<Standing> alone(Reply<Standing> reply) {
        return [reply](result<Standing> standing) {
            if (standing) {
                standing->first = standing->own;
                standing->predecessor.reset();
            }
            reply(std::move(standing));
        };
    }
};

/// And gives its entry another number than it has.
struct Misnumbers : SeesItselfOnly {
    Misnumbers(std::shared_ptr<KeyStore> inner, std::int64_t number)
        : SeesItselfOnly(std::move(inner)), number_(number) {}
    void enter(NewEntry entry, Reply<Standing> reply) override {
        SeesItselfOnly::enter(std::move(entry), [reply, number = number_](result<Standing> made) {
            if (made) made->own->created = made->first->created = Revision{number};
            reply(std::move(made));
        });
    }
    std::int64_t number_;
};

struct TellsNothing : HonestStore {
    using HonestStore::HonestStore;
    std::unique_ptr<Watch> watch(WatchTarget, Reply<Change>) override {
        return std::make_unique<Watch>();
    }
};

/// Says that it has let go, and has not.
struct LetsNothingGo : HonestStore {
    using HonestStore::HonestStore;
    void remove(Entry, Reply<void> reply) override { reply({}); }
    void revoke_lease(LeaseId, Reply<void> reply) override { reply({}); }
};

struct Refuses : HonestStore {
    using HonestStore::HonestStore;
    void create(NewEntry, Reply<Entry> reply) override { reply(Error(errc::refused, "no")); }
};

using Liar = std::function<std::shared_ptr<KeyStore>(std::shared_ptr<KeyStore>)>;

struct Candidate {
    Candidate(Node& node, std::shared_ptr<KeyStore> store)
        : election(node.scheduler(), std::move(store),
                   {.election = "jobs", .candidate = node.name(), .ttl = 5s}) {
        node.follow(election);
        election.start();
    }
    Election election;
};

/// `a` leads; then `b` comes, on a store that may lie. Each can be laid hands on.
struct Pair {
    World world{{.seed = 1, .patience = 15s}};
    std::map<std::string, std::shared_ptr<Candidate>> candidates;

    explicit Pair(const Liar& liar = {}) {
        add("a", {});
        BOOST_TEST_REQUIRE(world.run_until([&] { return world.leader("jobs") == "a"; }, 5s));
        add("b", liar);
    }
    void add(const std::string& name, const Liar& liar) {
        world.add_node(name, [this, liar](Node& node) {
            const auto store = liar ? liar(node.store()) : node.store();
            return candidates[node.name()] = std::make_shared<Candidate>(node, store);
        });
    }
    Election& a() { return candidates.at("a")->election; }
    std::int64_t token() { return a().leadership().token(); }
};

/// Which property breaks first.
std::string broken(World& world, Duration within = 120s) {
    try {
        world.run_for(within);
    } catch (const Violation& violation) {
        return violation.property();
    }
    return "";
}

/// Which break at all.
std::set<std::string> all_broken(World& world) {
    world.tolerate_violations();
    world.run_for(120s);
    std::set<std::string> names;
    for (const TraceEvent& event : world.trace()) {
        if (event.kind != TraceEvent::Kind::violation) continue;
        const bool once = names.insert(event.what.substr(0, event.what.find(':'))).second;
        BOOST_TEST(once, event.what);
    }
    return names;
}

/// Renews the lease for ever, as nothing may that has stopped.
void keep_alive(const std::shared_ptr<Scheduler>& scheduler, const std::shared_ptr<KeyStore>& store,
                LeaseId lease) {
    store->renew_lease(lease, [](const auto&) {});
    call_after(scheduler, 1s, [=] { keep_alive(scheduler, store, lease); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(checker)

BOOST_AUTO_TEST_CASE(who_leads_behind_another_is_found) {
    const Liar liar = [](auto store) { return std::make_shared<SeesItselfOnly>(store); };
    Pair pair(liar);
    BOOST_TEST(broken(pair.world) == "first_in_line");
    Pair again(liar);
    const auto names = all_broken(again.world);
    BOOST_TEST(names.contains("first_in_line"));
    BOOST_TEST(names.contains("one_leader"));
}

BOOST_AUTO_TEST_CASE(a_token_that_does_not_grow_is_found) {
    Pair pair;
    pair.world.run_for(1s);
    pair.a().resign();
    BOOST_TEST(pair.world.run_until([&] { return pair.world.leader("jobs") == "b"; }, 5s));
    pair.add("c", [](auto store) { return std::make_shared<Misnumbers>(store, 1); });
    BOOST_TEST(broken(pair.world) == "tokens_grow");
}

BOOST_AUTO_TEST_CASE(two_that_lead_with_one_token_are_found) {
    const std::int64_t token = Pair().token();
    const Liar liar = [token](auto store) { return std::make_shared<Misnumbers>(store, token); };
    Pair pair(liar);
    BOOST_TEST(broken(pair.world) == "over_is_over");
}

BOOST_AUTO_TEST_CASE(who_does_not_hear_of_its_deposition_is_found) {
    World world;
    world.add_node("a", [](Node& node) {
        return std::make_shared<Candidate>(node, std::make_shared<TellsNothing>(node.store()));
    });
    BOOST_TEST_REQUIRE(world.run_until([&] { return world.leader("jobs") == "a"; }, 5s));
    world.server().delete_entry(world.server().entries("jobs").front());
    BOOST_TEST(broken(world) == "deposed_in_time");
}

BOOST_AUTO_TEST_CASE(who_has_stopped_and_goes_on_is_found) {
    for (const bool tolerant : {false, true}) {
        World world({.seed = 1, .patience = 15s});
        std::shared_ptr<Candidate> candidate;
        Node& node = world.add_node("a", [&](Node& made) {
            const auto store = std::make_shared<LetsNothingGo>(made.store());
            return candidate = std::make_shared<Candidate>(made, store);
        });
        BOOST_TEST_REQUIRE(world.run_until([&] { return world.leader("jobs") == "a"; }, 5s));
        keep_alive(node.scheduler(), node.store(), candidate->election.leadership().entry().lease);
        candidate->election.stop();
        if (!tolerant) {
            BOOST_TEST(broken(world) == "stopped_is_silent");
        } else {
            const std::set<std::string> expected{"no_ghosts", "stopped_is_silent"};
            BOOST_TEST((all_broken(world) == expected));
        }
    }
}

BOOST_AUTO_TEST_CASE(who_removes_its_entry_while_it_works_is_found) {
    Pair pair;
    pair.world.node("a").store()->remove(pair.a().leadership().entry(), [](auto) {});
    BOOST_TEST(broken(pair.world) == "work_ends_first");
}

BOOST_AUTO_TEST_CASE(a_line_in_which_nobody_can_stand_is_found) {
    World world({.seed = 1, .patience = 15s});
    world.add_node("a", [](Node& node) {
        return std::make_shared<Candidate>(node, std::make_shared<Refuses>(node.store()));
    });
    BOOST_TEST(broken(world) == "led_in_time");
    BOOST_TEST(world.now() < 20s);
}

BOOST_AUTO_TEST_CASE(a_world_that_runs_in_circles_is_found_each_time) {
    World world;
    const auto scheduler = world.add_node("a").scheduler();
    std::function<void()> again = [&] { scheduler->post(again); };
    again();
    BOOST_TEST(broken(world) == "time_goes_on");
    world.tolerate_violations();
    BOOST_TEST(broken(world) == "time_goes_on");
}

// From here on: nobody is to blame.

BOOST_AUTO_TEST_CASE(candidates_that_are_not_followed_may_stand_and_lead) {
    World world({.seed = 1, .patience = 15s});
    for (const std::string name : {"a", "b"}) {
        world.add_node(name, [](Node& node) {
            const auto election = std::make_shared<Election>(
                node.executor(), node.store(),
                ElectionOptions{.election = "jobs", .candidate = node.name(), .ttl = 5s});
            if (node.name() == "b") node.follow(*election);
            election->start();
            return election;
        });
    }
    BOOST_TEST(broken(world) == "");
    BOOST_TEST(world.server().entries("jobs").size() == 2u);
    world.crash("a");
    BOOST_TEST(broken(world) == "");
    BOOST_TEST(world.leader("jobs") == "b");
}

BOOST_AUTO_TEST_CASE(a_session_that_is_not_followed_may_outlive_its_elections) {
    struct Shared {
        explicit Shared(Node& node)
            : session(node.scheduler(), node.store(), {.ttl = 5s}),
              election(session, {.election = "jobs", .candidate = "a"}) {
            node.follow(election);
            election.start();
        }
        Session session;
        Election election;
    };
    World world;
    std::shared_ptr<Shared> shared;
    world.add_node("a", [&](Node& node) { return shared = std::make_shared<Shared>(node); });
    BOOST_TEST_REQUIRE(world.run_until([&] { return world.leader("jobs") == "a"; }, 5s));
    shared->election.stop();
    BOOST_TEST(broken(world) == "");
    BOOST_TEST(shared->session.is_running());
}

BOOST_AUTO_TEST_CASE(a_handler_may_resign_at_once) {
    World world;
    int resigned = 0;
    world.add_node("a", [&](Node& node) {
        const auto election = std::make_shared<Election>(
            node.scheduler(), node.store(),
            ElectionOptions{.election = "jobs", .candidate = "a", .ttl = 5s});
        election->on_elected([&, raw = election.get()](const Leadership&) {
            if (++resigned < 5) raw->resign();
        });
        node.follow(*election);
        election->start();
        return election;
    });
    BOOST_TEST(broken(world) == "");
    BOOST_TEST(resigned == 5);
}

BOOST_AUTO_TEST_CASE(a_leader_may_be_followed_late_and_more_than_once) {
    World world;
    std::shared_ptr<Election> election;
    Node& node = world.add_node("a", [&](Node& made) {
        election = std::make_shared<Election>(
            made.scheduler(), made.store(),
            ElectionOptions{.election = "jobs", .candidate = "a", .ttl = 5s});
        election->start();
        return election;
    });
    BOOST_TEST(world.run_until([&] { return election->is_leader(); }, 5s));
    for (int round = 0; round < 3; ++round)
        node.follow(*election);
    BOOST_TEST(broken(world, 10s) == "");
    election->resign();
    BOOST_TEST(broken(world) == "");
    BOOST_TEST(world.leader("jobs") == "a");
}

BOOST_AUTO_TEST_CASE(a_program_elsewhere_may_act_as_an_operator) {
    Pair pair;
    BOOST_TEST(broken(pair.world, 2s) == "");
    Node& admin = pair.world.add_node("admin");
    admin.store()->remove(pair.a().leadership().entry(), [](auto) {});
    BOOST_TEST(broken(pair.world) == "");
    BOOST_TEST(pair.world.leader("jobs") == "b");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::sim
