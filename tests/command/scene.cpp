#include "tests/command/scene.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <sstream>
#include <stdexcept>

namespace tenure::test {
namespace {

using std::chrono::steady_clock;

// One leadership, from what was printed. It has no end yet while the candidate leads.
struct Reign {
    Stamp begin{};
    std::optional<Stamp> end;
    std::int64_t token = 0;
};

std::vector<Reign> reigns_of(const TenureProcess& candidate) {
    std::vector<Reign> reigns;
    for (const Event& event : candidate.history()) {
        if (event.kind == "elected") reigns.push_back({event.at, {}, event.token()});
        if (event.kind == "unelected") reigns.back().end = event.at;
    }
    return reigns;
}

}  // namespace

TenureProcess& Scene::add(const std::string& name, const std::string& store_url,
                          const std::string& ttl) {
    candidates_.push_back(std::make_unique<TenureProcess>(std::vector<std::string>{
        "campaign", "--store", store_url, "--election", election_, "--name", name, "--ttl", ttl}));
    return *candidates_.back();
}

TenureProcess& Scene::add(Command command) {
    candidates_.push_back(std::make_unique<TenureProcess>(std::move(command)));
    return *candidates_.back();
}

TenureProcess& Scene::add_in_line(const std::string& name, std::size_t place) {
    TenureProcess& candidate = add(name);
    await_line(place);
    return candidate;
}

void Scene::await_line(std::size_t length) const {
    const auto deadline = steady_clock::now() + patience;
    while (list().size() != length) {
        if (steady_clock::now() < deadline) continue;
        throw std::runtime_error("there are never " + std::to_string(length) + " in line");
    }
}

TenureProcess& Scene::await_any_elected(milliseconds bound) {
    const auto deadline = steady_clock::now() + bound;
    while (steady_clock::now() < deadline) {
        for (const auto& candidate : candidates_) {
            candidate->next(milliseconds(10));
            if (candidate->leads()) return *candidate;
        }
    }
    throw std::runtime_error("nobody was elected in time");
}

void Scene::read_for(milliseconds time) {
    const auto end = steady_clock::now() + time;
    do {
        for (const auto& candidate : candidates_) {
            while (candidate->next(milliseconds(0))) {
            }
        }
        const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
        if (left > milliseconds(0)) candidates_.front()->next(std::min(left, milliseconds(50)));
    } while (steady_clock::now() < end);
}

std::vector<boost::json::object> Scene::list() const {
    const Ended ended =
        run_tenure({"list", "--store", store_url_, "--election", election_, "--json"});
    if (ended.status != 0) throw std::runtime_error("tenure list: " + ended.errors);
    std::vector<boost::json::object> entries;
    std::istringstream lines(ended.output);
    for (std::string line; std::getline(lines, line);)
        entries.push_back(boost::json::parse(line).as_object());
    return entries;
}

void Scene::expect_one_leader_then_stop() {
    read_for(milliseconds(0));
    std::vector<std::int64_t> tokens;
    for (const auto& candidate : candidates_) {
        if (candidate->leads()) tokens.push_back(reigns_of(*candidate).back().token);
    }
    BOOST_TEST_REQUIRE(tokens.size() == 1u);
    const auto entries = list();
    BOOST_TEST_REQUIRE(!entries.empty());
    BOOST_TEST(entries.front().at("token").to_number<std::int64_t>() == tokens.front());

    for (const auto& candidate : candidates_)
        candidate->process().signal(SIGTERM);
    for (const auto& candidate : candidates_) {
        const auto status = candidate->await_end();
        BOOST_TEST(status.value_or(-1) == 0);
        BOOST_TEST(candidate->history().back().kind == "stopped");
    }
    BOOST_TEST(list().empty());
}

void Scene::expect_no_overlap(milliseconds slack) const {
    std::vector<Reign> reigns;
    for (const auto& candidate : candidates_) {
        for (const Reign& reign : reigns_of(*candidate))
            reigns.push_back(reign);
    }
    std::ranges::sort(reigns, {}, &Reign::begin);
    for (std::size_t next = 1; next < reigns.size(); ++next) {
        const Reign& earlier = reigns[next - 1];
        BOOST_TEST(earlier.token < reigns[next].token);
        BOOST_TEST_REQUIRE(earlier.end.has_value());
        BOOST_TEST(earlier.end->count() <= (reigns[next].begin + slack).count());
    }
}

void Scene::kill(TenureProcess& candidate) {
    BOOST_TEST(candidate.end_by(SIGKILL).value_or(0) == -SIGKILL);
    std::erase_if(candidates_, [&](const auto& other) { return other.get() == &candidate; });
}

}  // namespace tenure::test
