#include "tests/support/etcd_cluster.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "tests/support/connection_owner.hpp"
#include "tests/support/http_get.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 60s;

// Etcd writes such numbers as strings: "leader":"10276657743932975437".
std::string number_of(const std::string& answer, const std::string& field) {
    const std::string begin = '"' + field + R"(":")";
    const auto found = answer.find(begin);
    if (found == std::string::npos) return {};
    const auto from = found + begin.size();
    return answer.substr(from, answer.find('"', from) - from);
}

}  // namespace

EtcdCluster::EtcdCluster(std::size_t members, PeerLines lines)
    : folder_(make_temporary_folder()), lines_(lines) {
    try {
        // Somebody else may take a port between our looking and etcd's binding.
        for (int attempt = 0; attempt < 3; ++attempt) {
            make_members(members);
            if (start()) return;
            std::filesystem::remove_all(folder_ / "data");
        }
        std::string words = "the etcd cluster does not start";
        for (const auto& member : members_)
            words += "\n" + member->name() + ": " + member->last_words();
        throw std::runtime_error(words);
    } catch (...) {
        members_.clear();
        std::filesystem::remove_all(folder_);
        throw;
    }
}

EtcdCluster::~EtcdCluster() {
    members_.clear();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void EtcdCluster::make_members(std::size_t count) {
    members_.clear();
    proxies_.clear();
    std::set<std::uint16_t> ports;
    while (ports.size() < 2 * count)
        ports.insert(free_server_port());
    std::vector<MemberOptions> all;
    std::string cluster;
    auto port = ports.begin();
    for (std::size_t index = 0; index < count; ++index) {
        const std::string name = "member-" + std::to_string(index + 1);
        MemberOptions options{.name = name, .data = folder_ / "data" / name};
        options.port = *port++;
        options.peer_port = *port++;
        options.told_peer_port = options.peer_port;
        if (lines_ == PeerLines::breakable) {
            proxies_.push_back(std::make_unique<TcpProxy>(options.peer_port));
            options.told_peer_port = proxies_.back()->port();
        }
        cluster += (index == 0 ? "" : ",") + name +
                   "=http://127.0.0.1:" + std::to_string(options.told_peer_port);
        all.push_back(std::move(options));
    }
    for (MemberOptions& options : all) {
        options.initial_cluster = cluster;
        members_.push_back(std::make_unique<EtcdMember>(std::move(options)));
    }
    std::filesystem::create_directory(folder_ / "data");
}

bool EtcdCluster::start() {
    for (const auto& member : members_)
        member->launch();
    return await_health(patience / 3);
}

bool EtcdCluster::await_health(milliseconds bound) {
    const auto until = std::chrono::steady_clock::now() + bound;
    for (const auto& member : members_) {
        if (member->pid() < 0) continue;
        const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
        if (!member->await_health(left)) return false;
    }
    return true;
}

std::optional<std::size_t> EtcdCluster::leader(milliseconds bound) const {
    std::vector<std::string> ids, named;
    for (const auto& member : members_) {
        const auto answer =
            http_send(member->port(), "POST", "/v3/maintenance/status", "{}", bound);
        ids.push_back(number_of(answer.value_or(""), "member_id"));
        named.push_back(number_of(answer.value_or(""), "leader"));
    }
    for (std::size_t index = 0; index < size(); ++index) {
        if (ids[index].empty() || named[index] != ids[index]) continue;
        const auto votes = std::ranges::count(named, ids[index]);
        if (static_cast<std::size_t>(votes) * 2 > size()) return index;
    }
    return std::nullopt;
}

// Members connect in both directions: those that lead to it are cut by whose proxy that is, and
// those that it makes by whose they are.
void EtcdCluster::cut_off(std::size_t index) {
    if (lines_ != PeerLines::breakable) throw std::logic_error("the lines are not breakable");
    for (std::size_t each = 0; each < size(); ++each) {
        TcpProxy& proxy = *proxies_[each];
        if (each == index) {
            proxy.cut();
        } else {
            proxy.cut_from([process = member(index).pid(), to = proxy.port()](std::uint16_t from) {
                return holds(process, {.own_port = from, .other_port = to});
            });
        }
    }
}

void EtcdCluster::rejoin() {
    for (const auto& proxy : proxies_)
        proxy->heal();
}

std::string EtcdCluster::store_url() const {
    std::string url = "etcd://";
    for (const auto& member : members_)
        url += (url.ends_with('/') ? "" : ",") + member->address();
    return url;
}

Ended EtcdCluster::etcdctl(std::vector<std::string> arguments) const {
    std::string endpoints;
    for (const auto& member : members_)
        endpoints += (endpoints.empty() ? "" : ",") + member->http_url();
    return run(etcdctl_command(endpoints, "3", std::move(arguments)), 10s);
}

}  // namespace tenure::test
