// A member that is cut off from the quorum still takes requests, and keeps watches open for ever:
// its clients turn to the others.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "tests/etcd/client.hpp"
#include "tests/support/etcd_cluster.hpp"
#include "tests/support/http_get.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::etcd {

std::ostream& operator<<(std::ostream& out, StreamKind kind) {
    return out << (kind == StreamKind::web_socket ? "web_socket" : "request");
}

}  // namespace tenure::etcd

namespace tenure::test {

/// Among etcd's members.
enum class Office { leader, follower };

std::ostream& operator<<(std::ostream& out, Office office) {
    return out << (office == Office::leader ? "leader" : "follower");
}

namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using etcd::StreamKind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto soon = 20s;
// What a busy machine may take beyond what is promised.
constexpr auto slack = 8s;
constexpr auto patience = 60s;

const Office offices[] = {Office::leader, Office::follower};
const StreamKind stream_kinds[] = {StreamKind::web_socket, StreamKind::request};

EtcdCluster& cluster() {
    static EtcdCluster the_cluster(3, PeerLines::breakable);
    return the_cluster;
}

milliseconds since(steady_clock::time_point begin) {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
}

/// Which member is that now.
std::size_t find(Office office) {
    std::optional<std::size_t> leader;
    BOOST_TEST_REQUIRE(comes_true([&] { return (leader = cluster().leader(5s)).has_value(); }));
    return office == Office::leader ? *leader : (*leader + 1) % cluster().size();
}

/// A client whose first endpoint is a member that is going to be cut off, and one of the others.
class Scene {
public:
    Scene(Office office, StreamKind streams, milliseconds watch_check)
        : member_(find(office)),
          line_(cluster().member(member_).port()),
          client_(options(streams, watch_check)),
          other_({others().front(), others().back()}) {}
    ~Scene() {
        cluster().rejoin();
        // Its return may cost the others their leader: it serves again only after that.
        BOOST_TEST(cluster().member(member_).await_health(patience));
        BOOST_TEST(cluster().await_health(patience));
    }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;

    Client& client() { return client_; }
    Client& other() { return other_; }
    /// The client's to the member: not what is going to break.
    const TcpProxy& line() const { return line_; }

    void cut_off() { cluster().cut_off(member_); }
    /// Until the member knows, and the others have a leader.
    void await_cut_off() {
        BOOST_TEST_REQUIRE(notices());
        BOOST_TEST_REQUIRE(comes_true([&] {
            const auto leader = cluster().leader(5s);
            return leader && *leader != member_;
        }));
    }
    bool notices() const {
        return comes_true([&] { return knows_no_leader(); });
    }
    /// Without one it confirms nothing; a leader that was cut off does so until it gives up.
    bool knows_no_leader() const {
        const auto status = http_send(cluster().member(member_).port(), "POST",
                                      "/v3/maintenance/status", "{}", 10s);
        return status && status->find("etcdserver: no leader") != std::string::npos;
    }

private:
    std::vector<std::string> others() const {
        std::vector<std::string> addresses;
        for (std::size_t each = 1; each < cluster().size(); ++each)
            addresses.push_back(cluster().member((member_ + each) % cluster().size()).address());
        return addresses;
    }
    etcd::StoreOptions options(StreamKind streams, milliseconds watch_check) const {
        std::string url = "etcd://" + line_.address();
        for (const std::string& address : others())
            url += ',' + address;
        etcd::StoreOptions options = etcd::parse_url(url);
        options.streams = streams;
        options.watch_check = watch_check;
        return options;
    }

    std::size_t member_;
    TcpProxy line_;
    Client client_;
    Client other_;
};

/// An entry of the other client's, and a watch on it that is open at the member.
struct Watched {
    explicit Watched(Scene& scene)
        : entry(scene.other().create(fresh_name(), "0", scene.other().grant().id)),
          watching(scene.client().watch(WatchTarget::Scope::key, entry.key, entry.created)) {
        BOOST_TEST_REQUIRE(scene.other().update(entry, "1").has_value());
        BOOST_TEST_REQUIRE(watching.heard.wait(1, soon));
        BOOST_TEST_REQUIRE(describe(watching.heard.all()) == "updated '1'");
        BOOST_TEST(scene.line().count_first_lines("GET /v3/watch") +
                       scene.line().count_first_lines("POST /v3/watch") ==
                   1U);
    }
    Entry entry;
    Client::Watching watching;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cut_off_member)

// After that time a session sends the next one.
BOOST_DATA_TEST_CASE(a_renewal_is_confirmed_elsewhere_in_a_third_of_the_ttl,
                     data::make(offices) * data::make(stream_kinds), office, streams) {
    constexpr auto ttl = 30s;
    Scene scene(office, streams, 3s);
    const Lease lease = scene.client().grant(ttl);
    BOOST_TEST_REQUIRE(scene.client().renew(lease.id).has_value());
    BOOST_TEST_REQUIRE(scene.line().open() > 0U);
    scene.cut_off();
    scene.await_cut_off();
    const auto begin = steady_clock::now();
    const auto renewed = scene.client().renew(lease.id);
    const auto took = since(begin);
    BOOST_TEST_MESSAGE("took " << took.count() << " ms");
    BOOST_TEST_REQUIRE(renewed.has_value());
    BOOST_CHECK(renewed->granted_ttl == ttl);
    BOOST_CHECK(took < ttl / 3);
    BOOST_TEST(scene.knows_no_leader());
}

BOOST_DATA_TEST_CASE(a_removal_is_heard_of_within_the_bound_on_dead_watches,
                     data::make(stream_kinds), streams) {
    const etcd::StoreOptions defaults;
    Scene scene(Office::follower, streams, defaults.watch_check);
    Watched watched(scene);
    scene.cut_off();
    scene.other().remove(watched.entry);
    const auto begin = steady_clock::now();
    const milliseconds bound = defaults.watch_check + defaults.request_timeout + slack;
    BOOST_TEST(watched.watching.heard.wait(2, bound));
    BOOST_TEST_MESSAGE("took " << since(begin).count() << " ms");
    BOOST_TEST(describe(watched.watching.heard.all()) == "updated '1', removed '1'");
    BOOST_TEST(scene.notices());
}

// The watch says with its request that it needs a leader. Nothing else ends it: its line is well,
// nobody asks anything, and it would be looked after in ten minutes.
BOOST_AUTO_TEST_CASE(a_request_that_watches_is_ended_by_a_member_without_a_leader) {
    Scene scene(Office::follower, StreamKind::request, 10min);
    Watched watched(scene);
    scene.cut_off();
    scene.other().remove(watched.entry);
    const auto begin = steady_clock::now();
    BOOST_TEST(watched.watching.heard.wait(2, soon));
    BOOST_TEST_MESSAGE("took " << since(begin).count() << " ms");
    BOOST_TEST(describe(watched.watching.heard.all()) == "updated '1', removed '1'");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
