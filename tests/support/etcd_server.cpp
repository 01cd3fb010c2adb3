#include "tests/support/etcd_server.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/support/http_get.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;

std::filesystem::path make_folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "tenure-etcd-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return pattern;
}

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

std::string api_query() {
    const char* const api = std::getenv("TENURE_TEST_API");
    return api == nullptr || *api == '\0' ? "" : "?api=" + std::string(api);
}

EtcdServer::EtcdServer(std::vector<std::string> extra_arguments)
    : extra_arguments_(std::move(extra_arguments)), data_(make_folder()) {
    try {
        // Somebody else may take a port between our looking and etcd's binding.
        for (int attempt = 0; attempt < 5; ++attempt) {
            port_ = free_port();
            peer_port_ = free_port();
            if (port_ == peer_port_) continue;
            if (launch()) return;
            if (last_words_.find("address already in use") == std::string::npos) break;
            std::filesystem::remove_all(data_ / "data");
        }
        throw std::runtime_error("etcd does not start: " + last_words_);
    } catch (...) {
        process_.reset();
        std::filesystem::remove_all(data_);
        throw;
    }
}

EtcdServer::~EtcdServer() {
    process_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(data_, ignored);
}

bool EtcdServer::launch() {
    const std::string peer_url = "http://127.0.0.1:" + std::to_string(peer_port_);
    Command command{{"etcd",
                     "--name",
                     "test",
                     "--data-dir",
                     data_ / "data",
                     "--listen-client-urls",
                     http_url(),
                     "--advertise-client-urls",
                     http_url(),
                     "--listen-peer-urls",
                     peer_url,
                     "--initial-advertise-peer-urls",
                     peer_url,
                     "--initial-cluster",
                     "test=" + peer_url,
                     "--enable-v2=true",
                     "--logger",
                     "zap",
                     "--log-outputs",
                     "stderr",
                     "--log-level",
                     "warn"},
                    without_etcd_variables()};
    command.words.insert(command.words.end(), extra_arguments_.begin(), extra_arguments_.end());
    process_ = std::make_unique<ChildProcess>(std::move(command));
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < until) {
        // Healthy means that it has a leader and answers a linearizable read.
        const auto health = http_get(port_, "/health", 1s);
        if (health && health->find(R"("health":"true")") != std::string::npos) return true;
        if (process_->wait(20ms)) break;
    }
    last_words_ = process_->rest_of_errors();
    if (last_words_.size() > 2000) last_words_.erase(0, last_words_.size() - 2000);
    process_.reset();
    return false;
}

std::string EtcdServer::address() const {
    return "127.0.0.1:" + std::to_string(port_);
}

std::string EtcdServer::store_url() const {
    return "etcd://" + address() + api_query();
}

std::string EtcdServer::v2_url() const {
    return "etcd://" + address() + "?api=v2";
}

std::string EtcdServer::http_url() const {
    return "http://" + address();
}

pid_t EtcdServer::pid() const {
    return process_ ? process_->pid() : -1;
}

void EtcdServer::pause() {
    process_->signal(SIGSTOP);
}

void EtcdServer::resume() {
    process_->signal(SIGCONT);
}

void EtcdServer::kill() {
    process_.reset();
}

void EtcdServer::start_again() {
    if (process_) throw std::logic_error("etcd still runs");
    if (!launch()) throw std::runtime_error("etcd does not start again: " + last_words_);
}

std::string EtcdServer::metrics() const {
    const auto answer = http_get(port_, "/metrics", 5s);
    if (!answer) throw std::runtime_error("etcd does not tell its metrics");
    return answer->substr(std::min(answer->find("\r\n\r\n"), answer->size()));
}

double EtcdServer::metric(const std::string& name, const std::string& label) const {
    std::istringstream lines(metrics());
    double sum = 0;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(name + '{') && !line.starts_with(name + ' ')) continue;
        if (line.find(label) == std::string::npos) continue;
        sum += std::strtod(line.c_str() + line.rfind(' '), nullptr);
    }
    return sum;
}

Command EtcdServer::etcdctl_command(const char* api, std::vector<std::string> arguments) const {
    Command command{{"etcdctl", "--endpoints=" + http_url()}, without_etcd_variables()};
    command.environment["ETCDCTL_API"] = api;
    command.words.insert(command.words.end(), std::make_move_iterator(arguments.begin()),
                         std::make_move_iterator(arguments.end()));
    return command;
}

Ended EtcdServer::etcdctl(std::vector<std::string> arguments) const {
    return run(etcdctl_command("3", std::move(arguments)), 10s);
}

Ended EtcdServer::etcdctl_v2(std::vector<std::string> arguments) const {
    return run(etcdctl_command("2", std::move(arguments)), 10s);
}

std::unique_ptr<ChildProcess> EtcdServer::start_etcdctl(std::vector<std::string> arguments) const {
    return std::make_unique<ChildProcess>(etcdctl_command("3", std::move(arguments)));
}

}  // namespace tenure::test
