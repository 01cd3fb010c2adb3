#include "tests/command/tenure_process.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <ctime>
#include <stdexcept>

namespace tenure::test {
namespace {

using std::chrono::steady_clock;

milliseconds until(steady_clock::time_point deadline) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    return std::max(left, milliseconds(0));
}

Stamp parse_stamp(const std::string& text) {
    std::tm parts{};
    int microseconds = 0;
    const int found =
        std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ", &parts.tm_year, &parts.tm_mon,
                    &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &microseconds);
    if (found != 7 || text.size() != 27) throw std::runtime_error("no stamp: " + text);
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    return std::chrono::seconds(timegm(&parts)) + Stamp(microseconds);
}

std::vector<std::string> with_json(std::vector<std::string> words) {
    words.emplace_back("--json");
    return words;
}

}  // namespace

Stamp now_stamp() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return std::chrono::seconds(now.tv_sec) + Stamp(now.tv_nsec / 1000);
}

std::optional<std::string> Event::leader() const {
    const boost::json::value& leader = fields.at("leader");
    if (leader.is_null()) return std::nullopt;
    return std::string(leader.at("candidate").as_string());
}

Command tenure_command(std::vector<std::string> words) {
    words.insert(words.begin(), TENURE_COMMAND);
    return {.words = std::move(words)};
}

Ended run_tenure(std::vector<std::string> words) {
    return run(tenure_command(std::move(words)), patience);
}

TenureProcess::TenureProcess(std::vector<std::string> words)
    : TenureProcess(tenure_command(with_json(std::move(words)))) {}

TenureProcess::TenureProcess(Command command) : process_(std::move(command)) {}

std::optional<Event> TenureProcess::next(milliseconds bound) {
    const auto line = process_.read_line(bound);
    if (!line) return std::nullopt;
    Event event;
    event.fields = boost::json::parse(*line).as_object();
    event.kind = event.fields.at("event").as_string();
    event.at = parse_stamp(std::string(event.fields.at("at").as_string()));
    history_.push_back(event);
    return event;
}

Event TenureProcess::await(const std::string& kind, milliseconds bound) {
    const auto deadline = steady_clock::now() + bound;
    while (const auto event = next(until(deadline))) {
        if (event->kind == kind) return *event;
    }
    give_up(kind);
}

Event TenureProcess::await_leader(const std::optional<std::string>& candidate, milliseconds bound) {
    const auto deadline = steady_clock::now() + bound;
    const auto last = std::find_if(history_.rbegin(), history_.rend(),
                                   [](const Event& event) { return event.kind == "leader"; });
    if (last != history_.rend() && last->leader() == candidate) return *last;
    while (const auto event = next(until(deadline))) {
        if (event->kind == "leader" && event->leader() == candidate) return *event;
    }
    give_up("leader " + candidate.value_or("nobody"));
}

bool TenureProcess::leads() const {
    bool leads = false;
    for (const Event& event : history_) {
        if (event.kind == "elected") leads = true;
        if (event.kind == "unelected") leads = false;
    }
    return leads;
}

std::optional<int> TenureProcess::await_end(milliseconds bound) {
    const auto deadline = steady_clock::now() + bound;
    while (next(until(deadline))) {
    }
    return process_.wait(std::max(until(deadline), milliseconds(1000)));
}

std::optional<int> TenureProcess::end_by(int signal) {
    process_.signal(signal);
    return await_end();
}

void TenureProcess::give_up(const std::string& kind) {
    std::string seen = "waited in vain for '" + kind + "'; seen:";
    for (const Event& event : history_)
        seen += "\n  " + boost::json::serialize(event.fields);
    throw std::runtime_error(seen + "\non standard error:\n" + process_.rest_of_errors());
}

}  // namespace tenure::test
