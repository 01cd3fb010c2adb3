// Whom to ask: the endpoints of one store, and which of them is believed to work.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <tenure/etcd.hpp>
#include <vector>

#include "backends/etcd/tls.hpp"

namespace tenure::etcd::detail {

/// Time-outs are measured on it; lease time never is.
using Clock = std::chrono::steady_clock;

/// `host:port`, with brackets around an IPv6 address.
std::string to_string(const Endpoint& endpoint);

/// What a server has said, for a person: one line, printable, quoted, not too long.
std::string quote(std::string_view text);

/// Shared by all connections of a store, so that one failure turns all later requests away.
class Endpoints {
public:
    /// Throws std::invalid_argument that names what is wrong with a file that the options name.
    explicit Endpoints(const StoreOptions& options)
        : all_(options.endpoints),
          tls_(options.tls ? load_tls(*options.tls) : nullptr),
          authorization_(authorization_of(options)),
          answered_at_(all_.size()),
          failed_at_(all_.size()) {}

    std::size_t size() const noexcept { return all_.size(); }
    const Endpoint& at(std::size_t index) const { return all_[index]; }
    Peer peer(std::size_t index) const { return {all_[index], tls_, authorization_}; }
    std::size_t current() const noexcept { return current_; }
    std::size_t next(std::size_t index) const noexcept { return (index + 1) % all_.size(); }
    /// Later requests begin at the next one, unless somebody has moved on already.
    void failed(std::size_t index) noexcept {
        failed_at_[index] = Clock::now();
        if (index == current_) current_ = next(index);
    }

    /// A unary request has just been answered there.
    void answered(std::size_t index) { answered_at_[index] = Clock::now(); }
    Clock::time_point answered_at(std::size_t index) const { return answered_at_[index]; }
    Clock::time_point failed_at(std::size_t index) const { return failed_at_[index]; }

private:
    static std::string authorization_of(const StoreOptions& options);

    std::vector<Endpoint> all_;
    std::shared_ptr<const Tls> tls_;
    std::string authorization_;
    std::vector<Clock::time_point> answered_at_;
    std::vector<Clock::time_point> failed_at_;
    std::size_t current_ = 0;
};

}  // namespace tenure::etcd::detail
