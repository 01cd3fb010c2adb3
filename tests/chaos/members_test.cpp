// Members of a cluster go and come back in an orderly world, one at a time: no leader may be lost.
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <iostream>
#include <optional>
#include <tenure/tenure.hpp>

#include "tests/support/etcd_cluster.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto ttl = 10s;
constexpr auto patience = 40s;

// `etcd://` with all members, beginning with one, and that by a line on which connections can be
// counted.
std::string store_url(const EtcdCluster& cluster, std::size_t first, const TcpProxy& line) {
    std::string url = "etcd://" + line.address();
    for (std::size_t each = 1; each < cluster.size(); ++each)
        url += ',' + cluster.member((first + each) % cluster.size()).address();
    return url;
}

// A candidate with a store, a session and connections of its own, as if it were a process.
class Candidate {
public:
    Candidate(boost::asio::io_context& io, const std::string& url, std::string election,
              std::string name)
        : election_(io.get_executor(), open_store(io.get_executor(), url),
                    {.election = std::move(election), .candidate = std::move(name), .ttl = ttl}) {
        election_.on_elected([this](const Leadership&) { ++elected_; });
        election_.on_unelected([this](LossReason why) {
            BOOST_TEST_MESSAGE(election_.name() << " unelected: " << why);
            ++lost_;
        });
        election_.on_error([this](error_code error, std::string_view doing) {
            BOOST_TEST_MESSAGE(election_.name() << ": " << doing << ": " << error.message());
        });
        election_.start();
    }

    bool leads() const { return election_.is_leader(); }
    int elected() const { return elected_; }
    int lost() const { return lost_; }
    std::int64_t token() const { return election_.leadership().token(); }
    void stop() { election_.stop(); }
    bool is_running() const { return election_.is_running(); }

private:
    Election election_;
    int elected_ = 0;
    int lost_ = 0;
};

class Stage {
public:
    Candidate& add(const std::string& url, std::string election, std::string name) {
        candidates_.push_back(
            std::make_unique<Candidate>(io_, url, std::move(election), std::move(name)));
        return *candidates_.back();
    }

    // At the latest after `bound`; false then.
    template <class Predicate>
    bool run_until(Predicate predicate, steady_clock::duration bound = patience) {
        const auto until = steady_clock::now() + bound;
        while (!predicate()) {
            if (steady_clock::now() > until) return false;
            io_.restart();
            io_.run_for(10ms);
        }
        return true;
    }
    void run_for(steady_clock::duration time) {
        run_until([] { return false; }, time);
    }

    std::size_t count_leaders() const {
        std::size_t leaders = 0;
        for (const auto& candidate : candidates_)
            leaders += candidate->leads() ? 1 : 0;
        return leaders;
    }
    std::size_t count_kept() const {
        std::size_t kept = 0;
        for (const auto& candidate : candidates_)
            kept += candidate->leads() && candidate->elected() == 1 && candidate->lost() == 0;
        return kept;
    }
    const std::vector<std::unique_ptr<Candidate>>& candidates() const { return candidates_; }

    // As if their processes were killed: nobody runs any more, and nothing is given back.
    void abandon() { io_.stop(); }

    bool stop() {
        for (const auto& candidate : candidates_)
            candidate->stop();
        return run_until([&] {
            for (const auto& candidate : candidates_) {
                if (candidate->is_running()) return false;
            }
            return true;
        });
    }

private:
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        io_.get_executor()};
    std::vector<std::unique_ptr<Candidate>> candidates_;
};

// What has happened to a member, and how it is undone.
enum class Loss { killed, stopped };

void lose(EtcdMember& member, Loss loss) {
    if (loss == Loss::killed) {
        member.kill();
    } else {
        member.pause();
    }
}

