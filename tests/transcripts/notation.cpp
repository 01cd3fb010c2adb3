#include "tests/transcripts/notation.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <sstream>

namespace tenure::testing {
namespace {

using namespace std::chrono_literals;

constexpr errc every_errc[] = {errc::timed_out,   errc::unreachable, errc::bad_answer,
                               errc::compacted,   errc::lease_gone,  errc::entry_changed,
                               errc::refused,     errc::denied,      errc::untrusted,
                               errc::unsupported, errc::cancelled,   errc::handler_threw};
constexpr LossReason every_reason[] = {LossReason::resigned, LossReason::stopped,
                                       LossReason::lease_elapsed, LossReason::session_lost,
                                       LossReason::entry_removed};

const char* name_of(errc code) {
    switch (code) {
        case errc::timed_out: return "timed_out";
        case errc::unreachable: return "unreachable";
        case errc::bad_answer: return "bad_answer";
        case errc::compacted: return "compacted";
        case errc::lease_gone: return "lease_gone";
        case errc::entry_changed: return "entry_changed";
        case errc::refused: return "refused";
        case errc::denied: return "denied";
        case errc::untrusted: return "untrusted";
        case errc::unsupported: return "unsupported";
        case errc::cancelled: return "cancelled";
        case errc::handler_threw: return "handler_threw";
    }
    return "unknown";
}

std::optional<Error> error_named(const std::string& word) {
    for (const errc code : every_errc) {
        if (word == name_of(code)) return Error(code);
    }
    return std::nullopt;
}

// As etcd's clients lay their keys out: the lease's id in hexadecimal below the election's name.
std::string key_of(LeaseId lease, const std::string& election) {
    std::ostringstream out;
    out << election << '/' << std::hex << to_integer(lease);
    return out.str();
}

std::int64_t read_after(const std::string& text, char mark, const char* example) {
    if (text.empty() || text.front() != mark) {
        throw Mistake("'" + text + "' should be like " + example);
    }
    return read_number(text.substr(1));
}

Mistake unknown_answer(const std::string& word, const std::string& expected) {
    return Mistake("'" + word + "' is neither " + expected + " nor the name of an error");
}

}  // namespace

Words::Words(const std::string& line) {
    std::istringstream in(line);
    for (std::string word; in >> word;) {
        const auto sign = word.find('=');
        if (sign == std::string::npos) {
            plain_.push_back(word);
        } else if (!named_.emplace(word.substr(0, sign), word.substr(sign + 1)).second) {
            throw Mistake("'" + word.substr(0, sign) + "' is given twice");
        }
    }
}

std::string Words::take(const std::string& what) {
    if (plain_.empty()) throw Mistake(what + " is missing");
    std::string word = std::move(plain_.front());
    plain_.pop_front();
    return word;
}

std::optional<std::string> Words::named(const std::string& name) {
    const auto found = named_.find(name);
    if (found == named_.end()) return std::nullopt;
    std::string value = std::move(found->second);
    named_.erase(found);
    return value;
}

std::string Words::needed(const std::string& name) {
    auto value = named(name);
    if (!value) throw Mistake("'" + name + "=' is missing");
    return *std::move(value);
}

void Words::finish() const {
    if (!plain_.empty()) throw Mistake("'" + plain_.front() + "' means nothing here");
    if (!named_.empty()) throw Mistake("'" + named_.begin()->first + "=' means nothing here");
}

std::int64_t read_number(const std::string& text) {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end || number < 0) {
        throw Mistake("'" + text + "' is not a number");
    }
    return number;
}

// Read digit by digit: a time that went through a double would not compare.
Duration read_duration(const std::string& text) {
    const bool in_milliseconds = text.ends_with("ms");
    if (!in_milliseconds && !text.ends_with("s")) {
        throw Mistake("'" + text + "' is not a time like 1.5s or 250ms");
    }
    const std::string digits = text.substr(0, text.size() - (in_milliseconds ? 2 : 1));
    const Duration unit = in_milliseconds ? Duration(1ms) : Duration(1s);
    const auto point = std::min(digits.find('.'), digits.size());
    Duration whole = read_number(digits.substr(0, point)) * unit;
    if (point == digits.size()) return whole;
    Duration::rep share = unit.count();
    for (const char digit : digits.substr(point + 1)) {
        share /= 10;
        if (digit < '0' || digit > '9' || share == 0) {
            throw Mistake("'" + text + "' is not a time like 1.5s or 250ms");
        }
        whole += Duration(share * (digit - '0'));
    }
    return whole;
}

Instant read_instant(const std::string& text) {
    return transcript_start + read_duration(text);
}

RequestId read_request(const std::string& text) {
    return RequestId{static_cast<std::uint64_t>(read_after(text, '#', "#3"))};
}

LeaseId read_lease_id(const std::string& text) {
    return LeaseId{read_after(text, 'L', "L7")};
}

LossReason read_reason(const std::string& text) {
    for (const LossReason reason : every_reason) {
        if (text == to_string(reason)) return reason;
    }
    throw Mistake("'" + text + "' is not a reason for a loss");
}

