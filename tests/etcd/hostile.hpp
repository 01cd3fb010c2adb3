// What the tests of hostile answers share: the cases as they are written down, and what must become
// of each.
#pragma once

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <tenure/error.hpp>
#include <vector>

#include "tests/etcd/client.hpp"
#include "tests/support/bad_server.hpp"

namespace tenure::test {

using Then = Speech::Then;

/// Something that a server may say.
struct Hostile {
    /// As a claim's object: `cut_in_the_head`.
    std::string name;
    Speech speech;
    /// What the caller is told; nothing when it has to work.
    std::optional<errc> error{};
    /// What the error says beside the endpoint.
    std::string words{};

    friend std::ostream& operator<<(std::ostream& out, const Hostile& hostile) {
        return out << hostile.name;
    }
};

inline bool is_over_v2() {
    return api_query() == "?api=v2";
}

/// A good answer to whoever asks for the entries of `some`: there is one, with the value `here`.
std::string good_listing();
/// The same in HTTP. The lines of the head end in `\r\n`.
std::string http(const std::string& body, const std::string& more_head = {},
                 const std::string& status_line = "HTTP/1.1 200 OK");

/// How long a request may take where it is to run out of time, and where it is not: a busy machine
/// shall not make the one into the other.
std::chrono::milliseconds time_for(const Hostile& hostile);
/// What any request may take beyond its time on a busy machine.
constexpr auto hostile_slack = std::chrono::seconds(8);

/// Demands that the error is the one that is expected, and can be read by a person.
void check_error(const Hostile& hostile, const Error& error, const BadServer& server);

/// For a client of this server alone.
etcd::StoreOptions options_for(const BadServer& server, std::chrono::milliseconds time,
                               etcd::StreamKind streams);

/// Asks for the entries of `some`, and demands that what comes is right, in time, and comes once.
void list_from(const Hostile& hostile);

/// Watches a key, and demands the same of the error that ends it.
///
/// A watch is opened anew until its time is over, and what it says then is what was wrong last; or
/// that its time was over, when that was in the midst of another try. Not to happen five times.
void check_watch(const Hostile& hostile, const Script& script,
                 etcd::StreamKind streams = etcd::StreamKind::automatic);

// Preconditions of tests that are about one API.
boost::test_tools::assertion_result runs_over_v2(boost::unit_test::test_unit_id);
boost::test_tools::assertion_result runs_over_v3(boost::unit_test::test_unit_id);

}  // namespace tenure::test
