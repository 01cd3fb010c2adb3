// What faults are called, on a command line and in print.
#include <array>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <tenure/simulation/chaos.hpp>

namespace tenure::sim {
namespace {

struct Named {
    std::string_view name;
    unsigned ChaosOptions::*weight;
};

constexpr std::array faults{
    Named{"partitions", &ChaosOptions::partitions},
    Named{"one_way_partitions", &ChaosOptions::one_way_partitions},
    Named{"slow_lines", &ChaosOptions::slow_lines},
    Named{"dying_lines", &ChaosOptions::dying_lines},
    Named{"lossy_lines", &ChaosOptions::lossy_lines},
    Named{"pauses", &ChaosOptions::pauses},
    Named{"sleeps", &ChaosOptions::sleeps},
    Named{"crashes", &ChaosOptions::crashes},
    Named{"outages", &ChaosOptions::outages},
    Named{"store_pauses", &ChaosOptions::store_pauses},
    Named{"lease_restarts", &ChaosOptions::lease_restarts},
    Named{"compactions", &ChaosOptions::compactions},
    Named{"cut_watches", &ChaosOptions::cut_watches},
    Named{"stalled_watches", &ChaosOptions::stalled_watches},
    Named{"deletions", &ChaosOptions::deletions},
    Named{"revocations", &ChaosOptions::revocations},
    Named{"resignations", &ChaosOptions::resignations},
    Named{"stops", &ChaosOptions::stops},
    Named{"proclamations", &ChaosOptions::proclamations},
};

void add(ChaosOptions& options, std::string_view name) {
    if (name == "none") return;
    if (name == "all") {
        options = all_chaos();
        return;
    }
    if (name == "drift") {
        options.drift = ChaosOptions{}.drift;
        return;
    }
    if (name == "lags") {
        options.lags_per_mille = ChaosOptions{}.lags_per_mille;
        return;
    }
    if (name == "late_expiry") {
        options.late_expiry = ChaosOptions{}.late_expiry;
        return;
    }
    for (const Named& fault : faults) {
        if (fault.name != name) continue;
        options.*fault.weight = all_chaos().*fault.weight;
        return;
    }
    std::string known = "all, none, drift, lags, late_expiry";
    for (const Named& fault : faults)
        known.append(", ").append(fault.name);
    throw std::invalid_argument("unknown fault '" + std::string(name) + "'; known are " + known);
}

long milliseconds(Duration duration) {
    return static_cast<long>(
        std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

ChaosOptions no_chaos() {
    ChaosOptions options;
    for (const Named& fault : faults)
        options.*fault.weight = 0;
    options.late_expiry = Duration::zero();
    options.lags_per_mille = 0;
    options.drift = 0;
    return options;
}

ChaosOptions all_chaos() {
    ChaosOptions options;
    options.stops = 5;
    options.proclamations = 1;
    return options;
}

std::optional<std::string> fault_names(const ChaosOptions& options) {
    if (options == all_chaos()) return "all";
    if (options == no_chaos()) return "none";
    std::string names;
    const auto name = [&names](std::string_view word) {
        names.append(names.empty() ? "" : ",").append(word);
    };
    for (const Named& fault : faults)
        if (options.*fault.weight > 0) name(fault.name);
    if (options.drift > 0) name("drift");
    if (options.lags_per_mille > 0) name("lags");
    if (options.late_expiry > Duration::zero()) name("late_expiry");
    if (names.empty() || parse_faults(names) != options) return std::nullopt;
    return names;
}

ChaosOptions parse_faults(std::string_view names) {
    ChaosOptions options = no_chaos();
    std::size_t from = 0;
    while (from <= names.size()) {
        const std::size_t to = std::min(names.find(',', from), names.size());
        add(options, names.substr(from, to - from));
        from = to + 1;
    }
    return options;
}

std::ostream& operator<<(std::ostream& out, const ChaosOptions& options) {
    out << "lasting=" << milliseconds(options.lasting) << "ms gap=" << milliseconds(options.gap)
        << "ms longest=" << milliseconds(options.longest)
        << "ms slowest=" << milliseconds(options.slowest)
        << "ms late_expiry=" << milliseconds(options.late_expiry) << "ms drift=" << options.drift
        << "ppm lags_per_mille=" << options.lags_per_mille
        << " longest_lag=" << milliseconds(options.longest_lag) << "ms";
    for (const Named& fault : faults)
        out << ' ' << fault.name << '=' << options.*fault.weight;
    return out;
}

}  // namespace tenure::sim
