#include "tests/chaos/record.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>
#include <chrono>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "tests/chaos/journal.hpp"

namespace tenure::chaos {
namespace {

using boost::json::object;
using namespace std::chrono_literals;

std::int64_t number(const object& line, const char* name) {
    return line.at(name).to_number<std::int64_t>();
}

Instant instant(const object& line, const char* name) {
    return from_stamp(number(line, name));
}

std::string text_of(const object& line, const char* name) {
    return std::string(line.at(name).as_string());
}

LifeId life_of(std::string_view name) {
    const auto dash = name.rfind('-');
    int life = 0;
    if (dash == std::string_view::npos) return {std::string(name), 0};
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + dash + 1, end, life);
    if (read.ec != std::errc() || read.ptr != end) return {std::string(name), 0};
    return {std::string(name.substr(0, dash)), life};
}

// Samples come as they were taken, a few at a time.
void add_samples(History& history, const LifeId& id, const object& line) {
    const Moment first{instant(line, "first_after"), instant(line, "first_before")};
    const Moment last{instant(line, "last_after"), instant(line, "last_before")};
    const Leading::Lease lease{last.after, instant(line, "until")};
    const std::int64_t token = number(line, "token");
    if (!history.leadings.empty()) {
        Leading& open = history.leadings.back();
        if (open.id == id && open.token == token) {
            open.last = last;
            const bool is_longer = lease.until > open.leases.back().until + 50ms;
            if (is_longer) open.leases.push_back(lease);
            return;
        }
    }
    history.leadings.push_back({id, token, first, last, {lease}});
}

void add_candidate_event(History& history, const LifeId& id, const std::string& event,
                         const object& line) {
    const Instant at = instant(line, "at");
    if (event == "valid") return add_samples(history, id, line);
    if (event == "beat") return history.beats.push_back({id, at});
    if (event == "elected") {
        return history.told.push_back({id, at, Told::Kind::elected, number(line, "token")});
    }
    if (event == "unelected") {
        return history.told.push_back({id, at, Told::Kind::unelected, number(line, "token")});
    }
    if (event == "leader") {
        return history.told.push_back({id, at, Told::Kind::leader, number(line, "token")});
    }
    if (event == "error") return history.told.push_back({id, at, Told::Kind::error, 0});
    if (event == "revived") {
        return history.revivals.push_back({id, at, Told::Kind::elected, number(line, "token")});
    }
    if (event != "started" && event != "stopped") {
        throw std::runtime_error("unknown event '" + event + "'");
    }
}

Look look_of(const object& line) {
    Look look{instant(line, "asked"), instant(line, "at"), line.at("succeeded").as_bool(), 0, {}};
    if (!look.succeeded) return look;
    look.term = number(line, "term");
    for (const auto& entry : line.at("entries").as_array()) {
        const object& fields = entry.as_object();
        look.entries.push_back({life_of(text_of(fields, "value")), number(fields, "token")});
    }
    return look;
}

Life::End end_of(const std::string& word) {
    const std::map<std::string, Life::End> ends{{"killed", Life::End::killed},
                                                {"in_order", Life::End::in_order},
                                                {"too_late", Life::End::too_late},
                                                {"by_itself", Life::End::by_itself}};
    return ends.at(word);
}

Fault fault_of(const object& line) {
    const auto kind = fault_kind(text_of(line, "fault"));
    if (!kind) throw std::runtime_error("unknown fault");
    return {*kind, text_of(line, "whom"), instant(line, "from"), instant(line, "at")};
}

void set_phase(History& history, const std::string& phase, Instant at) {
    if (phase == "begin") history.begin = at;
    if (phase == "chaos") history.chaos_from = at;
    if (phase == "quiet") history.chaos_to = at;
    if (phase == "end") history.end = at;
}

void add_driver_event(History& history, const std::string& event, const object& line) {
    const Instant at = instant(line, "at");
    if (event == "look") return history.looks.push_back(look_of(line));
    if (event == "fault") return history.faults.push_back(fault_of(line));
    if (event == "phase") return set_phase(history, text_of(line, "phase"), at);
    if (event == "spawned") {
        return history.lives.push_back({.id = life_of(text_of(line, "who")), .from = at});
    }
    if (event == "ended") {
        const LifeId id = life_of(text_of(line, "who"));
        const auto life = std::ranges::find(history.lives, id, &Life::id);
        if (life == history.lives.end()) throw std::runtime_error("ended before it began");
        life->to = at;
        life->end = end_of(text_of(line, "how"));
        life->status = static_cast<int>(number(line, "status"));
        return;
    }
    if (event == "deposes") {
        return history.deposals.push_back(
            {instant(line, "from"), number(line, "token"), line.at("done").as_bool()});
    }
    if (event == "belongings") {
        const bool before = text_of(line, "when") == "before";
        return history.belongings.push_back(
            {life_of(text_of(line, "who")),
             before ? Belongings::When::before : Belongings::When::after, number(line, "kilobytes"),
             number(line, "descriptors"), number(line, "connections")});
    }
    if (event == "left") {
        history.entries_left = static_cast<std::size_t>(number(line, "entries"));
        return;
    }
    if (event == "lost") return history.others_lost.push_back(text_of(line, "words"));
    if (event != "skipped" && event != "note") {
        throw std::runtime_error("unknown event '" + event + "'");
    }
}

void add_write(History& history, const object& line) {
    history.writes.push_back({instant(line, "at"), life_of(text_of(line, "from")),
                              number(line, "token"), line.at("accepted").as_bool()});
}

}  // namespace

void read_journal(History& history, const std::string& name, std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        ++count;
        const auto end = text.find('\n');
        // Its process was killed while it wrote.
        if (end == std::string_view::npos) return;
        const std::string_view words = text.substr(0, end);
        text.remove_prefix(end + 1);
        try {
            const object line = boost::json::parse({words.data(), words.size()}).as_object();
            const std::string event = text_of(line, "event");
            if (name == "driver" || name == "onlooker") {
                add_driver_event(history, event, line);
            } else if (name == "ledger") {
                if (event == "write") add_write(history, line);
            } else {
                add_candidate_event(history, life_of(name), event, line);
            }
        } catch (const std::exception& error) {
            throw std::runtime_error(name + ", line " + std::to_string(count) + ": " +
                                     error.what());
        }
    }
}

History read_history(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() == ".jsonl") files.push_back(file.path());
    }
    std::ranges::sort(files);
    History history;
    for (const auto& file : files) {
        std::ostringstream text;
        text << std::ifstream(file, std::ios::binary).rdbuf();
        read_journal(history, file.stem(), text.str());
    }
    return history;
}

}  // namespace tenure::chaos
