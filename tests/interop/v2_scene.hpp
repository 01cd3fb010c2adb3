// An election on etcd's v2 API in which ours and those of the npm module stand.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "tests/command/scene.hpp"
#include "tests/interop/v2_directory.hpp"

namespace tenure::test {

enum class Kind { ours, theirs };
std::ostream& operator<<(std::ostream& out, Kind kind);

/// The clock of node gives milliseconds surely, and below that as a rule.
constexpr milliseconds clock_slack{1};

class V2Scene : public Scene {
public:
    explicit V2Scene(const EtcdServer& etcd, std::string election = "the election")
        : Scene(etcd.v2_url(), std::move(election), short_ttl), etcd_(etcd) {}

    using Scene::add;
    TenureProcess& add(Kind kind, const std::string& name);
    /// The same, and waits until its entry is the last in line.
    TenureProcess& add_in_line(Kind kind, const std::string& name);

    /// The line as etcd has it, in the form of the command, but without leases.
    std::vector<boost::json::object> list() const override;
    /// The line as the command lists it.
    std::vector<boost::json::object> listed_by_command() const { return Scene::list(); }

private:
    const EtcdServer& etcd_;
};

}  // namespace tenure::test
