// Leases and watches; the entries are in entries.cpp.
#include "backends/etcd/v3/engine.hpp"

#include <utility>

#include "backends/etcd/credentials.hpp"
#include "backends/etcd/v3/json_call.hpp"
#include "backends/etcd/v3/layout.hpp"

namespace tenure::etcd::detail::v3 {

namespace {

std::optional<Credentials> credentials_of(const StoreOptions& options) {
    if (!options.credentials) return std::nullopt;
    return load_credentials(*options.credentials);
}

}  // namespace

Engine::Engine(Strand own_strand, const StoreOptions& options)
    : Api(std::move(own_strand)),
      endpoints_(strand(), options),
      plain_caller_(std::make_shared<Caller>(strand(), endpoints_, options.request_timeout)),
      caller_(std::make_shared<JsonCaller>(plain_caller_, credentials_of(options))),
      stale_leaders_(std::make_shared<StaleLeaders>(plain_caller_, caller_)),
      renewals_(std::make_shared<Renewals>(strand(), endpoints_, caller_, options)),
      watches_(std::make_shared<WatchHub>(strand(), endpoints_, caller_, options)) {
    endpoints_.on_failure([weak = std::weak_ptr(watches_)](std::size_t index) {
        if (const auto watches = weak.lock()) watches->doubt(index);
    });
}

Engine::~Engine() {
    close();
}

void Engine::close() {
    watches_->close();
    renewals_->close();
    caller_->close();
}

void Engine::grant_lease(Duration ttl, Reply<Lease> reply) {
    // etcd counts whole seconds: rounded up, the lease lives at least as long as was asked.
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(ttl);
    // Weak, for they ask by the caller that keeps this reply.
    grant(seconds.count(), [weak = std::weak_ptr(stale_leaders_),
                            reply = std::move(reply)](const result<Lease>& lease) {
        if (!lease) return reply(lease.error());
        const auto stale_leaders = weak.lock();
        if (!stale_leaders) return;
        stale_leaders->margin_of(lease->granted_ttl, [granted = *lease, reply](Duration margin) {
            Lease careful = granted;
            careful.margin = margin;
            reply(careful);
        });
    });
}

void Engine::grant(std::int64_t seconds, Reply<Lease> reply) {
    caller_->start(
        {.path = "/v3/lease/grant",
         .body = encode_lease_grant(seconds),
         .take = [weak = weak_from_this(), reply](std::string_view body) -> std::optional<Error> {
             const auto lease = decode_lease(body);
             if (!lease) return lease.error();
             if (lease->ttl_seconds <= 0) {
                 return Error(errc::bad_answer, "granted a lease without a time");
             }
             const Lease granted{LeaseId{lease->id}, std::chrono::seconds(lease->ttl_seconds)};
             if (const auto self = weak.lock()) self->renewals_->granted(granted);
             reply(granted);
             return std::nullopt;
         },
         .fail = [reply](Error error) { reply(std::move(error)); }});
}

void Engine::revoke_lease(LeaseId id, Reply<void> reply) {
    renewals_->forget(id);
    caller_->start({.path = "/v3/lease/revoke",
                    .body = encode_lease_id(to_integer(id)),
                    .take = [reply](std::string_view body) -> std::optional<Error> {
                        if (const auto done = decode_nothing(body); !done) return done.error();
                        reply({});
                        return std::nullopt;
                    },
                    .fail = [reply](Error error) { reply(std::move(error)); }});
}

void Engine::watch(WatchNumber number, const WatchTarget& target, Reply<Change> reply) {
    WatchedKeys keys{.key = target.name};
    if (target.scope == WatchTarget::Scope::prefix) {
        keys = {.key = first_key_of(target.name), .range_end = end_of_keys_of(target.name)};
    }
    watches_->add(number, std::move(keys), target.after, std::move(reply));
}

}  // namespace tenure::etcd::detail::v3
