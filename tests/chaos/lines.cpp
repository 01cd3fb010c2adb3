#include "tests/chaos/lines.hpp"

#include <algorithm>

namespace tenure::chaos {
namespace {

int badness(FaultKind kind) {
    switch (kind) {
        case FaultKind::member_cut:
        case FaultKind::candidate_cut: return 4;
        case FaultKind::member_silent:
        case FaultKind::candidate_silent: return 3;
        case FaultKind::candidate_unheard: return 2;
        default: return 1;
    }
}

void put(test::TcpProxy& proxy, const Lines::Trouble& trouble) {
    switch (badness(trouble.kind)) {
        case 4: return proxy.cut();
        case 3: return proxy.blackhole();
        case 2: return proxy.hold_answers();
        default: return proxy.slow_down(trouble.delay);
    }
}

}  // namespace

Lines::Lines(const test::EtcdCluster& cluster, std::size_t candidates) : members_(cluster.size()) {
    for (std::size_t candidate = 0; candidate < candidates; ++candidate) {
        for (std::size_t member = 0; member < members_; ++member) {
            lines_.push_back({std::make_unique<test::TcpProxy>(cluster.member(member).port())});
        }
    }
}

std::string Lines::store_url(std::size_t candidate) const {
    std::string url = "etcd://";
    for (std::size_t member = 0; member < members_; ++member) {
        // Not all begin at the same one.
        const std::size_t which = (candidate + member) % members_;
        url += (member == 0 ? "" : ",") + lines_[candidate * members_ + which].proxy->address();
    }
    return url;
}

void Lines::begin(const Trouble& trouble) {
    troubles_.push_back(trouble);
    apply();
}

void Lines::end(const Trouble& trouble) {
    const auto found = std::ranges::find(troubles_, trouble);
    if (found != troubles_.end()) troubles_.erase(found);
    apply();
}

void Lines::apply() {
    for (std::size_t index = 0; index < lines_.size(); ++index) {
        Line& own = lines_[index];
        const auto now = worst(index / members_, index % members_);
        if (now == own.trouble) continue;
        own.trouble = now;
        if (now) {
            put(*own.proxy, *now);
        } else {
            own.proxy->heal();
        }
    }
}

std::optional<Lines::Trouble> Lines::worst(std::size_t candidate, std::size_t member) const {
    std::optional<Trouble> worst;
    for (const Trouble& trouble : troubles_) {
        const bool is_of_member = victim_of(trouble.kind) == Victim::member;
        if (trouble.whom != (is_of_member ? member : candidate)) continue;
        if (!worst || badness(trouble.kind) > badness(worst->kind)) worst = trouble;
    }
    return worst;
}

void Lines::drop_connections(std::size_t member) {
    for (std::size_t index = member; index < lines_.size(); index += members_)
        lines_[index].proxy->drop_connections();
}

void Lines::forget_connections(std::size_t member) {
    for (std::size_t index = member; index < lines_.size(); index += members_)
        lines_[index].proxy->forget_connections();
}

std::size_t Lines::open() const {
    std::size_t open = 0;
    for (const Line& each : lines_)
        open += each.proxy->open();
    return open;
}

}  // namespace tenure::chaos
