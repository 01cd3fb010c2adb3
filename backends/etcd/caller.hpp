// Unary requests: at the endpoint that works, at the others when it does not.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "backends/etcd/http_pool.hpp"

namespace tenure::etcd::detail {

struct Call {
    HttpQuestion question;
    /// Takes a good answer, or says why it is none. Called once for each answer.
    std::function<std::optional<Error>(const HttpAnswer& answer)> take;
    /// Called instead, once, when no endpoint gives a good answer, or one refuses. The words
    /// begin with the endpoint.
    std::function<void(Error)> fail;
    /// Whether it may be sent again when it may have taken effect already.
    bool repeatable = true;
    /// At this endpoint and no other, within `time_out`.
    std::optional<std::size_t> only_at{};
    std::optional<std::chrono::milliseconds> time_out{};
    /// A leadership or a watch hangs on it: it waits for no others.
    bool is_urgent = false;
    /// Whether a member answers it only together with the others; else nothing is learnt of it.
    bool is_linearizable = true;
};

/// Call its members on the executor, which must run one thing at a time.
class Caller : public std::enable_shared_from_this<Caller> {
public:
    /// Both outlive it.
    Caller(boost::asio::any_io_executor executor, Endpoints& endpoints,
           std::chrono::milliseconds request_timeout);

    void start(Call call);
    /// How long a renewal of a lease may take at one endpoint.
    std::chrono::milliseconds renewal_time_of(std::chrono::milliseconds ttl) const {
        return renewal_time(ttl, endpoints_.size(), request_timeout_);
    }
    /// Closes everything; nothing is called any more.
    void close();

private:
    struct Attempts;
    using Shared = std::shared_ptr<Attempts>;

    void attempt(const Shared& attempts);
    void judge(const Shared& attempts, HttpOutcome outcome);
    void failed(const Shared& attempts, Error error, bool may_have_been_applied,
                bool is_local = false);

    Endpoints& endpoints_;
    std::chrono::milliseconds request_timeout_;
    std::shared_ptr<HttpPool> pool_;
};

}  // namespace tenure::etcd::detail
