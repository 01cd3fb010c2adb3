// What a store need not write: `standing` and `enter` from `list` and `create`.
#include <tenure/key_store.hpp>

namespace tenure {
namespace {

Revision after(Revision revision) {
    return Revision{to_integer(revision) + 1};
}

}  // namespace

// One read shows the own entry and the one just ahead: the two newest below `own.created + 1`.
// Only when there is one ahead does a second read ask who is first.
void KeyStore::standing(std::string prefix, Entry own, Reply<Standing> reply) {
    ListQuery nearest{
        .prefix = prefix, .before = after(own.created), .limit = 2, .order = Order::descending};
    list(std::move(nearest), [this, prefix, own, reply](result<Listing> listing) {
        if (!listing) return reply(listing.error());
        Standing standing{.first = {}, .predecessor = {}, .own = {}, .revision = listing->revision};
        for (Entry& entry : listing->entries) {
            if (entry.created == own.created && entry.key == own.key) {
                standing.own = std::move(entry);
            } else if (!standing.predecessor) {
                standing.predecessor = std::move(entry);
            }
        }
        if (!standing.predecessor) {
            standing.first = standing.own;
            return reply(std::move(standing));
        }
        list({.prefix = prefix, .limit = 1}, [standing, reply](result<Listing> head) mutable {
            if (!head) return reply(head.error());
            if (!head->entries.empty()) standing.first = std::move(head->entries.front());
            reply(std::move(standing));
        });
    });
}

void KeyStore::enter(NewEntry entry, Reply<Standing> reply) {
    std::string prefix = entry.prefix;
    create(std::move(entry), [this, prefix, reply](result<Entry> created) {
        if (!created) return reply(created.error());
        standing(prefix, std::move(*created), [reply](result<Standing> found) {
            // The entry was made: that the read was refused must not say that it was not.
            if (!found && found.error().code == condition::refused) {
                return reply(Error(errc::bad_answer, found.error().message()));
            }
            reply(std::move(found));
        });
    });
}

std::string_view to_string(Capability capability) noexcept {
    switch (capability) {
        case Capability::guarded_puts: return "guarded_puts";
        case Capability::one_step_entering: return "one_step_entering";
        case Capability::whole_leases: return "whole_leases";
        case Capability::shared_leases: return "shared_leases";
        case Capability::binary_values: return "binary_values";
    }
    return "unknown";
}

bool KeyStore::can(Capability capability) const noexcept {
    return capability != Capability::guarded_puts && capability != Capability::one_step_entering;
}

void KeyStore::guarded_put(GuardedPut, Reply<Revision> reply) {
    reply(Error(errc::unsupported, "this store has no guarded writes"));
}

}  // namespace tenure
