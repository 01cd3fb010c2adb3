// Elections that are written to, and watches that know what they are to hear of it.
#pragma once

#include <boost/test/unit_test.hpp>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/etcd/client.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {

using Scope = WatchTarget::Scope;

constexpr auto soon = std::chrono::seconds(30);
/// Beyond so many, watches share.
constexpr std::size_t own_streams = 16;
/// What the store's other requests may take.
constexpr std::size_t other_connections = 12;

inline etcd::StoreOptions by_requests(const TcpProxy& proxy) {
    return etcd::parse_url("etcd://" + proxy.address() + "?watch=stream&timeout=10s");
}

inline std::string name_of(std::size_t number, const std::string& root = "jobs") {
    const std::string digits = std::to_string(number);
    return root + '/' + std::string(3 - digits.size(), '0') + digits;
}

/// Elections with an entry each, that all get the values 1, 2, … one after the other.
class Writer {
public:
    Writer(const std::string& address, const std::vector<std::string>& names)
        : client_({address}), jobs_(names.size()) {
        const auto lease = client_.grant(std::chrono::minutes(10)).id;
        for (std::size_t i = 0; i < names.size(); ++i) {
            jobs_[i].name = names[i];
            jobs_[i].entry = client_.create(names[i], "0", lease);
            jobs_[i].revisions = {jobs_[i].entry.created};
        }
    }
    ~Writer() { wait(); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    std::size_t size() const { return jobs_.size(); }
    const std::string& name(std::size_t job) const { return jobs_[job].name; }
    const Entry& entry(std::size_t job) const { return jobs_[job].entry; }
    /// What the job was last known to have been given, and when.
    std::pair<std::size_t, Revision> last(std::size_t job) const {
        const std::lock_guard lock(mutex_);
        const auto& revisions = jobs_[job].revisions;
        return {revisions.size() - 1, revisions.back()};
    }
    Revision revision(std::size_t job, std::size_t value) const {
        return jobs_[job].revisions[value];
    }

    void write(std::size_t job) {
        const auto written = client_.update(entry(job), std::to_string(last(job).first + 1));
        BOOST_REQUIRE(written);
        jobs_[job].revisions.push_back(*written);
    }
    /// Gives all of them values up to this one, a few at once, and does not wait for it.
    void start(std::size_t until) {
        until_ = until;
        for (std::size_t i = 0; i < at_once; ++i)
            go_on(i);
    }
    bool wait() const { return until_ == 0 || ended_.wait(at_once, 2 * soon); }
    /// Whether so many have been, before long.
    bool wait_for(std::size_t count) const { return written_.wait(count, soon); }

private:
    struct Job {
        std::string name;
        Entry entry;
        /// By their values.
        std::vector<Revision> revisions;
    };
    static constexpr std::size_t at_once = 4;

    // Each of the chains has its jobs, which it goes through round after round.
    void go_on(std::size_t job) {
        if (job >= size()) job %= at_once;
        const std::size_t value = last(job).first + 1;
        if (value > until_) return ended_.reply()(Revision{});
        client_.store().update(jobs_[job].entry, std::to_string(value),
                               [this, job](const result<Revision>& revision) {
                                   {
                                       const std::lock_guard lock(mutex_);
                                       jobs_[job].revisions.push_back(revision.value());
                                   }
                                   written_.reply()(revision);
                                   go_on(job + at_once);
                               });
    }

    std::size_t until_ = 0;
    Inbox<Revision> written_;
    Inbox<Revision> ended_;
    mutable std::mutex mutex_;
    Client client_;
    std::vector<Job> jobs_;
};

/// A watch of a job, and what it was to be the first to hear.
struct Listener {
    std::size_t job = 0;
    std::size_t first = 1;
    Client::Watching watching;

    std::vector<std::string> heard() const {
        std::vector<std::string> values;
        for (const auto& change : watching.heard.all())
            values.push_back(change ? change->entry.value : describe({change}));
        return values;
    }
    std::vector<std::string> expected(std::size_t until) const {
        std::vector<std::string> values;
        for (std::size_t value = first; value <= until; ++value)
            values.push_back(std::to_string(value));
        return values;
    }
    bool wait(std::size_t until) const { return watching.heard.wait(until + 1 - first, soon); }
};

/// From what is known of the job now: every second one by its key, the others by prefix.
inline Listener listen(Client& client, const Writer& writer, std::size_t job) {
    const auto [value, revision] = writer.last(job);
    const bool by_key = job / 2 % 2 == 0;
    return {job, value + 1,
            client.watch(by_key ? Scope::key : Scope::prefix,
                         by_key ? writer.entry(job).key : writer.name(job), revision)};
}

inline std::vector<std::string> names(std::size_t count,
                                      const std::vector<std::string>& roots = {"jobs"}) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back(name_of(i, roots[i % roots.size()]));
    return all;
}

inline std::size_t streams_through(const TcpProxy& proxy) {
    return proxy.count_first_lines("POST /v3/watch");
}

}  // namespace tenure::test
