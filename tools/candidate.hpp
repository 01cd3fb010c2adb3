// One who stands for election from the command line, and what is said of that: what `tenure
// campaign` and `tenure run` have in common.
#pragma once

#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>
#include <tenure/election.hpp>

#include "tools/command_line.hpp"
#include "tools/events.hpp"

namespace tenure::command {

struct CandidateOptions {
    std::string store;
    CandidacyOptions candidacy;
    Duration ttl{};
    Format format = Format::text;
};

/// Adds `--name`, `--ttl` and `--value`, and parses. Empty when help was printed in its place.
/// Throws std::invalid_argument that names what is wrong.
std::optional<CandidateOptions> parse_candidate(CommandLine& line, const Arguments& arguments);

/// Thread safety: none; it lives on the context's one thread.
class Candidate {
public:
    /// Throws std::invalid_argument that names what is wrong.
    Candidate(boost::asio::io_context& context, const CandidateOptions& options);

    void start();
    /// Ends the context once the entry is removed and the lease given back.
    void stop();
    bool is_stopping() const { return stopping_; }

    /// For more slots. Those that were connected here come first: the event is told by then.
    Election& election() { return election_; }
    EventWriter& events() { return events_; }

    /// What to exit with, unless all went well.
    std::optional<int> failure() const;

private:
    void connect();
    void report(error_code code, std::string_view doing);
    void tell_granted(Duration granted);
    void tell_margin(const Lease& lease);
    void give_lease_back();

    boost::asio::io_context& context_;
    std::string url_;
    Duration asked_ttl_;
    std::optional<Duration> told_ttl_;
    bool told_margin_ = false;
    std::int64_t token_ = 0;
    bool stopping_ = false;
    bool leaving_ = false;
    std::optional<int> final_;
    EventWriter events_;
    Session session_;
    Election election_;
};

}  // namespace tenure::command
