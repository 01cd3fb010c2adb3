// What a process of the chaos writes down while it runs: a JSON object a line, in a file of its
// own, each with the time on CLOCK_BOOTTIME. record.hpp reads them all.
#pragma once

#include <boost/json/object.hpp>
#include <filesystem>
#include <string_view>
#include <tenure/types.hpp>

namespace tenure::chaos {

/// A line is in the file when the call returns, even if the process is killed then.
/// Thread safety: any thread.
class Journal {
public:
    /// Throws std::system_error when the file cannot be written.
    explicit Journal(const std::filesystem::path& file);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// `{"at":…,"event":"…", …}`, now or at the time that is given.
    void write(std::string_view event, const boost::json::object& fields = {});
    void write_at(Instant at, std::string_view event, const boost::json::object& fields = {});

private:
    int fd_;
};

/// Nanoseconds on CLOCK_BOOTTIME, as they stand in a journal.
std::int64_t stamp(Instant at);
Instant from_stamp(std::int64_t nanoseconds);

}  // namespace tenure::chaos
