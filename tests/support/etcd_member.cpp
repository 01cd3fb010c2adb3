#include "tests/support/etcd_member.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "tests/support/http_get.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

// Variables such as ETCD_NAME would change what our own arguments say.
std::map<std::string, std::string> without_etcd_variables() {
    std::map<std::string, std::string> changes;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string variable = *each;
        if (variable.starts_with("ETCD")) changes[variable.substr(0, variable.find('='))] = "";
    }
    return changes;
}

}  // namespace

std::filesystem::path make_temporary_folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "tenure-etcd-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return pattern;
}

std::string EtcdMember::address() const {
    return "127.0.0.1:" + std::to_string(options_.port);
}

std::string EtcdMember::http_url() const {
    return "http://" + address();
}

pid_t EtcdMember::pid() const {
    return process_ ? process_->pid() : -1;
}

void EtcdMember::launch() {
    if (process_) throw std::logic_error("etcd still runs");
    const auto url_at = [](std::uint16_t port) {
        return "http://127.0.0.1:" + std::to_string(port);
    };
    const std::string peer_url = url_at(options_.peer_port);
    const std::string told_url =
        options_.told_peer_port == 0 ? peer_url : url_at(options_.told_peer_port);
    const std::string cluster = options_.initial_cluster.empty() ? options_.name + '=' + told_url
                                                                 : options_.initial_cluster;
    Command command{{"etcd",          "--name",
                     options_.name,   "--data-dir",
                     options_.data,   "--listen-client-urls",
                     http_url(),      "--advertise-client-urls",
                     http_url(),      "--listen-peer-urls",
                     peer_url,        "--initial-advertise-peer-urls",
                     told_url,        "--initial-cluster",
                     cluster,         "--enable-v2=true",
                     "--logger",      "zap",
                     "--log-outputs", "stderr",
                     "--log-level",   "warn"},
                    without_etcd_variables()};
    const auto& extra = options_.extra_arguments;
    command.words.insert(command.words.end(), extra.begin(), extra.end());
    process_ = std::make_unique<ChildProcess>(std::move(command));
}

bool EtcdMember::is_healthy(milliseconds bound) const {
    const auto health = http_get(options_.port, "/health", bound);
    return health && health->find(R"("health":"true")") != std::string::npos;
}

bool EtcdMember::await_health(milliseconds bound) {
    const auto until = std::chrono::steady_clock::now() + bound;
    while (std::chrono::steady_clock::now() < until) {
        if (is_healthy()) return true;
        if (process_->wait(20ms)) break;
    }
    last_words_ = process_->rest_of_errors();
    if (last_words_.size() > 2000) last_words_.erase(0, last_words_.size() - 2000);
    return false;
}

std::optional<int> EtcdMember::ended() {
    return process_ ? process_->wait(0ms) : std::nullopt;
}

void EtcdMember::pause() {
    process_->signal(SIGSTOP);
}

void EtcdMember::resume() {
    process_->signal(SIGCONT);
}

void EtcdMember::kill() {
    process_.reset();
}

void EtcdMember::ask_to_end() {
    process_->signal(SIGTERM);
}

std::string EtcdMember::new_words() {
    return process_ ? process_->rest_of_errors() : std::string();
}

std::string EtcdMember::metrics() const {
    const auto answer = http_get(options_.port, "/metrics", 5s);
    if (!answer) throw std::runtime_error("etcd does not tell its metrics");
    return answer->substr(std::min(answer->find("\r\n\r\n"), answer->size()));
}

Command etcdctl_command(const std::string& endpoints, const char* api,
                        std::vector<std::string> arguments) {
    Command command{{"etcdctl", "--endpoints=" + endpoints}, without_etcd_variables()};
    command.environment["ETCDCTL_API"] = api;
    command.words.insert(command.words.end(), std::make_move_iterator(arguments.begin()),
                         std::make_move_iterator(arguments.end()));
    return command;
}

}  // namespace tenure::test
