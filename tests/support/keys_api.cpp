#include "tests/support/keys_api.hpp"

#include <stdexcept>

#include "tests/support/http_get.hpp"

namespace tenure::test {
namespace {

constexpr int events_kept = 1000;

std::string send(std::uint16_t port, const std::string& verb, const std::string& path,
                 const std::string& form) {
    const auto answer = http_send(port, verb, "/v2/keys" + path, form, std::chrono::seconds(5));
    if (!answer) throw std::runtime_error("etcd does not answer " + verb + ' ' + path);
    const auto head = answer->find("\r\n\r\n");
    return head == std::string::npos ? std::string() : answer->substr(head + 4);
}

}  // namespace

std::string get_key(const EtcdServer& etcd, const std::string& path) {
    return send(etcd.port(), "GET", path, {});
}

std::string put_key(const EtcdServer& etcd, const std::string& path, const std::string& form) {
    return send(etcd.port(), "PUT", path, form);
}

std::string post_key(const EtcdServer& etcd, const std::string& path, const std::string& form) {
    return send(etcd.port(), "POST", path, form);
}

std::string delete_key(const EtcdServer& etcd, const std::string& path) {
    return send(etcd.port(), "DELETE", path, {});
}

bool forget_history(std::uint16_t port) {
    for (int i = 0; i <= events_kept; ++i) {
        const std::string answer = send(port, "PUT", "/filler", "value=x");
        if (answer.find(R"("action":"set")") == std::string::npos) return false;
    }
    return true;
}

bool forget_history(const EtcdServer& etcd) {
    return forget_history(etcd.port());
}

}  // namespace tenure::test
