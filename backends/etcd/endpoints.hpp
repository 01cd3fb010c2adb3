// Whom to ask: the endpoints of one store, and which of them is believed to work.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tenure/etcd.hpp>
#include <vector>

#include "backends/etcd/back_off.hpp"
#include "backends/etcd/clock.hpp"
#include "backends/etcd/origin.hpp"
#include "backends/etcd/tls.hpp"

namespace tenure::etcd::detail {

/// `host:port`, with brackets around an IPv6 address.
std::string to_string(const Endpoint& endpoint);

/// What a server has said, for a person: one line, printable, quoted, not too long.
std::string quote(std::string_view text);

/// Shared by all connections of a store, so that one failure turns all later requests away. Call
/// its members on the store's strand.
class Endpoints {
public:
    /// Told when an endpoint has failed somebody, with its index.
    using FailureHandler = std::function<void(std::size_t)>;

    /// Throws std::invalid_argument that names what is wrong with a file that the options name.
    Endpoints(const boost::asio::any_io_executor& executor, const StoreOptions& options);
    /// Who waits to connect waits for ever.
    ~Endpoints();
    Endpoints(const Endpoints&) = delete;
    Endpoints& operator=(const Endpoints&) = delete;

    std::size_t size() const noexcept { return all_.size(); }
    const Endpoint& at(std::size_t index) const { return all_[index].endpoint; }
    Peer peer(std::size_t index) const {
        return {at(index), tls_, authorization_, all_[index].back_off};
    }

    /// Where to begin.
    std::size_t current() const noexcept { return current_; }
    /// Where to go on when these have been asked: in turn, but where one is left alone after a
    /// failure it comes after the others. Requires: one has not been asked.
    std::size_t best_but(const std::set<std::size_t>& asked) const;

    /// Later requests begin elsewhere, unless somebody has moved on already.
    void failed(std::size_t index, Error error);
    /// A request or a stream has been answered there.
    void worked(std::size_t index) { all_[index].back_off->worked(); }
    /// A linearizable request has been answered there: that member is no stranger to its quorum.
    void answered(std::size_t index) {
        all_[index].answered_at = Clock::now();
        worked(index);
    }
    /// Why it failed last time; none when it has answered since.
    std::optional<Error> last_error(std::size_t index) const {
        return all_[index].back_off->last_error();
    }
    OriginGuard& guard() noexcept { return guard_; }
    Clock::time_point answered_at(std::size_t index) const { return all_[index].answered_at; }
    Clock::time_point failed_at(std::size_t index) const { return all_[index].failed_at; }
    /// Not called within the call that tells of the failure. One handler, for as long as this
    /// lives.
    void on_failure(FailureHandler handler) { failure_handler_ = std::move(handler); }

private:
    struct Known {
        Endpoint endpoint;
        std::shared_ptr<BackOff> back_off;
        Clock::time_point answered_at{};
        Clock::time_point failed_at{};
    };

    boost::asio::any_io_executor executor_;
    std::vector<Known> all_{};
    std::shared_ptr<const Tls> tls_;
    std::string authorization_;
    std::size_t current_ = 0;
    OriginGuard guard_{};
    FailureHandler failure_handler_{};
};

/// How long a renewal may take at one of so many endpoints, so that all of them can be asked in a
/// quarter of the TTL, the time that a session gives it; never longer than any request.
std::chrono::milliseconds renewal_time(std::chrono::milliseconds ttl, std::size_t endpoints,
                                       std::chrono::milliseconds request_timeout);

}  // namespace tenure::etcd::detail
