#include "backends/etcd/endpoints.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "backends/etcd/credentials.hpp"

namespace tenure::etcd::detail {

std::string to_string(const Endpoint& endpoint) {
    const bool is_v6 = endpoint.host.find(':') != std::string::npos;
    return (is_v6 ? '[' + endpoint.host + ']' : endpoint.host) + ':' +
           std::to_string(endpoint.port);
}

std::string quote(std::string_view text) {
    constexpr std::size_t enough = 120;
    std::string quoted = "'";
    for (const char c : text.substr(0, enough)) {
        const bool printable = c >= ' ' && c <= '~';
        quoted += printable ? c : (c == '\n' || c == '\r' || c == '\t') ? ' ' : '?';
    }
    return quoted + (text.size() > enough ? "…'" : "'");
}

namespace {

// In v3 a token is asked for instead.
std::string authorization_of(const StoreOptions& options) {
    if (!options.credentials || options.api == ApiVersion::v3) return {};
    return basic_authorization(load_credentials(*options.credentials));
}

}  // namespace

Endpoints::Endpoints(const boost::asio::any_io_executor& executor, const StoreOptions& options)
    : executor_(executor),
      tls_(options.tls ? load_tls(*options.tls) : nullptr),
      authorization_(authorization_of(options)) {
    for (const Endpoint& endpoint : options.endpoints)
        all_.push_back({endpoint, std::make_shared<BackOff>(executor)});
}

Endpoints::~Endpoints() {
    for (const Known& each : all_)
        each.back_off->close();
}

std::size_t Endpoints::best_but(const std::set<std::size_t>& asked) const {
    std::optional<std::size_t> best;
    const auto rest_of = [&](std::size_t index) {
        const BackOff& back_off = *all_[index].back_off;
        return back_off.is_resting() ? back_off.next_at() : Clock::time_point{};
    };
    for (std::size_t i = 0; i < size(); ++i) {
        const std::size_t index = (current_ + i) % size();
        if (asked.contains(index)) continue;
        if (!best || rest_of(index) < rest_of(*best)) best = index;
    }
    return best.value_or(current_);
}

void Endpoints::failed(std::size_t index, Error error) {
    all_[index].failed_at = Clock::now();
    all_[index].back_off->failed(std::move(error));
    if (index == current_) current_ = best_but({index});
    if (!failure_handler_) return;
    boost::asio::post(executor_, [handler = failure_handler_, index] { handler(index); });
}

std::chrono::milliseconds renewal_time(std::chrono::milliseconds ttl, std::size_t endpoints,
                                       std::chrono::milliseconds request_timeout) {
    using namespace std::chrono_literals;
    if (endpoints < 2 || ttl <= 0ms) return request_timeout;
    const auto share = ttl / 4 / static_cast<std::int64_t>(endpoints);
    return std::min(std::max<std::chrono::milliseconds>(share, 100ms), request_timeout);
}

}  // namespace tenure::etcd::detail
