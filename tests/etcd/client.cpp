#include "tests/etcd/client.hpp"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <sstream>
#include <tenure/open_store.hpp>
#include <thread>
#include <utility>

namespace tenure::test {

std::string describe(const std::vector<result<Change>>& outcomes) {
    std::ostringstream words;
    const char* separator = "";
    for (const auto& outcome : outcomes) {
        words << std::exchange(separator, ", ");
        if (!outcome) {
            words << outcome.error().code;
            continue;
        }
        const char* const kinds[] = {"created", "updated", "removed"};
        words << kinds[static_cast<int>(outcome->kind)] << " '" << outcome->entry.value << "'";
    }
    return words.str();
}

struct Threads::Impl {
    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        io.get_executor()};
    std::vector<std::thread> threads;
};

Threads::Threads(int count) : impl_(std::make_unique<Impl>()) {
    for (int i = 0; i < count; ++i)
        impl_->threads.emplace_back([this] { impl_->io.run(); });
}

Threads::~Threads() {
    impl_->work.reset();
    impl_->io.stop();
    for (std::thread& thread : impl_->threads)
        thread.join();
}

boost::asio::any_io_executor Threads::executor() {
    return impl_->io.get_executor();
}

Client::Client(const std::vector<std::string>& addresses, std::chrono::milliseconds request_timeout,
               std::chrono::milliseconds watch_check) {
    std::string url = "etcd://";
    for (const std::string& address : addresses)
        url += (url.ends_with('/') ? "" : ",") + address;
    etcd::StoreOptions options = etcd::parse_url(url + api_query());
    options.request_timeout = request_timeout;
    options.watch_check = watch_check;
    store_ = etcd::make_store(threads_.executor(), options);
}

Client::Client(const etcd::StoreOptions& options)
    : store_(etcd::make_store(threads_.executor(), options)) {}

result<Lease> Client::try_grant(Duration ttl) {
    return ask<Lease>([&](KeyStore& store, auto reply) { store.grant_lease(ttl, reply); });
}

Lease Client::grant(Duration ttl) {
    return try_grant(ttl).value();
}

result<Lease> Client::renew(LeaseId id) {
    return ask<Lease>([&](KeyStore& store, auto reply) { store.renew_lease(id, reply); });
}

Entry Client::create(const std::string& prefix, const std::string& value, LeaseId lease) {
    return ask<Entry>([&](KeyStore& store, auto reply) {
               store.create({prefix, value, lease}, reply);
           })
        .value();
}

result<Standing> Client::enter(const std::string& prefix, const std::string& value, LeaseId lease) {
    return ask<Standing>([&](KeyStore& store, auto reply) {
        store.enter({prefix, value, lease}, reply);
    });
}

result<Revision> Client::update(const Entry& entry, const std::string& value) {
    return ask<Revision>([&](KeyStore& store, auto reply) { store.update(entry, value, reply); });
}

void Client::remove(const Entry& entry) {
    ask<void>([&](KeyStore& store, auto reply) { store.remove(entry, reply); }).value();
}

result<void> Client::revoke(LeaseId id) {
    return ask<void>([&](KeyStore& store, auto reply) { store.revoke_lease(id, reply); });
}

Listing Client::list(const std::string& prefix) {
    return ask<Listing>([&](KeyStore& store, auto reply) { store.list({prefix}, reply); }).value();
}

Client::Watching Client::watch(WatchTarget::Scope scope, const std::string& name, Revision after) {
    Watching watching;
    watching.watch = store_->watch({scope, name, after}, watching.heard.reply());
    return watching;
}

EtcdServer& shared_etcd() {
    static EtcdServer etcd;
    return etcd;
}

bool comes_true(const std::function<bool()>& look) {
    const Instant end = LeaseClock::now() + std::chrono::seconds(20);
    while (!look()) {
        if (LeaseClock::now() > end) return false;
    }
    return true;
}

std::string fresh_name() {
    static std::atomic<int> last = 0;
    return "election-" + std::to_string(++last);
}

}  // namespace tenure::test
