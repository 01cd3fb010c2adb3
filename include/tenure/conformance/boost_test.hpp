// Fits the suite into Boost.Test: include this after having chosen how to link it.
#pragma once

#include <boost/test/unit_test.hpp>
#include <string>
#include <tenure/conformance.hpp>
#include <utility>

namespace tenure::conformance {

/// Adds the cases to the suite that is open where the translation unit does this.
class BoostTestCases {
public:
    BoostTestCases(const FixtureFactory& make_fixture, const char* file, std::size_t line) {
        for (const Case& one : cases()) {
            auto body = [one, make_fixture] {
                const auto fixture = make_fixture();
                const Report report = run(one, *fixture);
                if (report.verdict == Verdict::skipped) {
                    BOOST_TEST_MESSAGE(report.name << " skipped: " << report.words);
                }
                BOOST_CHECK_MESSAGE(report.verdict != Verdict::failed, report.words);
            };
            boost::unit_test::framework::current_auto_test_suite().add(
                boost::unit_test::make_test_case(std::move(body), one.name(), file, line));
        }
    }
};

}  // namespace tenure::conformance

/// `TENURE_CONFORMANCE_SUITE(my_store, [] { return std::make_unique<MyFixture>(); })` makes a
/// suite of that name with a test for each case.
#define TENURE_CONFORMANCE_SUITE(name, ...)                                      \
    BOOST_AUTO_TEST_SUITE(name)                                                  \
    static const ::tenure::conformance::BoostTestCases tenure_conformance_cases{ \
        __VA_ARGS__, __FILE__, __LINE__};                                        \
    BOOST_AUTO_TEST_SUITE_END()
