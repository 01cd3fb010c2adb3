// A store over the v2 keys API, and the line under it that a test can break.
#pragma once

#include <string>
#include <vector>

#include "tests/etcd/client.hpp"
#include "tests/support/keys_api.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {

inline etcd::StoreOptions over_v2(const std::string& address,
                                  std::chrono::milliseconds request_timeout) {
    etcd::StoreOptions options = etcd::parse_url("etcd://" + address + "?api=v2");
    options.request_timeout = request_timeout;
    return options;
}

class KeysClient : public Client {
public:
    explicit KeysClient(const EtcdServer& etcd) : KeysClient(etcd.address()) {}
    /// Its requests are given up soon.
    explicit KeysClient(const TcpProxy& line)
        : Client(over_v2(line.address(), std::chrono::milliseconds(1500))) {}
    explicit KeysClient(const std::string& address)
        : Client(over_v2(address, std::chrono::seconds(5))) {}

    result<Entry> try_create(const std::string& prefix, const std::string& value, LeaseId lease) {
        return ask<Entry>([&](KeyStore& store, auto reply) {
            store.create({prefix, value, lease}, reply);
        });
    }
    /// The values in line, with a comma after each.
    std::string line(const std::string& prefix) {
        std::string values;
        for (const Entry& entry : list(prefix).entries)
            values += entry.value + ',';
        return values;
    }
};

}  // namespace tenure::test