void bring_back(EtcdMember& member, Loss loss) {
    if (loss == Loss::killed) {
        member.launch();
    } else {
        member.resume();
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_rolling_restart_of_the_members_loses_no_leader) {
    EtcdCluster cluster;
    Stage stage;
    for (const char* const name : {"ann", "bob", "cid", "dan", "eve"})
        stage.add(cluster.store_url(), "rolling", name);
    BOOST_TEST_REQUIRE(stage.run_until([&] { return stage.count_leaders() == 1; }));
    for (std::size_t index = 0; index < cluster.size(); ++index) {
        EtcdMember& member = cluster.member(index);
        member.ask_to_end();
        BOOST_TEST_REQUIRE(stage.run_until([&] { return member.ended().has_value(); }));
        member.kill();
        member.launch();
        stage.run_for(10s);
        BOOST_TEST(stage.count_leaders() == 1u);
    }
    int elected = 0, lost = 0;
    for (const auto& candidate : stage.candidates()) {
        elected += candidate->elected();
        lost += candidate->lost();
    }
    BOOST_TEST(elected == 1);
    BOOST_TEST(lost == 0);
    BOOST_TEST(stage.stop());
}

BOOST_AUTO_TEST_CASE(fifty_leaders_stay_when_the_member_that_they_talk_to_is_lost) {
    constexpr std::size_t rounds = 5;
    constexpr std::size_t leaders = 10;
    EtcdCluster cluster;
    std::size_t kept = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        const std::size_t first = round % cluster.size();
        const Loss loss = round % 2 == 0 ? Loss::stopped : Loss::killed;
        const TcpProxy line(cluster.member(first).port());
        Stage stage;
        for (std::size_t each = 0; each < leaders; ++each) {
            const std::string name = "member/" + std::to_string(round) + '/' + std::to_string(each);
            stage.add(store_url(cluster, first, line), name, "ann");
        }
        BOOST_TEST_REQUIRE(stage.run_until([&] { return stage.count_leaders() == leaders; }));
        BOOST_TEST(line.open() >= leaders);
        lose(cluster.member(first), loss);
        // Longer than any lease lasts that was not renewed after that.
        stage.run_for(ttl + 2s);
        kept += stage.count_kept();
        bring_back(cluster.member(first), loss);
        BOOST_TEST(stage.stop());
        BOOST_TEST_REQUIRE(cluster.await_health(patience));
    }
    std::cout << kept << " of " << rounds * leaders << " leaders stayed" << std::endl;
    BOOST_TEST(kept == rounds * leaders);
}

// Both leaders end without a word at the same time, and so does the member at which one of those
// who wait for that is told of it.
BOOST_AUTO_TEST_CASE(who_waits_at_a_member_that_is_lost_rises_as_soon_as_elsewhere) {
    EtcdCluster cluster;
    const TcpProxy through_first(cluster.member(0).port());
    const TcpProxy through_second(cluster.member(1).port());
    const TcpProxy through_third(cluster.member(2).port());
    Stage stage;
    Stage leaders;
    leaders.add(store_url(cluster, 2, through_third), "here", "leader");
    leaders.add(store_url(cluster, 2, through_third), "there", "leader");
    BOOST_TEST_REQUIRE(leaders.run_until([&] { return leaders.count_leaders() == 2; }));
    const Candidate& here = stage.add(store_url(cluster, 0, through_first), "here", "waiting");
    const Candidate& there = stage.add(store_url(cluster, 1, through_second), "there", "waiting");
    // Long enough that both stand in line and watch.
    stage.run_for(2s);
    cluster.member(0).pause();
    leaders.abandon();
    std::optional<steady_clock::time_point> here_at, there_at;
    const auto note = [](const Candidate& candidate, auto& at) {
        if (!at && candidate.leads()) at = steady_clock::now();
        return at.has_value();
    };
    BOOST_TEST_REQUIRE(stage.run_until([&] {
        const bool here_leads = note(here, here_at);
        return note(there, there_at) && here_leads;
    }));
    const auto later = std::chrono::duration_cast<milliseconds>(*here_at - *there_at);
    std::cout << "who waited at the lost member rose " << later.count() << " ms after the other"
              << std::endl;
    // etcd ends leases twice a second.
    BOOST_TEST(later.count() <= 1000);
    cluster.member(0).resume();
    BOOST_TEST(stage.stop());
}

}  // namespace tenure::test
