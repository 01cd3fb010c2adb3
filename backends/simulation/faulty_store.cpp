// Puts a `FaultyLine` in front of a store.
#include <tenure/faulty_store.hpp>
#include <utility>

#include "backends/simulation/faulty_line.hpp"

namespace tenure::sim {
namespace {

using detail::FaultyLine;

class LineWatch : public Watch {
public:
    LineWatch(std::weak_ptr<FaultyLine> line, FaultyLine::Number number)
        : line_(std::move(line)), number_(number) {}
    ~LineWatch() override {
        if (const auto line = line_.lock()) line->close_watch(number_);
    }
    LineWatch(const LineWatch&) = delete;
    LineWatch& operator=(const LineWatch&) = delete;

private:
    std::weak_ptr<FaultyLine> line_;
    FaultyLine::Number number_;
};

Error lost(Call call) {
    return {errc::timed_out, "the line lost an answer to " + std::string(to_string(call))};
}

class LineStore : public FaultyStore {
public:
    LineStore(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
              Duration time_out)
        : line_(std::make_shared<FaultyLine>(std::move(scheduler), time_out)),
          store_(std::move(store)) {}
    ~LineStore() override { line_->close(); }
    LineStore(const LineStore&) = delete;
    LineStore& operator=(const LineStore&) = delete;

    void cut() override { line_->cut(); }
    void mend() override { line_->mend(); }
    void set_fate(std::function<Fate(Call, std::uint64_t)> fate) override {
        line_->set_fate(std::move(fate));
    }
    std::uint64_t calls() const override { return line_->calls(); }

    void grant_lease(Duration ttl, Reply<Lease> reply) override {
        send<Lease>(Call::grant_lease, std::move(reply),
                    [&](Reply<Lease> answer) { store_->grant_lease(ttl, std::move(answer)); });
    }
    void renew_lease(LeaseId id, Reply<Lease> reply) override {
        send<Lease>(Call::renew_lease, std::move(reply),
                    [&](Reply<Lease> answer) { store_->renew_lease(id, std::move(answer)); });
    }
    void revoke_lease(LeaseId id, Reply<void> reply) override {
        send<void>(Call::revoke_lease, std::move(reply),
                   [&](Reply<void> answer) { store_->revoke_lease(id, std::move(answer)); });
    }
    void create(NewEntry entry, Reply<Entry> reply) override {
        send<Entry>(Call::create, std::move(reply),
                    [&](Reply<Entry> answer) { store_->create(entry, std::move(answer)); });
    }
    void update(Entry entry, std::string value, Reply<Revision> reply) override {
        send<Revision>(Call::update, std::move(reply), [&](Reply<Revision> answer) {
            store_->update(entry, value, std::move(answer));
        });
    }
    void remove(Entry entry, Reply<void> reply) override {
        send<void>(Call::remove, std::move(reply),
                   [&](Reply<void> answer) { store_->remove(entry, std::move(answer)); });
    }
    void list(ListQuery query, Reply<Listing> reply) override {
        send<Listing>(Call::list, std::move(reply),
                      [&](Reply<Listing> answer) { store_->list(query, std::move(answer)); });
    }
    std::unique_ptr<Watch> watch(WatchTarget target, Reply<Change> reply) override;
    void standing(std::string prefix, Entry own, Reply<Standing> reply) override {
        send<Standing>(Call::standing, std::move(reply), [&](Reply<Standing> answer) {
            store_->standing(prefix, own, std::move(answer));
        });
    }
    void enter(NewEntry entry, Reply<Standing> reply) override {
        send<Standing>(Call::enter, std::move(reply),
                       [&](Reply<Standing> answer) { store_->enter(entry, std::move(answer)); });
    }
    bool can(Capability capability) const noexcept override { return store_->can(capability); }
    void guarded_put(GuardedPut put, Reply<Revision> reply) override {
        send<Revision>(Call::guarded_put, std::move(reply), [&](Reply<Revision> answer) {
            store_->guarded_put(put, std::move(answer));
        });
    }

private:
    template <class T, class Forward>
    void send(Call call, Reply<T> reply, Forward forward);

    std::shared_ptr<FaultyLine> line_;
    std::shared_ptr<KeyStore> store_;
};

template <class T, class Forward>
void LineStore::send(Call call, Reply<T> reply, Forward forward) {
    const Fate fate = line_->decide(call);
    if (fate == Fate::unreachable || fate == Fate::refuse) {
        const errc code = fate == Fate::refuse ? errc::refused : errc::unreachable;
        return line_->answer_soon([reply, code] { reply(Error(code, "the line harms the call")); });
    }
    const auto number = line_->expect_answer([reply, call] { reply(lost(call)); });
    if (fate == Fate::lose_request) return;
    forward([weak = std::weak_ptr(line_), number, reply, fate](result<T> answer) {
        const auto line = weak.lock();
        if (!line || fate == Fate::lose_reply || !line->answered(number)) return;
        line->deliver([&] { reply(std::move(answer)); });
    });
}

std::unique_ptr<Watch> LineStore::watch(WatchTarget target, Reply<Change> reply) {
    const Fate fate = line_->decide(Call::watch);
    const auto number =
        line_->open_watch([reply](errc code) { reply(Error(code, "the line lost the watch")); });
    auto ours = std::make_unique<LineWatch>(line_, number);
    if (fate == Fate::unreachable || fate == Fate::refuse) {
        const errc code = fate == Fate::refuse ? errc::refused : errc::unreachable;
        line_->answer_soon([weak = std::weak_ptr(line_), number, reply, code] {
            const auto line = weak.lock();
            if (line && line->hears(number, true)) reply(Error(code, "the line harms the watch"));
        });
        return ours;
    }
    if (fate != Fate::pass) {
        line_->silence_watch(number, errc::timed_out);
        if (fate == Fate::lose_request) return ours;
    }
    auto inner = store_->watch(std::move(target),
                               [weak = std::weak_ptr(line_), number, reply](result<Change> change) {
                                   const auto line = weak.lock();
                                   if (!line || !line->hears(number, change.has_error())) return;
                                   line->deliver([&] { reply(std::move(change)); });
                               });
    line_->keep_watch(number, std::move(inner));
    return ours;
}

}  // namespace

std::string_view to_string(Call call) noexcept {
    switch (call) {
        case Call::grant_lease: return "grant_lease";
        case Call::renew_lease: return "renew_lease";
        case Call::revoke_lease: return "revoke_lease";
        case Call::create: return "create";
        case Call::update: return "update";
        case Call::remove: return "remove";
        case Call::list: return "list";
        case Call::watch: return "watch";
        case Call::standing: return "standing";
        case Call::enter: return "enter";
        case Call::guarded_put: return "guarded_put";
    }
    return "unknown";
}

std::shared_ptr<FaultyStore> make_faulty_store(std::shared_ptr<Scheduler> scheduler,
                                               std::shared_ptr<KeyStore> store, Duration time_out) {
    return std::make_shared<LineStore>(std::move(scheduler), std::move(store), time_out);
}

}  // namespace tenure::sim
