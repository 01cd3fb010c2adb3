// What happens, one line each on standard output, at once. docs/command.md gives the shapes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tenure/error.hpp>
#include <tenure/types.hpp>

namespace tenure::command {

enum class Format {
    text,
    json,
    /// As text on standard error: standard output is somebody else's.
    aside,
};

/// Which election, and as whom: an observer has no candidate.
struct Subject {
    std::string election;
    std::optional<std::string> candidate;
};

/// Each member writes its line whole and flushed before it returns.
/// Thread safety: none; call it from one thread.
class EventWriter {
public:
    /// `output_lost` is called once when standard output takes no more.
    EventWriter(Subject subject, Format format, std::function<void()> output_lost);

    void started(std::string_view store);
    void elected(std::int64_t token);
    void unelected(LossReason reason, std::int64_t token);
    void leader(const std::optional<Leader>& leader);
    /// Other than as JSON it goes to standard error.
    /// With `is_last` the command ends for it, and says so on standard error in any format.
    void error(error_code code, std::string_view doing, bool is_last = false);
    void stopped();

    /// One line on standard error, in both formats.
    void note(std::string_view words) const;
    bool lost_output() const { return lost_output_; }

private:
    class Line;

    void write(const Line& line);

    Subject subject_;
    Format format_;
    std::function<void()> output_lost_;
    bool lost_output_ = false;
};

/// A whole line on standard output, flushed; false when it could not be written.
bool write_line(std::string_view line);

}  // namespace tenure::command
