// A reply to a request to create may be lost, and the entry stands all the same: a ghost, which
// nobody renews and everybody behind it waits for, until its time is over. Its key is not known, so
// it is looked for in the directory, by what a ghost has and an entry of a living candidate has
// not: our value, an index from after our request, our time, and no renewal since it was made.
//
// A candidate of ours renews its entry before it stands by it, and removing is conditional on that
// not having happened: so no leader of ours can lose its entry to this. What is left: a candidate
// of the npm module that bears the same name as ours, and entered in the same moments, may have to
// enter again; and a ghost that nobody has looked for stands until its time is over.
#include <algorithm>
#include <utility>

#include "backends/etcd/v2/engine.hpp"

namespace tenure::etcd::detail::v2 {
namespace {

struct Ghost {
    LeaseId lease{};
    std::uint64_t lost = 0;
    std::string path;
    std::int64_t modified = 0;
};

}  // namespace

bool Engine::is_ghost(const HeldLease& lease, const LostCreate& lost, const Node& node) {
    return node.value == lost.value && node.created > lost.after && node.modified == node.created &&
           node.ttl > 0 && node.ttl <= lease.ttl.count() &&
           leases_.find_entry(node.key).place == nullptr;
}

// While something is being created there, its entry would look like a ghost.
void Engine::sweep(const std::string& directory, Contents contents, int tries_left,
                   TakeContents take, Fail fail) {
    std::vector<Ghost> ghosts;
    for (const Leases::Found& held : leases_.in(directory)) {
        std::erase_if(held.place->lost, [now = LeaseClock::now()](const LostCreate& lost) {
            return lost.forget_at <= now;
        });
        // Each lost request has left one at most.
        for (const LostCreate& lost : held.place->lost) {
            const auto found = std::ranges::find_if(contents.nodes, [&](const Node& node) {
                return std::ranges::find(ghosts, node.key, &Ghost::path) == ghosts.end() &&
                       is_ghost(*held.lease, lost, node);
            });
            if (found == contents.nodes.end()) continue;
            ghosts.push_back({held.lease->id, lost.number, found->key, found->modified});
        }
    }
    if (ghosts.empty() || tries_left == 0 || creating_.contains(directory)) {
        return take(std::move(contents));
    }
    const auto left = std::make_shared<std::size_t>(ghosts.size());
    const auto done = [this, directory, tries_left, take, fail, left] {
        if (--*left > 0) return;
        call(
            ask_to_read(directory),
            [=, this](const Answer& answer) {
                sweep(directory, contents_of(directory, answer), tries_left - 1, take, fail);
            },
            fail);
    };
    for (const Ghost& ghost : ghosts) {
        call(
            ask_to_remove(ghost.path, ModifiedIndex(ghost.modified)),
            [this, ghost, directory, done](const Answer& answer) {
                HeldLease* const lease = leases_.find(ghost.lease);
                // It was renewed, and so is somebody's.
                if (lease != nullptr && answer.outcome != Answer::Outcome::changed) {
                    std::erase_if(lease->places[directory].lost, [&](const LostCreate& lost) {
                        return lost.number == ghost.lost;
                    });
                }
                done();
            },
            [weak = weak_from_this(), done](const Error&) {
                if (weak.lock()) done();
            });
    }
}

}  // namespace tenure::etcd::detail::v2
