#include "tests/chaos/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cerrno>
#include <string>
#include <system_error>

namespace tenure::chaos {

Journal::Journal(const std::filesystem::path& file)
    : fd_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), file);
}

Journal::~Journal() {
    ::close(fd_);
}

void Journal::write(std::string_view event, const boost::json::object& fields) {
    write_at(LeaseClock::now(), event, fields);
}

void Journal::write_at(Instant at, std::string_view event, const boost::json::object& fields) {
    boost::json::object line{{"at", stamp(at)}, {"event", event}};
    for (const auto& [name, value] : fields)
        line[name] = value;
    const std::string text = boost::json::serialize(line) + '\n';
    // In one piece, so that lines of several threads stay whole.
    if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        throw std::system_error(errno, std::generic_category(), "journal");
    }
}

std::int64_t stamp(Instant at) {
    return at.time_since_epoch().count();
}

Instant from_stamp(std::int64_t nanoseconds) {
    return Instant(Duration(nanoseconds));
}

}  // namespace tenure::chaos
