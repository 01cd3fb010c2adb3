// The command, or what prints the same, as a child process, and its events as they come.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/child_process.hpp"

namespace tenure::test {

/// Longer than anything takes on a busy machine, and still an end.
constexpr milliseconds patience = std::chrono::seconds(40);

/// Since the epoch, by the wall clock: comparable between processes of one machine.
using Stamp = std::chrono::microseconds;
Stamp now_stamp();

struct Event {
    std::string kind;
    boost::json::object fields;
    Stamp at{};

    std::int64_t token() const { return fields.at("token").to_number<std::int64_t>(); }
    std::string reason() const { return std::string(fields.at("reason").as_string()); }
    /// The candidate of a `leader` event; empty for nobody.
    std::optional<std::string> leader() const;
};

/// The words in front of which the command's path is put.
Command tenure_command(std::vector<std::string> words);
/// Runs it to its end.
Ended run_tenure(std::vector<std::string> words);

class TenureProcess {
public:
    /// `words` without `--json`, which is added.
    explicit TenureProcess(std::vector<std::string> words);
    /// Any program that prints the events of `tenure campaign --json`.
    explicit TenureProcess(Command command);

    /// Empty when none comes within `bound`. Throws when a line is no event.
    std::optional<Event> next(milliseconds bound);
    /// Reads until one of that kind comes. Throws, with all that was seen, when none does.
    Event await(const std::string& kind, milliseconds bound = patience);
    /// The same for a `leader` event that names this candidate, or nobody. At once if the last
    /// one that was read does.
    Event await_leader(const std::optional<std::string>& candidate, milliseconds bound = patience);

    const std::vector<Event>& history() const { return history_; }
    /// What was read so far says that it leads.
    bool leads() const;
    ChildProcess& process() { return process_; }
    /// Reads all events, and gives what `ChildProcess::wait` gives.
    std::optional<int> await_end(milliseconds bound = patience);
    /// Sends the signal first.
    std::optional<int> end_by(int signal);

private:
    [[noreturn]] void give_up(const std::string& kind);

    ChildProcess process_;
    std::vector<Event> history_;
};

}  // namespace tenure::test
