// What etcd itself says of an election on its v2 API, by the plainest HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/etcd_server.hpp"

namespace tenure::test {

struct V2Entry {
    /// As etcd writes it: `/ELECTION/00000000000000000007`.
    std::string key;
    std::string value;
    std::int64_t created = 0;
};

/// The entries in order; none when there is no such directory.
std::vector<V2Entry> read_directory(const EtcdServer& etcd, const std::string& election);

/// Requests to read and to watch that etcd has got so far.
struct V2Reads {
    double reads = 0;
    double watches = 0;
};
V2Reads v2_reads(const EtcdServer& etcd);

}  // namespace tenure::test
