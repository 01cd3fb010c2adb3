#include "tests/chaos/report.hpp"

#include <algorithm>
#include <map>
#include <sstream>

namespace tenure::chaos {
namespace {

// A run that goes wrong may go wrong thousands of times.
constexpr std::size_t most_lines = 12;

void write_faults(std::ostream& out, const Figures& figures) {
    out << "\n## What was done\n\n"
        << "| fault | times | in force | fault | times | in force |\n"
        << "|---|---:|---:|---|---:|---:|\n";
    const std::size_t rows = (fault_kinds + 1) / 2;
    const auto cell = [&](std::size_t index) {
        if (index >= fault_kinds) {
            out << "| | | ";
            return;
        }
        const auto kind = static_cast<FaultKind>(index);
        const Figures::Done& done = figures.faults.at(index);
        out << "| " << to_string(kind) << " | " << done.times << " | "
            << (is_instant(kind) ? "" : in_seconds(done.lasted)) << ' ';
    };
    for (std::size_t row = 0; row < rows; ++row) {
        cell(row);
        cell(row + rows);
        out << "|\n";
    }
}

void write_figures(std::ostream& out, const History& history, const Figures& figures) {
    const auto line = [&](const char* what, const std::string& value) {
        out << "| " << what << " | " << value << " |\n";
    };
    const auto share = figures.of > Duration::zero() ? figures.led * 100 / figures.of : 0;
    out << "\n## What came of it\n\n| | |\n|---|---|\n";
    line("faults", std::to_string(figures.fault_count()) + " in " + in_seconds(figures.of));
    line("elections", std::to_string(figures.leaderships) + ", by " +
                          std::to_string(history.lives.size()) + " processes; etcd itself had " +
                          std::to_string(figures.etcd_elections));
    line("led, of the time with faults", std::to_string(share) + " %");
    line("longest time without a leader", in_seconds(figures.longest_without_leader));
    line("recovery p50, p99, max", in_seconds(figures.recovery(50)) + ", " +
                                       in_seconds(figures.recovery(99)) + ", " +
                                       in_seconds(figures.recovery(100)) + " (" +
                                       std::to_string(figures.recoveries.size()) + " times)");
    line("the ledger's writes", std::to_string(figures.accepted) + " accepted, " +
                                    std::to_string(figures.refused) + " refused");
    line("errors told by elections", std::to_string(figures.errors_told));
    line("looks at the entries", std::to_string(figures.looks) + " answered, " +
                                     std::to_string(figures.failed_looks) + " not");
    out << "\nA recovery is counted from when a leader was possible: most members ran, and a "
           "candidate that ran had a line to one of them.\n";
}

void write_checks(std::ostream& out, const std::vector<Check>& checks) {
    out << "\n## What was checked\n\n| | what must be true | looked at | violations |\n"
        << "|---|---|---:|---:|\n";
    for (const Check& check : checks) {
        out << "| " << check.name << " | " << check.claim << " | " << check.looked_at << ' '
            << check.of_what << " | " << check.violations.size() << " |\n";
    }
    for (const Check& check : checks) {
        if (check.violations.empty()) continue;
        out << "\n**" << check.name << "**\n\n";
        for (std::size_t index = 0; index < check.violations.size(); ++index) {
            if (index == most_lines) {
                out << "- and " << check.violations.size() - most_lines << " more\n";
                break;
            }
            out << "- " << check.violations[index] << '\n';
        }
    }
}

void write_belongings(std::ostream& out, const History& history) {
    std::map<Belongings::When, std::map<std::string, const Belongings*>> found;
    for (const Belongings& belongings : history.belongings)
        found[belongings.when][belongings.id.who] = &belongings;
    out << "\n## What the processes had, at the beginning and in the end\n\n"
        << "| process | memory, KiB | descriptors | sockets |\n|---|---|---|---|\n";
    for (const auto& [who, after] : found[Belongings::When::after]) {
        const Belongings none;
        const Belongings* before = found[Belongings::When::before][who];
        if (before == nullptr) before = &none;
        out << "| " << to_string(after->id) << " | " << before->resident_kilobytes << ", "
            << after->resident_kilobytes << " | " << before->descriptors << ", "
            << after->descriptors << " | " << before->connections << ", " << after->connections
            << " |\n";
    }
}

}  // namespace

std::string write_report(const ReportHead& head, const History& history, const Figures& figures,
                         const std::vector<Check>& checks) {
    std::ostringstream out;
    const std::size_t violations = count_violations(checks);
    out << "# Chaos: "
        << (violations == 0 ? "no violation" : std::to_string(violations) + " violations") << "\n\n"
        << head.setting << ".\nThe run took " << in_seconds(history.end - history.begin) << ". `"
        << head.command << "` makes the same schedule again.\n\n![who led, and what was done]("
        << head.picture_file << ")\n";
    write_figures(out, history, figures);
    write_checks(out, checks);
    write_faults(out, figures);
    write_belongings(out, history);
    return out.str();
}

}  // namespace tenure::chaos
