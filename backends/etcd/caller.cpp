#include "backends/etcd/caller.hpp"

#include <utility>

namespace tenure::etcd::detail {

struct Caller::Attempts {
    Call call;
    std::size_t endpoint = 0;
    std::set<std::size_t> asked{};
    // Of the cluster, when the question was sent.
    std::int64_t term = 0;
    Clock::time_point deadline{};
    bool on_new_connection = false;
    // An earlier attempt may have taken effect, and its error.
    std::optional<Error> unknown{};
    // Some endpoint was just not there.
    std::optional<error_code> absent{};
    std::string words{};
};

Caller::Caller(boost::asio::any_io_executor executor, Endpoints& endpoints,
               std::chrono::milliseconds request_timeout)
    : endpoints_(endpoints),
      request_timeout_(request_timeout),
      pool_(std::make_shared<HttpPool>(std::move(executor), endpoints)) {}

void Caller::start(Call call) {
    auto attempts = std::make_shared<Attempts>();
    attempts->endpoint = call.only_at.value_or(endpoints_.current());
    attempts->call = std::move(call);
    attempts->deadline = Clock::now() + attempts->call.time_out.value_or(request_timeout_);
    attempt(attempts);
}

void Caller::close() {
    pool_->close();
}

void Caller::attempt(const Shared& attempts) {
    attempts->asked.insert(attempts->endpoint);
    attempts->term = endpoints_.guard().newest_term();
    pool_->ask({.endpoint = attempts->endpoint,
                .question = attempts->call.question,
                .deadline = attempts->deadline,
                .on_new_connection = attempts->on_new_connection,
                .is_urgent = attempts->call.is_urgent},
               [weak = weak_from_this(), attempts](HttpOutcome outcome) {
                   if (const auto self = weak.lock()) self->judge(attempts, std::move(outcome));
               });
}

void Caller::judge(const Shared& attempts, HttpOutcome outcome) {
    const Call& call = attempts->call;
    if (outcome.error) {
        // Servers close idle connections when they like: that says nothing against them.
        if (outcome.stale && call.repeatable && !attempts->on_new_connection) {
            attempts->on_new_connection = true;
            return attempt(attempts);
        }
        return failed(attempts, std::move(*outcome.error), outcome.sent, outcome.is_local);
    }
    Origin origin = outcome.answer.origin;
    if (origin.cluster.empty()) origin = origin_in(outcome.answer.body);
    OriginGuard& guard = endpoints_.guard();
    std::optional<Error> error = call.is_linearizable ? guard.judge(origin, attempts->term)
                                                      : guard.judge_local(origin, attempts->term);
    if (!error) error = call.take(outcome.answer);
    if (!error && call.is_linearizable) return endpoints_.answered(attempts->endpoint);
    if (!error) return endpoints_.worked(attempts->endpoint);
    const bool is_unknown = error->code == condition::unavailable;
    failed(attempts, std::move(*error), is_unknown);
}

void Caller::failed(const Shared& attempts, Error error, bool may_have_been_applied,
                    bool is_local) {
    const Call& call = attempts->call;
    // Another endpoint may show a good certificate, or accept ours.
    const bool may_help = error.code == condition::unavailable || error.code == errc::untrusted;
    const bool is_final = !may_help || error.code == errc::compacted;
    if (is_final) {
        endpoints_.worked(attempts->endpoint);
    } else if (!is_local) {
        endpoints_.failed(attempts->endpoint, error);
    }
    if (!attempts->words.empty()) attempts->words += "; ";
    attempts->words += to_string(endpoints_.at(attempts->endpoint)) + ' ' + error.detail;
    if (error.code == condition::unavailable) attempts->absent = error.code;
    const bool is_last = call.only_at || attempts->asked.size() == endpoints_.size();
    if (!is_final && !is_last && (call.repeatable || !may_have_been_applied)) {
        if (may_have_been_applied) attempts->unknown = error;
        attempts->endpoint = endpoints_.best_but(attempts->asked);
        attempts->deadline = Clock::now() + call.time_out.value_or(request_timeout_);
        attempts->on_new_connection = false;
        return attempt(attempts);
    }
    // "Certainly not" is not true of a request whose first sending may have worked.
    const bool is_refused = error.code == condition::refused;
    error_code code = is_refused && attempts->unknown ? attempts->unknown->code : error.code;
    // One that is away may have the certificate that others lack.
    if (code == errc::untrusted && attempts->absent) code = *attempts->absent;
    call.fail({code, attempts->words});
}

}  // namespace tenure::etcd::detail