Entry read_entry(const std::string& text, const std::string& election) {
    const auto at = text.find('@');
    const auto slash = text.find('/', std::min(at, text.size()));
    if (at == std::string::npos || slash == std::string::npos) {
        throw Mistake("'" + text + "' should be like a@20/L7");
    }
    const LeaseId lease = read_lease_id(text.substr(slash + 1));
    const Revision created{read_number(text.substr(at + 1, slash - at - 1))};
    return {key_of(lease, election), text.substr(0, at), lease, created};
}

result<Lease> read_granted(Words& words) {
    const std::string word = words.take("the answer");
    if (auto error = error_named(word)) return *std::move(error);
    if (word.front() != 'L') throw unknown_answer(word, "a lease (L7 ttl=9s)");
    const auto margin = words.named("margin");
    return Lease{read_lease_id(word), read_duration(words.needed("ttl")),
                 margin ? read_duration(*margin) : Duration::zero()};
}

result<void> read_done(Words& words) {
    const std::string word = words.take("the answer");
    if (auto error = error_named(word)) return *std::move(error);
    if (word != "done") throw unknown_answer(word, "'done'");
    return {};
}

result<Revision> read_revision(Words& words) {
    if (!words.has_more()) return Revision{read_number(words.needed("revision"))};
    const std::string word = words.take("the answer");
    if (auto error = error_named(word)) return *std::move(error);
    throw unknown_answer(word, "'revision=31'");
}

result<Standing> read_standing(Words& words, const std::string& election) {
    if (words.has_more()) {
        const std::string word = words.take("the answer");
        if (auto error = error_named(word)) return *std::move(error);
        throw unknown_answer(word, "a standing (own=a@20/L7 ahead=b@10/L3 revision=30)");
    }
    const auto entry = [&](const std::string& text) -> std::optional<Entry> {
        if (text == "none") return std::nullopt;
        return read_entry(text, election);
    };
    Standing standing;
    standing.own = entry(words.needed("own"));
    standing.predecessor = entry(words.named("ahead").value_or("none"));
    // Where it is not told, the one that the two others leave.
    standing.first = standing.predecessor ? standing.predecessor : standing.own;
    if (const auto first = words.named("first")) standing.first = entry(*first);
    standing.revision = Revision{read_number(words.needed("revision"))};
    return standing;
}

result<Listing> read_listing(Words& words, const std::string& election) {
    if (words.has_more()) {
        const std::string word = words.take("the answer");
        if (auto error = error_named(word)) return *std::move(error);
        throw unknown_answer(word, "a listing (first=a@20/L7 revision=30)");
    }
    const std::string first = words.needed("first");
    Listing listing;
    if (first != "none") listing.entries.push_back(read_entry(first, election));
    listing.revision = Revision{read_number(words.needed("revision"))};
    return listing;
}

result<Change> read_change(Words& words, const std::string& election) {
    const std::string word = words.take("what changed");
    if (auto error = error_named(word)) return *std::move(error);
    Change change;
    if (word == "created") {
        change.kind = Change::Kind::created;
    } else if (word == "updated") {
        change.kind = Change::Kind::updated;
    } else if (word == "removed") {
        change.kind = Change::Kind::removed;
    } else {
        throw unknown_answer(word, "created, updated, removed");
    }
    const std::string what = words.take("the entry");
    // Of a removed entry a store need not tell more than the key.
    const bool key_only = change.kind == Change::Kind::removed && what.starts_with(election + '/');
    change.entry = key_only ? Entry{what, {}, {}, {}} : read_entry(what, election);
    change.revision = Revision{read_number(words.needed("revision"))};
    return change;
}

std::string written(Duration duration) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(duration);
    const auto rest = (duration - whole).count();
    std::string text = std::to_string(whole.count());
    if (rest != 0) {
        char decimals[16];
        std::snprintf(decimals, sizeof decimals, ".%09lld", static_cast<long long>(rest));
        text += decimals;
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text + 's';
}

std::string written(Instant instant) {
    if (instant == Instant::max()) return "never";
    return written(instant - transcript_start);
}

std::string written(RequestId id) {
    return '#' + std::to_string(to_integer(id));
}

std::string written(LeaseId id) {
    return 'L' + std::to_string(to_integer(id));
}

std::string written(Revision revision) {
    return std::to_string(to_integer(revision));
}

std::string written(LossReason reason) {
    return std::string(to_string(reason));
}

std::string written(const Error& error) {
    if (error.code.category() != error_category()) return error.code.message();
    const std::string name = name_of(static_cast<errc>(error.code.value()));
    return error.detail.empty() ? name : name + " (" + error.detail + ')';
}

std::string written(const Entry& entry, const std::string& election) {
    std::string text = entry.value + '@' + written(entry.created) + '/' + written(entry.lease);
    if (entry.key != key_of(entry.lease, election)) text += " key=" + entry.key;
    return text;
}

std::string written(const WatchTarget& target) {
    const bool all = target.scope == WatchTarget::Scope::prefix;
    return (all ? "all of " : "") + target.name + " after=" + written(target.after);
}

}  // namespace tenure::testing
