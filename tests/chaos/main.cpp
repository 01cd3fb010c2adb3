// `chaos_driver`: makes a run, holds it against what must be true, and writes the report. Use
// scripts/chaos, which builds it first.
#include <cmath>
#include <csignal>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "backends/etcd/v3/stale_leaders.hpp"
#include "tests/chaos/arguments.hpp"
#include "tests/chaos/driver.hpp"
#include "tests/chaos/picture.hpp"
#include "tests/chaos/record.hpp"
#include "tests/chaos/report.hpp"

namespace tenure::chaos {
namespace {

namespace fs = std::filesystem;

constexpr const char* schedule_file = "schedule.txt";
/// In place of the version of etcd under which journals were written that are to be judged again.
constexpr const char* run_first = "no";
constexpr int exit_violated = 1;
constexpr int exit_usage = 64;
constexpr int exit_no_run = 69;

// Starting and ending, beside the two times of peace.
constexpr Duration overhead = 8s;
constexpr Duration shortest_chaos = 15s;

Schedule schedule_of(const Arguments& arguments, const RunOptions& options) {
    const double minutes = arguments.quantity("minutes", 24 * 60);
    const auto whole = Duration(static_cast<Duration::rep>(minutes * 60e9));
    const Duration length = whole - overhead - options.settling - options.quiet;
    if (length < shortest_chaos) throw std::invalid_argument("--minutes must be at least 1");
    return make_schedule({.seed = arguments.number("seed"),
                          .length = length,
                          .members = options.parties.members,
                          .candidates = options.parties.candidates,
                          .spared = options.spared});
}

// Journals of an earlier run would be read with those of this one. Nothing else is removed.
void prepare(const fs::path& folder) {
    fs::create_directories(folder);
    if (!fs::is_empty(folder) && !fs::exists(folder / schedule_file)) {
        throw std::invalid_argument("--folder must be empty, or of an earlier run: " +
                                    folder.string());
    }
    for (const auto& file : fs::directory_iterator(folder)) {
        const auto extension = file.path().extension();
        if (extension == ".jsonl" || extension == ".log") fs::remove(file.path());
    }
}

void write_file(const fs::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

int judge(const RunOptions& options, const RunResult& result, const Arguments& arguments) {
    const History history = read_history(options.folder);
    Limits limits = options.limits;
    limits.sleepers_take_leases =
        etcd::detail::v3::confirms_alone(result.etcd_version).value_or(false);
    const std::vector<Check> checks = check(history, limits);
    const Figures figures = count(history, options.parties);
    const std::string command = "scripts/chaos --minutes " + arguments.text("minutes") +
                                " --seed " + arguments.text("seed");
    const std::string setting =
        (result.interrupted ? "The run was interrupted. " : "") +
        std::to_string(options.parties.members) + " members of etcd " + result.etcd_version + ", " +
        std::to_string(options.parties.candidates) + " candidates with " + terms_in_words();
    write_file(options.folder / "timeline.svg",
               draw(history, "chaos, seed " + arguments.text("seed")));
    const std::string report =
        write_report({command, setting, "timeline.svg"}, history, figures, checks);
    write_file(options.folder / "report.md", report);
    std::cout << report << "\nreport:  " << (options.folder / "report.md").string()
              << "\npicture: " << (options.folder / "timeline.svg").string() << std::endl;
    return count_violations(checks) == 0 && !result.interrupted ? 0 : exit_violated;
}

int run(const Arguments& arguments) {
    RunOptions options{.folder = arguments.text("folder"),
                       .candidate_program = arguments.text("candidate"),
                       .ledger_program = arguments.text("ledger")};
    options.schedule = schedule_of(arguments, options);
    const std::string version = arguments.text("judge");
    if (version != run_first) return judge(options, {.etcd_version = version}, arguments);
    prepare(options.folder);
    std::ostringstream planned;
    for (const PlannedFault& fault : options.schedule)
        planned << fault << '\n';
    write_file(options.folder / schedule_file, planned.str());
    std::cout << "seed " << arguments.text("seed") << ": " << options.schedule.size()
              << " faults are planned" << std::endl;
    std::signal(SIGINT, [](int) { interrupt_run(); });
    std::signal(SIGTERM, [](int) { interrupt_run(); });
    const RunResult result = run_chaos(options);
    return judge(options, result, arguments);
}

}  // namespace
}  // namespace tenure::chaos

int main(int count, char** words) {
    try {
        return tenure::chaos::run({count,
                                   words,
                                   {{"minutes", ""},
                                    {"seed", ""},
                                    {"folder", ""},
                                    {"candidate", ""},
                                    {"ledger", ""},
                                    {"judge", tenure::chaos::run_first}}});
    } catch (const std::invalid_argument& error) {
        std::cerr << "chaos: " << error.what() << std::endl;
        return tenure::chaos::exit_usage;
    } catch (const std::exception& error) {
        std::cerr << "chaos: " << error.what() << std::endl;
        return tenure::chaos::exit_no_run;
    }
}
