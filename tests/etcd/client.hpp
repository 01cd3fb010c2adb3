// A store on a real etcd as a test drives it: replies come on threads of the client's own, and
// the test waits for them with a bound.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <tenure/etcd.hpp>
#include <vector>

#include "tests/support/etcd_server.hpp"

namespace tenure::test {

/// What replies have brought so far. Thread safety: any thread.
template <class T>
class Inbox {
public:
    Reply<T> reply() const {
        return [state = state_](result<T> outcome) {
            std::lock_guard lock(state->mutex);
            state->outcomes.push_back(std::move(outcome));
            state->arrived.notify_all();
        };
    }
    /// Whether so many have come, at the latest after `bound`.
    bool wait(std::size_t count, std::chrono::milliseconds bound) const {
        std::unique_lock lock(state_->mutex);
        return state_->arrived.wait_for(lock, bound,
                                        [&] { return state_->outcomes.size() >= count; });
    }
    std::vector<result<T>> all() const {
        std::lock_guard lock(state_->mutex);
        return state_->outcomes;
    }

private:
    struct State {
        std::mutex mutex;
        std::condition_variable arrived;
        std::vector<result<T>> outcomes;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// Changes and their end, in few words: `created 'a', removed 'a', tenure:1`.
std::string describe(const std::vector<result<Change>>& outcomes);

/// Threads that run an io_context, as long as it lives.
class Threads {
public:
    explicit Threads(int count = 1);
    ~Threads();
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;
    boost::asio::any_io_executor executor();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

class Client {
public:
    /// Of one endpoint or several, each `host:port`; over the API that the test runs over.
    explicit Client(const std::vector<std::string>& addresses,
                    std::chrono::milliseconds request_timeout = std::chrono::seconds(5),
                    std::chrono::milliseconds watch_check = std::chrono::seconds(3));
    explicit Client(const etcd::StoreOptions& options);

    KeyStore& store() { return *store_; }
    /// Destroys the store.
    void end() { store_.reset(); }

    /// Waits for the answer to `call(store, reply)`, at most half a minute.
    template <class T, class Call>
    result<T> ask(Call call) {
        const Inbox<T> inbox;
        call(*store_, inbox.reply());
        if (!inbox.wait(1, std::chrono::seconds(30))) throw std::runtime_error("no answer");
        return inbox.all().front();
    }
    result<Lease> try_grant(Duration ttl = std::chrono::seconds(60));
    Lease grant(Duration ttl = std::chrono::seconds(60));
    result<Lease> renew(LeaseId id);
    Entry create(const std::string& prefix, const std::string& value, LeaseId lease);
    result<Standing> enter(const std::string& prefix, const std::string& value, LeaseId lease);
    result<Revision> update(const Entry& entry, const std::string& value);
    void remove(const Entry& entry);
    result<void> revoke(LeaseId id);
    Listing list(const std::string& prefix);

    /// A watch and what it reports.
    struct Watching {
        Inbox<Change> heard;
        std::unique_ptr<Watch> watch;
    };
    Watching watch(WatchTarget::Scope scope, const std::string& name, Revision after);

private:
    Threads threads_;
    std::shared_ptr<KeyStore> store_;
};

/// Whether it holds before long. Each look is to take as long as a request to a server does: that
/// is all the pause there is between them.
bool comes_true(const std::function<bool()>& look);

/// One etcd for all tests of the program that do not harm it.
EtcdServer& shared_etcd();

/// A prefix that no other test uses.
std::string fresh_name();

}  // namespace tenure::test
