// The door: calls come in from any thread and go to the strand; replies go out through a gate
// that closes with the store.
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <mutex>
#include <stdexcept>
#include <tenure/etcd.hpp>
#include <utility>

#include "backends/etcd/api.hpp"
#include "backends/etcd/v2/engine.hpp"
#include "backends/etcd/v3/engine.hpp"

namespace tenure::etcd {
namespace {

namespace asio = boost::asio;
using detail::Api;
using detail::Strand;
using detail::WatchNumber;

// Lets replies through until it is closed. Closing waits for one that is under way, unless that
// one is closing it: the lock may be taken again by the thread that has it.
class Gate {
public:
    template <class Function>
    void pass(Function function) {
        std::lock_guard lock(mutex_);
        if (is_open_) function();
    }
    void close() {
        std::lock_guard lock(mutex_);
        is_open_ = false;
    }

private:
    std::recursive_mutex mutex_;
    bool is_open_ = true;
};

// Runs it on the strand, soon. The API itself only ever ends there.
template <class Function>
void post_to(std::shared_ptr<Api> api, Function function) {
    const Strand strand = api->strand();
    asio::post(strand, [api = std::move(api), function = std::move(function)]() mutable {
        function(*api);
    });
}

class EtcdWatch final : public Watch {
public:
    EtcdWatch(std::weak_ptr<Api> api, WatchNumber number) : api_(std::move(api)), number_(number) {}
    EtcdWatch(const EtcdWatch&) = delete;
    EtcdWatch& operator=(const EtcdWatch&) = delete;
    ~EtcdWatch() override {
        auto api = api_.lock();
        if (!api) return;
        post_to(std::move(api), [number = number_](Api& a) { a.end_watch(number); });
    }

private:
    std::weak_ptr<Api> api_;
    WatchNumber number_;
};

std::shared_ptr<Api> make_api(Strand strand, const StoreOptions& options) {
    if (options.api == ApiVersion::v2) {
        return std::make_shared<detail::v2::Engine>(std::move(strand), options);
    }
    return std::make_shared<detail::v3::Engine>(std::move(strand), options);
}

class EtcdStore final : public KeyStore {
public:
    EtcdStore(asio::any_io_executor executor, const StoreOptions& options)
        : version_(options.api), api_(make_api(asio::make_strand(std::move(executor)), options)) {}
    EtcdStore(const EtcdStore&) = delete;
    EtcdStore& operator=(const EtcdStore&) = delete;
    ~EtcdStore() override {
        gate_->close();
        post_to(std::move(api_), [](Api& api) { api.close(); });
    }

    void grant_lease(Duration ttl, Reply<Lease> reply) override {
        ask([ttl, reply = gated(std::move(reply))](Api& api) mutable {
            if (ttl <= Duration::zero()) {
                return reply(Error(errc::refused, "a lease needs a time to live"));
            }
            api.grant_lease(ttl, std::move(reply));
        });
    }
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        ask([id, reply = gated(std::move(reply))](Api& api) mutable {
            api.renew_lease(id, std::move(reply));
        });
    }
    void revoke_lease(LeaseId id, Reply<void> reply) override {
        ask([id, reply = gated(std::move(reply))](Api& api) mutable {
            api.revoke_lease(id, std::move(reply));
        });
    }
    void create(NewEntry entry, Reply<Entry> reply) override {
        ask([entry = std::move(entry), reply = gated(std::move(reply))](Api& api) mutable {
            api.create(std::move(entry), std::move(reply));
        });
    }
    void update(Entry entry, std::string value, Reply<Revision> reply) override {
        ask([entry = std::move(entry), value = std::move(value), reply = gated(std::move(reply))](
                Api& api) mutable { api.update(entry, std::move(value), std::move(reply)); });
    }
    void remove(Entry entry, Reply<void> reply) override {
        ask([entry = std::move(entry), reply = gated(std::move(reply))](Api& api) mutable {
            api.remove(entry, std::move(reply));
        });
    }
    void list(ListQuery query, Reply<Listing> reply) override {
        ask([query = std::move(query), reply = gated(std::move(reply))](Api& api) mutable {
            api.list(query, std::move(reply));
        });
    }
    std::unique_ptr<Watch> watch(WatchTarget target, Reply<Change> reply) override {
        const WatchNumber number{++last_watch_};
        ask([number, target = std::move(target), reply = gated(std::move(reply))](
                Api& api) mutable { api.watch(number, target, std::move(reply)); });
        return std::make_unique<EtcdWatch>(api_, number);
    }
    void standing(std::string prefix, Entry own, Reply<Standing> reply) override {
        ask([prefix = std::move(prefix), own = std::move(own),
             reply = gated(std::move(reply))](Api& api) mutable {
            api.standing(std::move(prefix), std::move(own), std::move(reply));
        });
    }
    void enter(NewEntry entry, Reply<Standing> reply) override {
        ask([entry = std::move(entry), reply = gated(std::move(reply))](Api& api) mutable {
            api.enter(std::move(entry), std::move(reply));
        });
    }
    bool can(Capability capability) const noexcept override {
        return version_ == ApiVersion::v3 || detail::v2::can(capability);
    }
    void guarded_put(GuardedPut put, Reply<Revision> reply) override {
        ask([put = std::move(put), reply = gated(std::move(reply))](Api& api) mutable {
            api.guarded_put(std::move(put), std::move(reply));
        });
    }

private:
    template <class Function>
    void ask(Function function) {
        post_to(api_, std::move(function));
    }

    template <class T>
    Reply<T> gated(Reply<T> reply) {
        return [gate = gate_, reply = std::move(reply)](result<T> outcome) {
            gate->pass([&] { reply(std::move(outcome)); });
        };
    }

    std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
    ApiVersion version_;
    std::shared_ptr<Api> api_;
    std::atomic<std::uint64_t> last_watch_{0};
};

void check(const StoreOptions& options) {
    if (options.endpoints.empty()) throw std::invalid_argument("etcd store: no endpoint is given");
    for (const Endpoint& endpoint : options.endpoints) {
        if (endpoint.host.empty()) {
            throw std::invalid_argument("etcd store: an endpoint has no host");
        }
        if (endpoint.port == 0) {
            throw std::invalid_argument("etcd store: endpoint '" + endpoint.host + "' has port 0");
        }
    }
    if (options.credentials && options.streams == StreamKind::web_socket) {
        throw std::invalid_argument(
            "etcd store: a WebSocket cannot say who the user is; leave 'watch' out, or make it "
            "'stream'");
    }
    if (options.request_timeout <= std::chrono::milliseconds::zero()) {
        throw std::invalid_argument("etcd store: request_timeout must be positive");
    }
    if (options.watch_check <= std::chrono::milliseconds::zero()) {
        throw std::invalid_argument("etcd store: watch_check must be positive");
    }
}

}  // namespace

std::shared_ptr<KeyStore> make_store(asio::any_io_executor executor, StoreOptions options) {
    check(options);
    return std::make_shared<EtcdStore>(std::move(executor), options);
}

}  // namespace tenure::etcd
