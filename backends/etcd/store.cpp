// The door: calls come in from any thread and go to the strand; replies go out through a gate
// that closes with the store.
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <mutex>
#include <stdexcept>
#include <tenure/etcd.hpp>
#include <utility>

#include "backends/etcd/engine.hpp"

namespace tenure::etcd {
namespace {

namespace asio = boost::asio;
using detail::Engine;
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

// Runs it on the engine's strand, soon. The engine itself only ever ends there.
template <class Function>
void post_to(std::shared_ptr<Engine> engine, Function function) {
    const Engine::Strand strand = engine->strand();
    asio::post(strand, [engine = std::move(engine), function = std::move(function)]() mutable {
        function(*engine);
    });
}

class EtcdWatch final : public Watch {
public:
    EtcdWatch(std::weak_ptr<Engine> engine, WatchNumber number)
        : engine_(std::move(engine)), number_(number) {}
    EtcdWatch(const EtcdWatch&) = delete;
    EtcdWatch& operator=(const EtcdWatch&) = delete;
    ~EtcdWatch() override {
        auto engine = engine_.lock();
        if (!engine) return;
        post_to(std::move(engine), [number = number_](Engine& e) { e.end_watch(number); });
    }

private:
    std::weak_ptr<Engine> engine_;
    WatchNumber number_;
};

class EtcdStore final : public KeyStore {
public:
    EtcdStore(asio::any_io_executor executor, const StoreOptions& options)
        : engine_(std::make_shared<Engine>(asio::make_strand(std::move(executor)), options)) {}
    EtcdStore(const EtcdStore&) = delete;
    EtcdStore& operator=(const EtcdStore&) = delete;
    ~EtcdStore() override {
        gate_->close();
        post_to(std::move(engine_), [](Engine& engine) { engine.close(); });
    }

    void grant_lease(Duration ttl, Reply<Lease> reply) override {
        ask([ttl, reply = gated(std::move(reply))](Engine& engine) mutable {
            if (ttl <= Duration::zero()) {
                return reply(Error(errc::refused, "a lease needs a time to live"));
            }
            engine.grant_lease(ttl, std::move(reply));
        });
    }
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        ask([id, reply = gated(std::move(reply))](Engine& engine) mutable {
            engine.renew_lease(id, std::move(reply));
        });
    }
    void revoke_lease(LeaseId id, Reply<void> reply) override {
        ask([id, reply = gated(std::move(reply))](Engine& engine) mutable {
            engine.revoke_lease(id, std::move(reply));
        });
    }
    void create(NewEntry entry, Reply<Entry> reply) override {
        ask([entry = std::move(entry), reply = gated(std::move(reply))](Engine& engine) mutable {
            engine.create(std::move(entry), std::move(reply));
        });
    }
    void update(Entry entry, std::string value, Reply<Revision> reply) override {
        ask([entry = std::move(entry), value = std::move(value),
             reply = gated(std::move(reply))](Engine& engine) mutable {
            engine.update(entry, std::move(value), std::move(reply));
        });
    }
    void remove(Entry entry, Reply<void> reply) override {
        ask([entry = std::move(entry), reply = gated(std::move(reply))](Engine& engine) mutable {
            engine.remove(entry, std::move(reply));
        });
    }
    void list(ListQuery query, Reply<Listing> reply) override {
        ask([query = std::move(query), reply = gated(std::move(reply))](Engine& engine) mutable {
            engine.list(query, std::move(reply));
        });
    }
    std::unique_ptr<Watch> watch(WatchTarget target, Reply<Change> reply) override {
        const WatchNumber number{++last_watch_};
        ask([number, target = std::move(target), reply = gated(std::move(reply))](
                Engine& engine) mutable { engine.watch(number, target, std::move(reply)); });
        return std::make_unique<EtcdWatch>(engine_, number);
    }
    void standing(std::string prefix, Entry own, Reply<Standing> reply) override {
        ask([prefix = std::move(prefix), own = std::move(own),
             reply = gated(std::move(reply))](Engine& engine) mutable {
            engine.standing(std::move(prefix), std::move(own), std::move(reply));
        });
    }
    void enter(NewEntry entry, Reply<Standing> reply) override {
        ask([entry = std::move(entry), reply = gated(std::move(reply))](Engine& engine) mutable {
            engine.enter(std::move(entry), std::move(reply));
        });
    }
    bool can_guard() const noexcept override { return true; }
    void guarded_put(GuardedPut put, Reply<Revision> reply) override {
        ask([put = std::move(put), reply = gated(std::move(reply))](Engine& engine) mutable {
            engine.guarded_put(std::move(put), std::move(reply));
        });
    }

private:
    template <class Function>
    void ask(Function function) {
        post_to(engine_, std::move(function));
    }

    template <class T>
    Reply<T> gated(Reply<T> reply) {
        return [gate = gate_, reply = std::move(reply)](result<T> outcome) {
            gate->pass([&] { reply(std::move(outcome)); });
        };
    }

    std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
    std::shared_ptr<Engine> engine_;
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
