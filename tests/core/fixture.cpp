#include "tests/core/fixture.hpp"

#include <boost/test/unit_test.hpp>

namespace tenure::testing {

World::World() : scheduler(sim::make_virtual_scheduler()), store(make_memory_store(scheduler)) {}

World::~World() {
    scheduler->clear();
}

std::vector<Entry> World::entries(const std::string& election) {
    std::optional<result<Listing>> listing;
    store->list({.prefix = election}, [&](result<Listing> answer) { listing = answer; });
    BOOST_TEST_REQUIRE(run_until([&] { return listing.has_value(); }, 0s));
    return listing->value().entries;
}

bool World::wait_for_entries(std::size_t count, const std::string& election) {
    for (int i = 0; i < 6000; ++i) {
        if (entries(election).size() == count) return true;
        run_for(10ms);
    }
    return false;
}

void World::delete_entry(const Entry& entry) {
    bool done = false;
    store->remove(entry, [&](result<void>) { done = true; });
    BOOST_TEST_REQUIRE(run_until([&] { return done; }, 0s));
}

void World::revoke(LeaseId lease) {
    bool done = false;
    store->revoke_lease(lease, [&](result<void>) { done = true; });
    BOOST_TEST_REQUIRE(run_until([&] { return done; }, 0s));
}

Candidate::Candidate(World& w, const std::string& who, ElectionOptions options)
    : world(w), name(who), line(sim::make_faulty_store(w.scheduler, w.store, 1s)) {
    if (options.election.empty()) options.election = "jobs";
    options.candidate = name;
    if (!options.seed) options.seed = 7;
    election.emplace(world.scheduler, line, options);
    election->on_elected([this](const Leadership& leadership) {
        events.push_back("elected " + std::to_string(leadership.token()));
    });
    election->on_unelected([this](LossReason reason) {
        events.push_back("unelected " + std::string(to_string(reason)));
    });
    election->on_leader([this](const std::optional<Leader>& leader) {
        events.push_back("leader " + (leader ? leader->candidate : "-"));
    });
    election->on_error([this](error_code code, std::string_view doing) {
        events.push_back("error " + code.message() + ", " + std::string(doing));
    });
}

std::vector<std::string> Candidate::turns() const {
    std::vector<std::string> turns;
    for (const auto& event : events) {
        if (event.starts_with("elected") || event.starts_with("unelected")) turns.push_back(event);
    }
    return turns;
}

std::size_t Candidate::count(const std::string& prefix) const {
    std::size_t n = 0;
    for (const auto& event : events)
        n += event.starts_with(prefix) ? 1 : 0;
    return n;
}

void line_up(World& world, const std::vector<Candidate*>& candidates) {
    std::size_t standing = 0;
    for (Candidate* candidate : candidates) {
        candidate->start();
        ++standing;
        BOOST_TEST_REQUIRE(world.run_until([&] { return world.store->revision() > Revision{}; }));
        // A quarter of a second in virtual time is far more than an entry takes.
        world.run_for(250ms);
        BOOST_TEST_REQUIRE(world.entries().size() == standing);
    }
    BOOST_TEST_REQUIRE(candidates.front()->leads());
}

}  // namespace tenure::testing
