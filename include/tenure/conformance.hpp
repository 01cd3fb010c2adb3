// The contract of `KeyStore` as a suite of cases to run over a store: each rule under its
// number. Link tenure::conformance. docs/writing-a-store.md shows how; no test framework is
// needed, and <tenure/conformance/boost_test.hpp> fits the suite into Boost.Test.
#pragma once

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <tenure/conformance/answer_cases.hpp>
#include <tenure/conformance/entry_cases.hpp>
#include <tenure/conformance/lease_cases.hpp>
#include <tenure/conformance/outage_cases.hpp>
#include <tenure/conformance/trial.hpp>
#include <tenure/conformance/watch_cases.hpp>
#include <utility>
#include <vector>

namespace tenure::conformance {

/// A new fixture, for one case.
using FixtureFactory = std::function<std::unique_ptr<Fixture>()>;

enum class Verdict { passed, failed, skipped };

struct Report {
    /// Begins with the rule: `rule_4_renewal_extends_the_lease`.
    std::string name;
    Verdict verdict = Verdict::passed;
    /// What was wrong, or why it was skipped.
    std::string words;
};

/// All cases, in the order of the rules.
inline std::vector<Case> cases() {
    std::vector<Case> all;
    for (const auto& some :
         {answer_cases(), entry_cases(), lease_cases(), watch_cases(), outage_cases()}) {
        all.insert(all.end(), some.begin(), some.end());
    }
    std::ranges::stable_sort(all, {}, &Case::rule);
    return all;
}

/// Runs one case over a fixture that has not been used yet. Throws nothing of its own.
inline Report run(const Case& one, Fixture& fixture) {
    Report report{one.name(), Verdict::passed, {}};
    Trial trial(fixture);
    try {
        one.run(trial);
    } catch (const Skipped& skipped) {
        report.verdict = Verdict::skipped;
        report.words = skipped.what();
    } catch (const std::exception& failure) {
        report.verdict = Verdict::failed;
        report.words = failure.what();
    }
    try {
        trial.clean_up();
    } catch (const std::exception& failure) {
        report = {report.name, Verdict::failed, failure.what()};
    }
    return report;
}

/// Runs every case, each over a fixture of its own.
inline std::vector<Report> run_all(const FixtureFactory& make_fixture) {
    std::vector<Report> reports;
    for (const Case& one : cases()) {
        const auto fixture = make_fixture();
        reports.push_back(run(one, *fixture));
    }
    return reports;
}

}  // namespace tenure::conformance
