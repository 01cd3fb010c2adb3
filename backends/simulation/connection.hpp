// One process's end of its line to the store: which requests wait for an answer, and which
// watches are open.
#pragma once

#include <deque>
#include <map>
#include <tenure/key_store.hpp>

#include "backends/simulation/process.hpp"
#include "backends/simulation/wire.hpp"

namespace tenure::sim::detail {

class ServerState;

/// Who asks: a process in one of its incarnations.
struct Asker {
    std::string node;
    Process::Incarnation incarnation = 0;
    friend bool operator==(const Asker&, const Asker&) = default;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    /// Names a request or a watch; never reused.
    using Number = std::uint64_t;
    using Fail = std::function<void(errc, const std::string& words)>;

    Connection(std::shared_ptr<Process> process, Wire& wire, ServerState& server, std::string node)
        : process_(std::move(process)),
          wire_(wire),
          server_(server),
          asker_{std::move(node), process_->incarnation()} {}

    const Asker& asker() const { return asker_; }
    bool is_closed() const { return closed_; }

    /// Sends a request that `handle` does at the store. `fail` says what becomes of it when no
    /// answer comes in time, or the store refuses the connection.
    Number ask(std::string_view call, std::function<void(Number)> handle, Fail fail);
    /// From the store: the answer, unless nobody waits for it any more.
    void answer(Number number, std::string_view call, Task arrived);

    /// As `ask`; until `established` has been heard of, `fail` comes after the time-out.
    Number open_watch(std::function<void(Number)> handle, Fail fail);
    /// From the store: the watch is open. It is kept here for as long as ours is.
    void established(Number number, std::unique_ptr<Watch> inner);
    /// From the store: the next thing to hear, after all that was sent before.
    void stream(Number number, Task arrived);
    void close_watch(Number number) { watches_.erase(number); }
    /// From the store: every stream breaks.
    void break_streams();

    void streams_stall();
    void streams_go_on();
    /// Nothing is heard of any more, nor sent.
    void close();

private:
    struct Request {
        Fail fail;
        std::uint64_t timer = 0;
    };
    struct OpenWatch {
        Fail fail;
        std::uint64_t timer = 0;
        std::unique_ptr<Watch> inner;
        bool established = false;
        Duration last_arrival{};
    };
    struct Held {
        Number number;
        Task arrived;
    };

    void arrive(Number number, Task arrived);
    void fail_watch(Number number, errc code, const std::string& words);
    /// On the process, if this connection is still there then.
    void post(std::function<void(Connection&)> task);
    std::uint64_t call_after(Duration delay, std::function<void(Connection&)> task);

    /// Kept, for a store may be held longer than its world; line and store are not touched then.
    const std::shared_ptr<Process> process_;
    Wire& wire_;
    ServerState& server_;
    const Asker asker_;
    Number last_number_ = 0;
    std::map<Number, Request> requests_;
    std::map<Number, OpenWatch> watches_;
    /// What arrived while the streams stalled.
    std::deque<Held> held_;
    std::uint64_t silence_timer_ = 0;
    bool closed_ = false;
};

/// A store at the node's end of the connection.
std::shared_ptr<KeyStore> make_remote_store(std::shared_ptr<Connection> connection,
                                            ServerState& server);

}  // namespace tenure::sim::detail
