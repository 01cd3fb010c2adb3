// Watches whose keys have a root in common, over a stream of that whole root: what a process
// that watches many elections by requests falls back on, so as not to open a connection each.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backends/etcd/v3/watch_stream.hpp"

namespace tenure::etcd::detail::v3 {

/// A root is what the keys are below, by their first `/`: `jobs` for `jobs/7/a`, and `/jobs` for
/// `/jobs/7/a`. Each has a stream of what comes from now on, and while somebody wants history that
/// this one has passed already, a second one; so there are never more than two of a root.
///
/// Call its members on the executor, which must run one thing at a time. `close` it before what
/// its handlers hold goes.
class SharedStreams : public std::enable_shared_from_this<SharedStreams> {
public:
    /// Called on the executor, one at a time, and never within a call of ours.
    struct Handlers {
        /// For one watch, by its id. One that goes on over another stream than before may be told
        /// once more that it was `created`.
        std::function<void(const WatchAnswer&)> answer;
        /// The root may not be watched as a whole: this one must go on by itself. We know it no
        /// longer.
        std::function<void(const WatchRequest&)> alone;
        /// The last one.
        std::function<void(const Error&)> broken;
    };

    SharedStreams(WatchedPeer peer, Handlers handlers);
    ~SharedStreams() { close(); }
    SharedStreams(const SharedStreams&) = delete;
    SharedStreams& operator=(const SharedStreams&) = delete;

    /// Whether it takes this one. It does not when the key has no root, or one that is refused.
    bool ask(const WatchRequest& request);
    /// Whether it was one of these. No answer follows.
    bool cancel(std::int64_t id);
    /// Ends all at once; no handler is called any more.
    void close();

private:
    struct Member {
        WatchRequest request;
        /// What is not newer is not passed on.
        std::int64_t after = 0;
    };
    struct Shared {
        /// Closed as long as nobody wants it.
        std::shared_ptr<WatchStream> stream{};
        /// Until it is, its members wait to be told.
        bool is_open = false;
        /// Every event after this one is still to come, or etcd ends the stream.
        std::int64_t covered = 0;
        std::map<std::int64_t, Member> members{};

        WatchRequest rest_of(const Member& member) const;
    };
    struct Root {
        Shared live;
        Shared history;
        bool is_refused = false;
    };
    using Kind = Shared Root::*;
    struct Place {
        std::string root;
        Kind kind;
    };

    void ask_soon(const WatchRequest& request);
    void settle();
    void join(const WatchRequest& request);
    Kind kind_for(Root& root, const WatchRequest& request);
    void open(const std::string& root, Kind kind, std::int64_t start_revision);
    std::vector<WatchRequest> dissolve(const std::string& root, Kind kind);
    void received(const std::string& root, Kind kind, const WatchAnswer& answer);
    void opened(const std::string& root, Kind kind, const WatchAnswer& answer);
    void merge(const std::string& root);
    void canceled(const std::string& root, Kind kind, const WatchAnswer& answer);
    void failed(const std::string& root, Kind kind, const Error& error);
    void refuse(const std::string& root, Kind kind);
    void tell(const std::vector<WatchAnswer>& answers);

    WatchedPeer peer_;
    Handlers handlers_;
    /// Not yet given a stream.
    std::map<std::int64_t, WatchRequest> asked_;
    std::map<std::string, Root> roots_;
    std::map<std::int64_t, Place> places_;
    bool will_settle_ = false;
    bool is_over_ = false;
};

}  // namespace tenure::etcd::detail::v3
