// A store at the far end of a line: each call is a message there and a message back.
#include <utility>

#include "backends/simulation/connection.hpp"
#include "backends/simulation/server_state.hpp"

namespace tenure::sim::detail {
namespace {

class RemoteWatch : public Watch {
public:
    RemoteWatch(std::weak_ptr<Connection> connection, Connection::Number number)
        : connection_(std::move(connection)), number_(number) {}
    ~RemoteWatch() override {
        if (const auto connection = connection_.lock()) connection->close_watch(number_);
    }
    RemoteWatch(const RemoteWatch&) = delete;
    RemoteWatch& operator=(const RemoteWatch&) = delete;

private:
    std::weak_ptr<Connection> connection_;
    Connection::Number number_;
};

class RemoteStore : public KeyStore {
public:
    RemoteStore(std::shared_ptr<Connection> connection, ServerState& server)
        : connection_(std::move(connection)), server_(server) {}
    ~RemoteStore() override { connection_->close(); }
    RemoteStore(const RemoteStore&) = delete;
    RemoteStore& operator=(const RemoteStore&) = delete;

    void grant_lease(Duration ttl, Reply<Lease> reply) override {
        ask<Lease>("grant_lease", std::move(reply),
                   [&server = server_, asker = connection_->asker(), ttl](Reply<Lease> answer) {
                       server.grant(asker, ttl, std::move(answer));
                   });
    }
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        if (!connection_->is_closed()) server_.note_renewal(connection_->asker(), id);
        ask<Lease>("renew_lease", std::move(reply), [&server = server_, id](Reply<Lease> answer) {
            server.renew(id, std::move(answer));
        });
    }
    void revoke_lease(LeaseId id, Reply<void> reply) override {
        ask<void>("revoke_lease", std::move(reply),
                  [&server = server_, asker = connection_->asker(), id](Reply<void> answer) {
                      server.revoke(asker, id, std::move(answer));
                  });
    }
    void create(NewEntry entry, Reply<Entry> reply) override {
        ask<Entry>("create", std::move(reply), [&server = server_, entry](Reply<Entry> answer) {
            server.memory().create(entry, std::move(answer));
        });
    }
    void update(Entry entry, std::string value, Reply<Revision> reply) override {
        ask<Revision>("update", std::move(reply),
                      [&server = server_, entry, value](Reply<Revision> answer) {
                          server.memory().update(entry, value, std::move(answer));
                      });
    }
    void remove(Entry entry, Reply<void> reply) override {
        ask<void>("remove", std::move(reply),
                  [&server = server_, asker = connection_->asker(), entry](Reply<void> answer) {
                      server.remove(asker, entry, std::move(answer));
                  });
    }
    void list(ListQuery query, Reply<Listing> reply) override {
        ask<Listing>("list", std::move(reply), [&server = server_, query](Reply<Listing> answer) {
            server.memory().list(query, std::move(answer));
        });
    }
    std::unique_ptr<Watch> watch(WatchTarget target, Reply<Change> reply) override;
    void standing(std::string prefix, Entry own, Reply<Standing> reply) override {
        ask<Standing>("standing", std::move(reply),
                      [&server = server_, prefix, own](Reply<Standing> answer) {
                          server.memory().standing(prefix, own, std::move(answer));
                      });
    }
    void enter(NewEntry entry, Reply<Standing> reply) override {
        ask<Standing>("enter", std::move(reply),
                      [&server = server_, entry](Reply<Standing> answer) {
                          server.memory().enter(entry, std::move(answer));
                      });
    }
    bool can(Capability) const noexcept override { return true; }
    void guarded_put(GuardedPut put, Reply<Revision> reply) override {
        ask<Revision>("guarded_put", std::move(reply),
                      [&server = server_, put](Reply<Revision> answer) {
                          server.memory().guarded_put(put, std::move(answer));
                      });
    }

private:
    /// `handle` is what is done at the store; it is given how to answer.
    template <class T, class Handle>
    void ask(std::string_view call, Reply<T> reply, Handle handle);

    const std::shared_ptr<Connection> connection_;
    ServerState& server_;
};

template <class T, class Handle>
void RemoteStore::ask(std::string_view call, Reply<T> reply, Handle handle) {
    const auto at_store = [weak = std::weak_ptr(connection_), &server = server_, call, reply,
                           handle](Connection::Number number) {
        handle([weak, &server, call, reply, number, epoch = server.epoch()](result<T> outcome) {
            const auto connection = weak.lock();
            // An answer does not survive the store's restart.
            if (!connection || server.epoch() != epoch) return;
            connection->answer(number, call,
                               [reply, outcome = std::move(outcome)] { reply(outcome); });
        });
    };
    connection_->ask(call, at_store,
                     [reply](errc code, const std::string& words) { reply(Error(code, words)); });
}

std::unique_ptr<Watch> RemoteStore::watch(WatchTarget target, Reply<Change> reply) {
    const auto at_store = [weak = std::weak_ptr(connection_), &server = server_, target,
                           reply](Connection::Number number) {
        const auto connection = weak.lock();
        if (!connection) return;
        connection->established(
            number, server.memory().watch(target, [weak, number, reply](result<Change> change) {
                const auto self = weak.lock();
                if (!self) return;
                self->stream(number, [weak, number, reply, change] {
                    const auto us = weak.lock();
                    // The last thing that is heard of it.
                    if (!change && us) us->close_watch(number);
                    reply(change);
                });
            }));
    };
    const auto number = connection_->open_watch(
        at_store, [reply](errc code, const std::string& words) { reply(Error(code, words)); });
    return std::make_unique<RemoteWatch>(connection_, number);
}

}  // namespace

std::shared_ptr<KeyStore> make_remote_store(std::shared_ptr<Connection> connection,
                                            ServerState& server) {
    return std::make_shared<RemoteStore>(std::move(connection), server);
}

}  // namespace tenure::sim::detail
