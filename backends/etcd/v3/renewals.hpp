// Renews all leases of a store over one WebSocket; or by a request each, where that is not taken,
// or there is a user: who renews over a WebSocket cannot say who it is.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <map>
#include <memory>
#include <tenure/key_store.hpp>

#include "backends/etcd/alarm.hpp"
#include "backends/etcd/v3/json_call.hpp"
#include "backends/etcd/v3/messages.hpp"
#include "backends/etcd/v3/web_socket.hpp"

namespace tenure::etcd::detail::v3 {

/// Call its members on the executor, which must run one thing at a time.
class Renewals : public std::enable_shared_from_this<Renewals> {
public:
    Renewals(boost::asio::any_io_executor executor, Endpoints& endpoints,
             std::shared_ptr<JsonCaller> caller, const StoreOptions& options);
    ~Renewals();
    Renewals(const Renewals&) = delete;
    Renewals& operator=(const Renewals&) = delete;

    /// How long leases live decides how long a renewal may wait for one endpoint.
    void granted(const Lease& lease);
    void renew(LeaseId id, Reply<Lease> reply);
    /// It will not be renewed any more.
    void forget(LeaseId id) { ttls_.erase(id); }
    /// Closes everything; nothing is replied any more.
    void close();

private:
    struct Request {
        LeaseId id;
        Reply<Lease> reply;
        Clock::time_point deadline;
        /// The cluster's, when it was sent.
        std::int64_t term = 0;
        /// How many endpoints may still be asked, this one included.
        std::size_t tries_left;
        std::string words{};
    };

    void renew_by_request(LeaseId id, Reply<Lease> reply);
    void declined(const Error& error);
    void connect();
    void send(Request& request);
    std::chrono::milliseconds time_for(LeaseId id) const;
    void received(std::string_view message);
    void answered(const LeaseAnswer& answer);
    void lost(const Error& error);
    void arm();

    boost::asio::any_io_executor executor_;
    Endpoints& endpoints_;
    std::shared_ptr<JsonCaller> caller_;
    std::chrono::milliseconds request_timeout_;
    StreamKind kind_;
    Alarm alarm_;
    std::shared_ptr<WebSocket> socket_;
    std::size_t endpoint_ = 0;
    /// Whether this socket has answered before: it may have died while it was idle.
    bool has_answered_ = false;
    /// In the order in which they were sent.
    std::deque<Request> outstanding_;
    std::map<LeaseId, std::chrono::milliseconds> ttls_{};
};

}  // namespace tenure::etcd::detail::v3
