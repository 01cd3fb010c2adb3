// Several candidates in one election on one store, and what has to hold for them together.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/command/tenure_process.hpp"

namespace tenure::test {

/// The shortest TTL that etcd grants unchanged, for scenes in which leases run out. A busy machine
/// may lose such a lease by itself.
constexpr const char* short_ttl = "2s";

class Scene {
public:
    explicit Scene(std::string store_url, std::string election = "the election",
                   std::string ttl = "10s")
        : store_url_(std::move(store_url)), election_(std::move(election)), ttl_(std::move(ttl)) {}
    virtual ~Scene() = default;
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;

    /// A campaign.
    TenureProcess& add(const std::string& name) { return add(name, store_url_); }
    TenureProcess& add(const std::string& name, const std::string& store_url) {
        return add(name, store_url, ttl_);
    }
    TenureProcess& add(const std::string& name, const std::string& store_url,
                       const std::string& ttl);
    /// A candidate of another kind.
    TenureProcess& add(Command command);
    /// The same, and waits until its entry is the last of `place`.
    TenureProcess& add_in_line(const std::string& name, std::size_t place);
    /// Waits until so many stand in line.
    void await_line(std::size_t length) const;

    /// Reads everybody's events until one leads by what it said itself. Throws when nobody
    /// does within `bound`.
    TenureProcess& await_any_elected(milliseconds bound = patience);

    /// Lets time pass, and reads everybody's events meanwhile.
    void read_for(milliseconds time);

    /// What `tenure list --json` prints: a line for each entry.
    virtual std::vector<boost::json::object> list() const;

    /// Exactly one leads, the store says the same, and when all are told to stop they exit
    /// with 0 and leave nothing behind. Processes that were killed do not count.
    void expect_one_leader_then_stop();
    /// Nobody was elected before everybody else was unelected, by the events read so far.
    /// `slack`: for removals by others, which no process can foresee.
    void expect_no_overlap(milliseconds slack = milliseconds(0)) const;

    void kill(TenureProcess& candidate);
    const std::string& election() const { return election_; }

private:
    std::string store_url_;
    std::string election_;
    std::string ttl_;
    std::vector<std::unique_ptr<TenureProcess>> candidates_;
};

}  // namespace tenure::test
