// Clocks at the edge: within the margin nothing overlaps; beyond it the overlap is seen, and a
// resource that refuses smaller tokens is safe all the same.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <tenure/simulation.hpp>

namespace tenure::sim {
namespace {

using namespace std::chrono_literals;

/// Refuses whoever comes with a smaller token than it has seen.
class Ledger {
public:
    bool write(std::int64_t token) {
        if (token < greatest_) {
            ++refused_;
            return false;
        }
        greatest_ = token;
        written_.push_back(token);
        return true;
    }
    std::size_t refused() const { return refused_; }
    const std::vector<std::int64_t>& written() const { return written_; }

private:
    std::int64_t greatest_ = 0;
    std::size_t refused_ = 0;
    std::vector<std::int64_t> written_;
};

/// Writes every 50 ms while it believes that it leads.
class Writer : public std::enable_shared_from_this<Writer> {
public:
    Writer(Node& node, Ledger& ledger)
        : scheduler_(node.scheduler()),
          ledger_(ledger),
          election_(node.scheduler(), node.store(),
                    {.election = "jobs", .candidate = node.name(), .ttl = 5s}) {
        node.follow(election_);
        election_.start();
    }

    void write() {
        const Leadership leadership = election_.leadership();
        if (leadership.valid()) ledger_.write(leadership.token());
        call_after(scheduler_, 50ms, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->write();
        });
    }

private:
    const std::shared_ptr<Scheduler> scheduler_;
    Ledger& ledger_;
    Election election_;
};

struct Run {
    std::string property;
    /// Two were valid at once.
    bool overlapped = false;
    Ledger ledger;
};

/// The leader's clock runs slow and the store's fast, by so much each, and then the leader is
/// cut off. Goes on after the first violation, to see what the ledger does.
Run cut_off_with_drift(std::int64_t parts_per_million, std::uint64_t seed) {
    Run run;
    World world({.seed = seed});
    const auto writer = [&run](Node& node) {
        auto made = std::make_shared<Writer>(node, run.ledger);
        made->write();
        return made;
    };
    world.add_node("slow", writer);
    world.set_clock_rate("slow", -parts_per_million);
    world.server().set_clock_rate(parts_per_million);
    world.run_for(2s);
    world.add_node("even", writer);
    world.run_for(2s);
    world.at(world.now() + std::chrono::milliseconds(seed * 37), [&] { world.partition("slow"); });
    try {
        world.run_for(20s);
    } catch (const Violation& violation) {
        run.property = violation.property();
        world.tolerate_violations();
        world.run_for(20s);
    }
    run.overlapped = std::ranges::any_of(world.trace(), [](const TraceEvent& event) {
        return event.kind == TraceEvent::Kind::violation && event.what.starts_with("one_leader");
    });
    return run;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(drift)

// TTL 5 s, margin 0.5 s: the store's 5 s have passed no sooner than 4.5 s of the leader's as long
// as the rates differ by less than a tenth.
BOOST_AUTO_TEST_CASE(within_the_margin_nobody_overlaps) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const Run run = cut_off_with_drift(50'000, seed);
        BOOST_TEST(run.property.empty(), run.property);
        BOOST_TEST(!run.overlapped);
        BOOST_TEST(run.ledger.written().size() > 100u);
        BOOST_TEST(run.ledger.refused() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(beyond_the_margin_the_overlap_is_seen_and_the_ledger_refuses) {
    std::size_t overlaps = 0;
    std::size_t refused = 0;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const Run run = cut_off_with_drift(150'000, seed);
        overlaps += run.overlapped;
        refused += run.ledger.refused();
        BOOST_TEST(std::ranges::is_sorted(run.ledger.written()));
    }
    BOOST_TEST(overlaps > 25u);
    BOOST_TEST(refused > 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::sim
