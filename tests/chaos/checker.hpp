// Holds a run's history against what must be true of it. Pure: no clock, no process, no store.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/chaos/history.hpp"

namespace tenure::chaos {

using namespace std::chrono_literals;

struct Limits {
    /// As the store grants it.
    Duration ttl = 4s;
    /// An entry may outlive its candidate by `ttl` and this. Etcd looks for what has run out each
    /// 500 ms, and gives all leases their TTL and an election's time (1 s) when its leader changes.
    Duration ghost_slack = 2s;
    /// From the last fault until there is a leader.
    Duration patience = 20s;
    /// From an operator's hand until the leader has heard of it, when nothing hampers the news.
    Duration news = 8s;
    /// Whether a member of etcd that wakes up may take leases away that were renewed while it slept
    /// (versions before 3.4.31 and 3.5.13), and within what time: it asks its colleagues, who
    /// believe it.
    bool sleepers_take_leases = false;
    Duration waking = 1s;
    /// Between two signs of life of a process that runs.
    Duration silence = 5s;
    std::int64_t more_kilobytes = 8 * 1024;
    std::int64_t more_descriptors = 4;
    std::int64_t more_connections = 3;
};

struct Check {
    std::string name;
    /// What must be true, for the report.
    std::string claim;
    /// How many of what it looked at; with none it has shown nothing.
    std::size_t looked_at = 0;
    std::string of_what;
    /// A line for each violation.
    std::vector<std::string> violations{};
};

/// All checks, in the order of the report.
std::vector<Check> check(const History& history, const Limits& limits);
std::size_t count_violations(const std::vector<Check>& checks);

// One by one, for their own tests. Each says in its claim what it holds.
Check one_leader(const History& history, const Limits& limits);
Check tokens_grow(const History& history, const Limits& limits);
Check over_is_over(const History& history);
Check turns_alternate(const History& history);
Check deposed_in_time(const History& history, const Limits& limits);
Check ledger_refuses_old(const History& history);
Check ledger_knows_the_winner(const History& history);
Check led_in_time(const History& history, const Limits& limits);
Check all_agree(const History& history);
Check no_ghosts(const History& history, const Limits& limits);
Check nothing_left(const History& history);
Check nobody_died(const History& history);
Check nobody_hung(const History& history, const Limits& limits);
Check nothing_leaked(const History& history, const Limits& limits);

/// From when on an operator's hand is no excuse any more for a leader that goes on: when nothing
/// has hampered requests for `Limits::news` since.
/// What etcd itself has done to leaderships as an operator might: their entries went when a member
/// woke up, although their leases had been renewed while it slept, and were good for longer.
std::vector<Deposal> taken_by_sleepers(const History& history, const Limits& limits);
Instant news_due(const History& history, const Limits& limits, const Deposal& deposal);

/// `ann/2`.
std::string to_string(const LifeId& id);
/// `12.345 s`, from the beginning of the run.
std::string since_begin(const History& history, Instant at);
/// `0.123 s`.
std::string in_seconds(Duration duration);

}  // namespace tenure::chaos
