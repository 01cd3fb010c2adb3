// Safety rule 13: what is wrong with the options is named where the object is made.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "core/options.hpp"
#include "tests/core/fixture.hpp"

namespace tenure::testing {
namespace {

std::string complaint(const ElectionOptions& options) {
    World world;
    try {
        Election election(world.scheduler, world.store, options);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

struct Bad {
    ElectionOptions options;
    std::string says;
};
std::ostream& operator<<(std::ostream& out, const Bad& bad) {
    return out << bad.says;
}

const std::vector<Bad> bad_options{
    {{.election = "", .candidate = "a"}, "the election's name must not be empty"},
    {{.election = "  ", .candidate = "a"}, "the election's name must not be blank"},
    {{.election = "a\nb", .candidate = "a"}, "control characters"},
    {{.election = "a\x7f", .candidate = "a"}, "control characters"},
    {{.election = " a", .candidate = "a"}, "begin or end with a blank"},
    {{.election = "a/", .candidate = "a"}, "empty part between slashes"},
    {{.election = "/a/", .candidate = "a"}, "empty part between slashes"},
    {{.election = "/", .candidate = "a"}, "empty part between slashes"},
    {{.election = "//", .candidate = "a"}, "empty part between slashes"},
    {{.election = "//a", .candidate = "a"}, "empty part between slashes"},
    {{.election = "a//b", .candidate = "a"}, "empty part between slashes"},
    {{.election = "/a//b", .candidate = "a"}, "empty part between slashes"},
    {{.election = "/ a", .candidate = "a"}, "begin or end with a blank"},
    {{.election = "/\u00A0", .candidate = "a"}, "the election's name must not be blank"},
    {{.election = "a\xff", .candidate = "a"}, "must be UTF-8"},
    {{.election = "a\xc3", .candidate = "a"}, "must be UTF-8"},
    {{.election = "a\xc0\xaf", .candidate = "a"}, "must be UTF-8"},
    {{.election = "a\xe0\x9f\xbf", .candidate = "a"}, "must be UTF-8"},
    {{.election = "a\xed\xa0\x80", .candidate = "a"}, "must be UTF-8"},
    {{.election = "a\xf0\x8f\xbf\xbf", .candidate = "a"}, "must be UTF-8"},
    {{.election = "a\xf4\x90\x80\x80", .candidate = "a"}, "must be UTF-8"},
    {{.election = "a\xe2\x82", .candidate = "a"}, "must be UTF-8"},
    {{.election = "a\u0085", .candidate = "a"}, "control characters"},
    {{.election = "a\xc2\x9f", .candidate = "a"}, "control characters"},
    {{.election = "\u00A0", .candidate = "a"}, "the election's name must not be blank"},
    {{.election = "e", .candidate = "\u200B\uFEFF"}, "the candidate's name must not be blank"},
    {{.election = "e", .candidate = ""}, "the candidate's name must not be empty"},
    {{.election = "e", .candidate = "\t"}, "the candidate's name must not contain control"},
    {{.election = "e", .candidate = "a", .ttl = 0s}, "ttl must be positive"},
    {{.election = "e", .candidate = "a", .ttl = -1s}, "ttl must be positive, and is -1000ms"},
    {{.election = "e", .candidate = "a", .ttl = 25h}, "ttl must be at most 24h"},
    {{.election = "e", .candidate = "a", .margin = -1s}, "margin must not be negative"},
    {{.election = "e", .candidate = "a", .request_timeout = 0s},
     "request timeout must be positive"},
    {{.election = "e", .candidate = "a", .ttl = 3s, .margin = 1s, .request_timeout = 1s},
     "must exceed margin (1000ms) + renewal interval (1000ms"},
    {{.election = "e", .candidate = "a", .ttl = 3s, .margin = 3s}, "must exceed margin"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(options)

BOOST_DATA_TEST_CASE(rule_13_bad_options_are_named, boost::unit_test::data::make(bad_options),
                     bad) {
    const std::string says = complaint(bad.options);
    BOOST_TEST_INFO("it says: '" << says << "'");
    BOOST_TEST((says.find(bad.says) != std::string::npos));
}

BOOST_AUTO_TEST_CASE(names_of_all_kinds_work) {
    for (const std::string name :
         {"billing/leader", "with blank", "größe/日本/🦀", "a", "a\u00A0b",
          "\uD7FF\uE000\U0010FFFF", "..", "%41", "/master", "/a/b"}) {
        BOOST_TEST(complaint({.election = name, .candidate = name}) == "");
        World world;
        Candidate a(world, name, {.election = name});
        a.start();
        BOOST_TEST(world.run_until([&] { return a.leads(); }, 5s));
        BOOST_TEST(world.entries(name).at(0).value == name);
    }
}

BOOST_AUTO_TEST_CASE(a_slash_in_front_makes_another_election) {
    World world;
    Candidate a(world, "a", {.election = "master"}), b(world, "b", {.election = "/master"});
    a.start();
    b.start();
    BOOST_TEST(world.run_until([&] { return a.leads() && b.leads(); }, 5s));
    BOOST_TEST(world.entries("/master").size() == 1);
    BOOST_TEST(world.entries("/master").at(0).value == "b");
}

// A store may grant far more than was asked; what was asked must not make requests hopeless.
BOOST_AUTO_TEST_CASE(the_shortest_ttl_leaves_time_for_requests_and_between_them) {
    const auto session = detail::check(SessionOptions{.ttl = 1ms});
    const auto candidacy = detail::check({.election = "e", .candidate = "a"}, session);
    const auto follower = detail::check(detail::follower_part("e", session));
    BOOST_TEST((candidacy.request_timeout >= 1s));
    BOOST_TEST((follower.request_timeout >= 1s));
    for (detail::Backoff backoff : {session.backoff, candidacy.backoff, follower.backoff}) {
        Instant now{1h};
        for (int i = 0; i < 10; ++i)
            now += backoff.next({now, 0});
        BOOST_TEST((backoff.next({now, 0}) >= 100ms));
    }
}

BOOST_AUTO_TEST_CASE(a_longer_request_timeout_is_that_of_all_requests) {
    const auto session = detail::check(SessionOptions{.ttl = 20s, .request_timeout = 4s});
    BOOST_TEST((detail::follower_part("e", session).request_timeout == 4s));
    BOOST_TEST((detail::check({.election = "e", .candidate = "a"}, session).request_timeout == 4s));
}

BOOST_AUTO_TEST_CASE(a_margin_of_zero_is_the_users_choice) {
    BOOST_TEST(complaint({.election = "e", .candidate = "a", .margin = 0s}) == "");
}

BOOST_AUTO_TEST_CASE(observers_and_sessions_are_checked_too) {
    World world;
    BOOST_CHECK_THROW(Observer(world.scheduler, world.store, {.election = ""}),
                      std::invalid_argument);
    BOOST_CHECK_THROW(
        Observer(world.scheduler, world.store, {.election = "e", .request_timeout = 0s}),
        std::invalid_argument);
    BOOST_CHECK_THROW(Session(world.scheduler, world.store, {.ttl = 0s}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_store_or_a_scheduler_that_is_null_is_named) {
    const World world;
    const ElectionOptions options{.election = "e", .candidate = "a"};
    const auto says = [](const char* words) {
        return [words](const std::invalid_argument& error) {
            return std::string(error.what()).find(words) != std::string::npos;
        };
    };
    BOOST_CHECK_EXCEPTION(Election(world.scheduler, nullptr, options), std::invalid_argument,
                          says("store: null"));
    BOOST_CHECK_EXCEPTION(Election(std::shared_ptr<Scheduler>(), world.store, options),
                          std::invalid_argument, says("scheduler: null"));
    BOOST_CHECK_EXCEPTION(Session(world.scheduler, nullptr, {}), std::invalid_argument,
                          says("store: null"));
    BOOST_CHECK_EXCEPTION(Observer(world.scheduler, nullptr, {.election = "e"}),
                          std::invalid_argument, says("store: null"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
