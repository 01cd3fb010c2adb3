#include "tests/support/keys_api.hpp"

#include <stdexcept>

#include "tests/support/http_get.hpp"

namespace tenure::test {
namespace {

constexpr int events_kept = 1000;

std::string send(const EtcdServer& etcd, const std::string& verb, const std::string& path,
                 const std::string& form) {
    const auto answer =
        http_send(etcd.port(), verb, "/v2/keys" + path, form, std::chrono::seconds(5));
    if (!answer) throw std::runtime_error("etcd does not answer " + verb + ' ' + path);
    const auto head = answer->find("\r\n\r\n");
    return head == std::string::npos ? std::string() : answer->substr(head + 4);
}

}  // namespace

std::string get_key(const EtcdServer& etcd, const std::string& path) {
    return send(etcd, "GET", path, {});
}

std::string put_key(const EtcdServer& etcd, const std::string& path, const std::string& form) {
    return send(etcd, "PUT", path, form);
}

std::string post_key(const EtcdServer& etcd, const std::string& path, const std::string& form) {
    return send(etcd, "POST", path, form);
}

std::string delete_key(const EtcdServer& etcd, const std::string& path) {
    return send(etcd, "DELETE", path, {});
}

bool forget_history(const EtcdServer& etcd) {
    for (int i = 0; i <= events_kept; ++i)
        put_key(etcd, "/filler", "value=x");
    return true;
}

}  // namespace tenure::test
