#include <ctime>
#include <ostream>
#include <tenure/types.hpp>

namespace tenure {

LeaseClock::time_point LeaseClock::now() noexcept {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return time_point(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

std::string_view to_string(LossReason reason) noexcept {
    switch (reason) {
        case LossReason::resigned: return "resigned";
        case LossReason::stopped: return "stopped";
        case LossReason::lease_elapsed: return "lease_elapsed";
        case LossReason::session_lost: return "session_lost";
        case LossReason::entry_removed: return "entry_removed";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, LossReason reason) {
    return out << to_string(reason);
}

std::ostream& operator<<(std::ostream& out, const Leader& leader) {
    return out << leader.candidate << " (token " << leader.token << ")";
}

std::ostream& operator<<(std::ostream& out, Revision revision) {
    return out << 'r' << to_integer(revision);
}

std::ostream& operator<<(std::ostream& out, LeaseId id) {
    return out << 'L' << to_integer(id);
}

std::ostream& operator<<(std::ostream& out, RequestId id) {
    return out << '#' << to_integer(id);
}

}  // namespace tenure
