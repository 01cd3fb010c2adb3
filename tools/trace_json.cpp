#include "tools/trace_json.hpp"

#include <array>
#include <boost/json/value.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "tools/text.hpp"

namespace tenure::command {
namespace {

namespace json = boost::json;
using Kind = sim::TraceEvent::Kind;

std::string_view name_of(Kind kind) {
    switch (kind) {
        case Kind::fault_begins: return "fault_begins";
        case Kind::fault_ends: return "fault_ends";
        case Kind::entry_created: return "entry_created";
        case Kind::entry_removed: return "entry_removed";
        case Kind::violation: return "violation";
        default: return sim::to_string(kind);
    }
}

// "node-1 #7", or "nobody".
json::value leader_of(std::string_view words) {
    const std::size_t end = words.rfind(" #");
    if (end == std::string_view::npos) return nullptr;
    std::int64_t token = 0;
    std::from_chars(words.data() + end + 2, words.data() + words.size(), token);
    return json::object{{"candidate", well_formed(words.substr(0, end))}, {"token", token}};
}

// Of "renewing the lease: no answer in time", the second part.
std::string_view what_is_wrong(std::string_view doing) {
    const std::size_t colon = doing.find(": ");
    return colon == std::string_view::npos ? doing : doing.substr(colon + 2);
}

void add_details(json::object& fields, const sim::TraceEvent& event) {
    const std::string words = well_formed(event.what);
    switch (event.kind) {
        case Kind::unelected: fields["reason"] = words; [[fallthrough]];
        case Kind::elected: fields["token"] = event.token; return;
        case Kind::leader: fields["leader"] = leader_of(event.what); return;
        case Kind::error:
            fields["error"] = well_formed(what_is_wrong(event.what));
            fields["doing"] = words;
            return;
        case Kind::rises:
        case Kind::extended:
        case Kind::falls:
            fields["token"] = event.token;
            fields["until"] = virtual_stamp(event.until);
            return;
        case Kind::entry_created:
        case Kind::entry_removed:
            fields["candidate"] = words;
            fields["token"] = event.token;
            return;
        case Kind::fault_begins:
        case Kind::fault_ends: fields["fault"] = words; return;
        case Kind::started: return;
        case Kind::violation:
        case Kind::note:
        case Kind::sent:
        case Kind::received:
        case Kind::lost: fields["words"] = words; return;
    }
}

// Those of an election have a candidate, as on a real store; others happen to somebody.
bool is_of_candidate(Kind kind) {
    switch (kind) {
        case Kind::started:
        case Kind::rises:
        case Kind::extended:
        case Kind::falls:
        case Kind::elected:
        case Kind::unelected:
        case Kind::leader:
        case Kind::error: return true;
        default: return false;
    }
}

}  // namespace

std::string virtual_stamp(Duration at) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(at).count();
    const auto seconds = static_cast<std::time_t>(micros / 1'000'000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 16> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%06dZ", static_cast<int>(micros % 1'000'000));
    return std::string(text.data()) + fraction.data();
}

json::object json_of(const sim::TraceEvent& event) {
    json::object fields;
    fields["event"] = name_of(event.kind);
    if (!event.election.empty()) fields["election"] = well_formed(event.election);
    const bool entry = event.kind == Kind::entry_created || event.kind == Kind::entry_removed;
    if (!entry) fields[is_of_candidate(event.kind) ? "candidate" : "who"] = well_formed(event.who);
    add_details(fields, event);
    fields["at"] = virtual_stamp(event.at);
    return fields;
}

}  // namespace tenure::command
