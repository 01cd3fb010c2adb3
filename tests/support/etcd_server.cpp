#include "tests/support/etcd_server.hpp"

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/support/http_get.hpp"

namespace tenure::test {

using namespace std::chrono_literals;

std::string api_query() {
    const char* const api = std::getenv("TENURE_TEST_API");
    return api == nullptr || *api == '\0' ? "" : "?api=" + std::string(api);
}

EtcdServer::EtcdServer(std::vector<std::string> extra_arguments)
    : folder_(make_temporary_folder()) {
    try {
        // Somebody else may take a port between our looking and etcd's binding.
        for (int attempt = 0; attempt < 5; ++attempt) {
            MemberOptions options{.data = folder_ / "data",
                                  .port = free_server_port(),
                                  .peer_port = free_server_port(),
                                  .extra_arguments = extra_arguments};
            if (options.port == options.peer_port) continue;
            member_ = std::make_unique<EtcdMember>(std::move(options));
            if (launch()) return;
            if (last_words().find("address already in use") == std::string::npos) break;
            std::filesystem::remove_all(folder_ / "data");
        }
        throw std::runtime_error("etcd does not start: " + last_words());
    } catch (...) {
        member_.reset();
        std::filesystem::remove_all(folder_);
        throw;
    }
}

EtcdServer::~EtcdServer() {
    member_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

bool EtcdServer::launch() {
    member_->launch();
    if (member_->await_health(20s)) return true;
    member_->kill();
    return false;
}

std::string EtcdServer::last_words() const {
    return member_ ? member_->last_words() : "no free ports";
}

std::string EtcdServer::store_url() const {
    return "etcd://" + address() + api_query();
}

std::string EtcdServer::v2_url() const {
    return "etcd://" + address() + "?api=v2";
}

void EtcdServer::start_again() {
    if (!launch()) throw std::runtime_error("etcd does not start again: " + last_words());
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

Ended EtcdServer::etcdctl(std::vector<std::string> arguments) const {
    return run(etcdctl_command(http_url(), "3", std::move(arguments)), 10s);
}

Ended EtcdServer::etcdctl_v2(std::vector<std::string> arguments) const {
    return run(etcdctl_command(http_url(), "2", std::move(arguments)), 10s);
}

std::unique_ptr<ChildProcess> EtcdServer::start_etcdctl(std::vector<std::string> arguments) const {
    return std::make_unique<ChildProcess>(etcdctl_command(http_url(), "3", std::move(arguments)));
}

}  // namespace tenure::test
