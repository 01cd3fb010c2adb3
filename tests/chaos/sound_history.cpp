#include "tests/chaos/sound_history.hpp"

namespace tenure::chaos {
namespace {

constexpr Duration length = 100s;

void add_lives(History& history) {
    history.lives = {{.id = ann, .from = at(0s), .to = at(length), .end = Life::End::in_order},
                     {.id = bob, .from = at(0s), .to = at(length), .end = Life::End::in_order},
                     {.id = cid, .from = at(0s), .to = at(30s), .end = Life::End::killed}};
    history.lives.back().status = -9;
    for (const Life& life : history.lives) {
        for (Instant sign = life.from; sign < *life.to; sign += 500ms) {
            const bool stopped = life.id == bob && sign > at(29s) && sign < at(32s);
            if (!stopped) history.beats.push_back({life.id, sign});
        }
        for (const auto when : {Belongings::When::before, Belongings::When::after}) {
            if (life.id == cid && when == Belongings::When::after) continue;
            history.belongings.push_back({life.id, when, 12'000, 20, 6});
        }
    }
}

void add_leaderships(History& history) {
    history.leadings = {{ann, 5, sample(10s), sample(20s), {{at(10s), at(22s)}}},
                        {bob, 7, sample(21s), sample(length), {{at(21s), at(102s)}}}};
    using Kind = Told::Kind;
    history.told = {{ann, at(10s), Kind::elected, 5},   {ann, at(10s), Kind::leader, 5},
                    {bob, at(10s), Kind::leader, 5},    {ann, at(20s), Kind::unelected, 5},
                    {bob, at(21s), Kind::elected, 7},   {bob, at(21s), Kind::leader, 7},
                    {ann, at(21s), Kind::leader, 7},    {ann, at(62s), Kind::error, 0},
                    {bob, at(101s), Kind::unelected, 7}};
    for (Duration each = 10s; each < 20s; each += 100ms)
        history.writes.push_back({at(each), ann, 5, true});
    for (Duration each = 21s; each < length; each += 100ms)
        history.writes.push_back({at(each), bob, 7, true});
    history.writes.push_back({at(22s), ann, 5, false});
}

void add_looks(History& history) {
    for (Duration each = 250ms; each < length; each += 250ms) {
        Look look{at(each), at(each + 5ms), each < 60s || each > 62s, each < 62s ? 2 : 3, {}};
        if (look.succeeded) {
            if (each < 20s) look.entries.push_back({ann, 5});
            look.entries.push_back({bob, 7});
            if (each < 34s) look.entries.push_back({cid, 9});
        }
        history.looks.push_back(look);
    }
}

}  // namespace

History sound_history() {
    History history{.begin = at(0s), .chaos_from = at(5s), .chaos_to = at(65s), .end = at(length)};
    add_lives(history);
    add_leaderships(history);
    add_looks(history);
    history.deposals = {{at(19900ms), 5, true}};
    history.faults = {{FaultKind::key_deleted, "etcd", at(19900ms), at(19950ms)},
                      {FaultKind::candidate_paused, "bob", at(29s), at(32s)},
                      {FaultKind::candidate_killed, "cid", at(30s), at(40s)},
                      {FaultKind::member_killed, "member-1", at(60s), at(65s)}};
    history.entries_left = 0;
    return history;
}

}  // namespace tenure::chaos
