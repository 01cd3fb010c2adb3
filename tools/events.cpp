#include "tools/events.hpp"

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <utility>

#include "tools/text.hpp"

namespace tenure::command {
namespace {

struct WallTime {
    std::time_t seconds;
    int microseconds;
};

WallTime wall_time() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return {now.tv_sec, static_cast<int>(now.tv_nsec / 1000)};
}

std::string stamp_utc(WallTime time) {
    std::tm parts{};
    gmtime_r(&time.seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 16> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%06dZ", time.microseconds);
    return std::string(text.data()) + fraction.data();
}

std::string time_of_day(WallTime time) {
    std::tm parts{};
    localtime_r(&time.seconds, &parts);
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%H:%M:%S", &parts);
    std::array<char, 16> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03d", time.microseconds / 1000);
    return std::string(text.data()) + fraction.data();
}

std::string with_token(std::int64_t token) {
    return "token " + std::to_string(token);
}

}  // namespace

// Both forms of one event, taken at one time.
class EventWriter::Line {
public:
    Line(const Subject& subject, std::string_view event, std::string words = {})
        : time_(wall_time()) {
        fields_["event"] = event;
        fields_["election"] = well_formed(subject.election);
        text_ = time_of_day(time_);
        if (subject.candidate) {
            fields_["candidate"] = well_formed(*subject.candidate);
            text_ += "  " + printable(*subject.candidate);
        }
        text_.append("  ").append(event);
        if (!words.empty()) text_ += ": " + words;
    }

    template <class Value>
    Line& with(std::string_view name, Value value) {
        fields_[name] = std::move(value);
        return *this;
    }

    std::string json() const {
        boost::json::object fields = fields_;
        fields["at"] = stamp_utc(time_);
        return boost::json::serialize(fields);
    }
    const std::string& text() const { return text_; }

private:
    WallTime time_;
    boost::json::object fields_;
    std::string text_;
};

EventWriter::EventWriter(Subject subject, Format format, std::function<void()> output_lost)
    : subject_(std::move(subject)), format_(format), output_lost_(std::move(output_lost)) {}

void EventWriter::started(std::string_view store) {
    write(Line(subject_, "started",
               "election " + printable(subject_.election) + " on " + printable(store)));
}

void EventWriter::elected(std::int64_t token) {
    write(Line(subject_, "elected", with_token(token)).with("token", token));
}

void EventWriter::unelected(LossReason reason, std::int64_t token) {
    const std::string why(to_string(reason));
    write(Line(subject_, "unelected", why + ", " + with_token(token))
              .with("reason", why)
              .with("token", token));
}

void EventWriter::leader(const std::optional<Leader>& leader) {
    if (!leader) {
        write(Line(subject_, "leader", "nobody").with("leader", nullptr));
        return;
    }
    boost::json::object fields;
    fields["candidate"] = well_formed(leader->candidate);
    fields["token"] = leader->token;
    write(Line(subject_, "leader", printable(leader->candidate) + ", " + with_token(leader->token))
              .with("leader", std::move(fields)));
}

void EventWriter::error(error_code code, std::string_view doing, bool is_last) {
    const std::string message = code.message();
    // Most say the message, too, or something more precise in its place.
    const bool said = doing.find(message) != std::string_view::npos;
    const std::string words = said ? std::string(doing) : message + " (" + std::string(doing) + ")";
    const Line line = Line(subject_, "error", printable(words))
                          .with("error", well_formed(message))
                          .with("doing", well_formed(doing));
    if (format_ == Format::json) write(line);
    if (format_ == Format::json && !is_last) return;
    std::fprintf(stderr, "%s\n", line.text().c_str());
}

void EventWriter::stopped() {
    write(Line(subject_, "stopped"));
}

void EventWriter::note(std::string_view words) const {
    std::fprintf(stderr, "tenure: %s\n", std::string(words).c_str());
}

void EventWriter::write(const Line& line) {
    if (format_ == Format::aside) {
        std::fprintf(stderr, "%s\n", line.text().c_str());
        return;
    }
    if (lost_output_ || write_line(format_ == Format::json ? line.json() : line.text())) return;
    lost_output_ = true;
    output_lost_();
}

bool write_line(std::string_view line) {
    std::string whole(line);
    whole += '\n';
    return std::fwrite(whole.data(), 1, whole.size(), stdout) == whole.size() &&
           std::fflush(stdout) == 0;
}

}  // namespace tenure::command
