#include "core/options.hpp"

#include <algorithm>
#include <stdexcept>

#include "text/utf8.hpp"

namespace tenure::detail {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void refuse(const std::string& what) {
    throw std::invalid_argument(what);
}

std::string in_words(Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) +
           "ms";
}

void check_positive(const char* name, Duration duration) {
    if (duration > Duration::zero()) return;
    refuse(std::string(name) + " must be positive, and is " + in_words(duration));
}

// What shows as nothing, or as a gap.
bool is_blank(char32_t point) {
    constexpr std::u32string_view others =
        U"\u00A0\u1680\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF";
    return point == U' ' || (point >= 0x2000 && point <= 0x200D) ||
           others.find(point) != std::u32string_view::npos;
}

std::u32string code_points(const char* name, std::string_view text) {
    std::u32string points;
    while (!text.empty()) {
        const auto point = take_code_point(text);
        if (!point) refuse(std::string(name) + " must be UTF-8");
        points += *point;
    }
    return points;
}

void check_name(const char* name, const std::string& text) {
    const std::u32string points = code_points(name, text);
    if (std::ranges::all_of(points, is_blank)) {
        refuse(std::string(name) + " must not be " + (text.empty() ? "empty" : "blank"));
    }
    if (std::ranges::any_of(points, is_control)) {
        refuse(std::string(name) + " must not contain control characters");
    }
    if (text.front() == ' ' || text.back() == ' ') {
        refuse(std::string(name) + " '" + text + "' must not begin or end with a blank");
    }
}

void check_election(const std::string& text) {
    // Keys of etcd are often written with a slash in front.
    const std::string rest = text.starts_with('/') && text.size() > 1 ? text.substr(1) : text;
    check_name("the election's name", rest);
    if (rest.front() == '/' || rest.back() == '/' || rest.find("//") != std::string::npos) {
        refuse("the election's name '" + text + "' must not have an empty part between slashes");
    }
}

// However short a lease was asked for, a store that is down is not asked, nor the user told of
// it, more than some ten times a second.
Backoff backoff_for(Duration request_timeout) {
    const Duration most = std::clamp<Duration>(request_timeout, 200ms, 5s);
    return {std::clamp<Duration>(request_timeout / 10, 10ms, 100ms), most};
}

// For requests that no lease hangs on: a short TTL must not make them hopeless.
Duration unhurried(const SessionMachine::Config& session) {
    return std::max<Duration>(session.request_timeout, 1s);
}

}  // namespace

SessionMachine::Config check(const SessionOptions& options) {
    check_positive("ttl", options.ttl);
    if (options.ttl > 24h) refuse("ttl must be at most 24h, and is " + in_words(options.ttl));
    const Duration margin = options.margin.value_or(options.ttl / 10);
    const Duration request_timeout =
        options.request_timeout.value_or(std::min<Duration>(options.ttl / 4, 5s));
    if (margin < Duration::zero()) {
        refuse("margin must not be negative, and is " + in_words(margin));
    }
    check_positive("request timeout", request_timeout);
    const Duration renewal = options.ttl / 3;
    if (options.ttl <= margin + renewal + request_timeout) {
        refuse("ttl (" + in_words(options.ttl) + ") must exceed margin (" + in_words(margin) +
               ") + renewal interval (" + in_words(renewal) +
               ", a third of it) + request timeout (" + in_words(request_timeout) + ")");
    }
    return {options.ttl, margin, request_timeout, backoff_for(request_timeout)};
}

CandidacyMachine::Config check(const CandidacyOptions& options,
                               const SessionMachine::Config& session) {
    check_election(options.election);
    check_name("the candidate's name", options.candidate);
    return {.election = options.election,
            .value = options.value.value_or(options.candidate),
            .request_timeout = unhurried(session),
            .grace = session.margin,
            .backoff = backoff_for(unhurried(session)),
            .rejoin = options.rejoin};
}

ObserverMachine::Config check(const ObserverOptions& options) {
    check_election(options.election);
    check_positive("request timeout", options.request_timeout);
    return {options.election, options.request_timeout, backoff_for(options.request_timeout)};
}

ObserverOptions follower_part(const std::string& election, const SessionMachine::Config& session) {
    return {.election = election, .request_timeout = unhurried(session)};
}

SessionOptions session_part(const ElectionOptions& options) {
    return {options.ttl, options.margin, options.request_timeout, options.seed};
}

CandidacyOptions candidacy_part(const ElectionOptions& options) {
    return {options.election, options.candidate, options.value, options.rejoin,
            options.follow_leader};
}

std::uint64_t seed_from(const std::optional<std::uint64_t>& seed,
                        const std::shared_ptr<Scheduler>& scheduler) {
    if (!scheduler) throw std::invalid_argument("scheduler: null");
    return seed ? *seed : scheduler->some_seed();
}

}  // namespace tenure::detail
