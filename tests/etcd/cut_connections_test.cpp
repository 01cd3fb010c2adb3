// Connections that are cut at any byte of what they carry, thousands of them: each call is replied
// to once, and neither descriptors nor memory are left behind.
#include <malloc.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <thread>

#include "tests/etcd/client.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace tenure::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using Scope = WatchTarget::Scope;

std::size_t number_from(const char* name, std::size_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Bytes that were allocated and not freed, by all threads.
std::size_t bytes_in_use() {
    return mallinfo2().uordblks;
}

/// A store under calls of all kinds, each followed by another one when it was replied to; on the
/// thread that calls.
class Load {
public:
    Load(const std::string& address, boost::random::mt19937& chance) : chance_(chance) {
        etcd::StoreOptions options = etcd::parse_url("etcd://" + address + api_query());
        options.request_timeout = 2s;
        options.watch_check = 50ms;
        store_ = etcd::make_store(io_.get_executor(), options);
    }

    /// Until `is_enough`, at most for so long, and until no call is left without its reply. Whether
    /// nothing is left to do then.
    bool run(const std::function<bool()>& is_enough, std::chrono::seconds bound) {
        constexpr int at_once = 12;
        const auto end = steady_clock::now() + bound;
        is_over_ = false;
        for (int i = 0; i < at_once; ++i)
            call();
        io_.restart();
        while (!is_enough() && steady_clock::now() < end)
            io_.run_for(20ms);
        is_over_ = true;
        while (outstanding() > 0 && steady_clock::now() < end)
            io_.run_for(20ms);
        watches_.clear();
        io_.restart();
        io_.run_for(20s);
        return io_.stopped();
    }
    /// Destroys the store, and lets it go; whether nothing is left to do then.
    bool end() {
        store_.reset();
        io_.restart();
        io_.run_for(20s);
        return io_.stopped();
    }

    std::size_t asked() const { return asked_; }
    std::size_t replied() const { return replied_; }
    std::size_t failed() const { return failed_; }
    std::size_t doubled() const { return doubled_; }
    std::size_t outstanding() const { return asked_ - replied_; }
    std::size_t changes() const { return changes_; }

private:
    // Counts the reply to one call, and asks for the next; a second one is counted, too.
    template <class T>
    Reply<T> once() {
        ++asked_;
        return [this, was_replied = std::make_shared<bool>(false)](const result<T>& outcome) {
            if (std::exchange(*was_replied, true)) {
                ++doubled_;
                return;
            }
            ++replied_;
            if (!outcome) ++failed_;
            if constexpr (std::is_same_v<T, Lease>) {
                if (outcome) lease_ = outcome->id;
            }
            if constexpr (std::is_same_v<T, Standing>) {
                if (outcome && outcome->own) entry_ = *outcome->own;
            }
            if (!is_over_) call();
        };
    }

    void call() {
        const std::string name = "cut";
        switch (boost::random::uniform_int_distribution<int>(0, 19)(chance_)) {
            case 0: return store_->grant_lease(60s, once<Lease>());
            case 1:
            case 2:
            case 3:
            case 4: return store_->renew_lease(lease_, once<Lease>());
            case 5:
            case 6: return store_->enter({name, "value", lease_}, once<Standing>());
            case 7:
            case 8:
            case 9: return store_->list({.prefix = name, .limit = 5}, once<Listing>());
            case 10:
            case 11:
            case 12: return store_->update(entry_, "other", once<Revision>());
            case 13:
            case 14:
            case 15: return store_->standing(name, entry_, once<Standing>());
            case 16:
            case 17:
            case 18: return store_->remove(entry_, once<void>());
            default:
                watch(name);
                return store_->list({.prefix = name, .limit = 1}, once<Listing>());
        }
    }

    // Some, of which one ends when another one begins; each fails at most once, as the last thing.
    void watch(const std::string& name) {
        constexpr std::size_t most = 20;
        const auto has_failed = std::make_shared<bool>(false);
        watches_.push_back(store_->watch({Scope::prefix, name, Revision{1}},
                                         [this, has_failed](const result<Change>& change) {
                                             ++changes_;
                                             if (*has_failed) ++doubled_;
                                             *has_failed = change.has_error();
                                         }));
        if (watches_.size() > most) watches_.pop_front();
    }

    boost::asio::io_context io_;
    boost::random::mt19937& chance_;
    std::shared_ptr<KeyStore> store_;
    std::deque<std::unique_ptr<Watch>> watches_;
    LeaseId lease_{1};
    Entry entry_{"cut/1", "value", LeaseId{1}, Revision{1}};
    bool is_over_ = false;
    std::size_t asked_ = 0;
    std::size_t replied_ = 0;
    std::size_t failed_ = 0;
    std::size_t doubled_ = 0;
    std::size_t changes_ = 0;
};

/// What came of many cuts.
struct Outcome {
    std::size_t cuts = 0;
    std::size_t asked = 0;
    std::size_t replied = 0;
    std::size_t failed = 0;
    std::size_t doubled = 0;
    std::size_t changes = 0;
    bool came_to_rest = false;
    std::chrono::duration<double> took{};
};

Outcome cut(const EtcdServer& etcd, std::size_t count, std::uint32_t seed) {
    boost::random::mt19937 chance(seed);
    const auto begin = steady_clock::now();
    TcpProxy proxy(etcd.port());
    proxy.cut_at_random(seed);
    Load load(proxy.address(), chance);
    const auto bound = 60s + std::chrono::seconds(count / 20);
    Outcome outcome;
    outcome.came_to_rest = load.run([&] { return proxy.cut_by_chance() >= count; }, bound);
    outcome.cuts = proxy.cut_by_chance();
    outcome.asked = load.asked();
    outcome.replied = load.replied();
    outcome.failed = load.failed();
    outcome.changes = load.changes();
    outcome.came_to_rest = load.end() && outcome.came_to_rest;
    outcome.doubled = load.doubled();
    outcome.took = steady_clock::now() - begin;
    return outcome;
}

// What the allocator keeps for a thread counts as memory in use, until that thread ends.
Outcome cut_on_a_thread(const EtcdServer& etcd, std::size_t count, std::uint32_t seed) {
    Outcome outcome;
    std::thread([&] { outcome = cut(etcd, count, seed); }).join();
    return outcome;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cut_connections)

BOOST_AUTO_TEST_CASE(neither_replies_nor_descriptors_nor_memory_are_lost) {
    const std::size_t cuts = number_from("TENURE_CUTS", sanitized ? 500 : 1500);
    const auto seed = static_cast<std::uint32_t>(number_from("TENURE_SEED", 1));
    BOOST_TEST_INFO_SCOPE("again with TENURE_SEED=" << seed << " TENURE_CUTS=" << cuts);
    EtcdServer etcd;
    // What is made once, and kept, is made now.
    cut_on_a_thread(etcd, 200, seed + 1);
    const std::size_t descriptors = open_descriptors();
    // It complains of every cut, and that is kept in memory, too.
    etcd.take_log();
    const std::size_t bytes = bytes_in_use();
    const Outcome outcome = cut_on_a_thread(etcd, cuts, seed);
    etcd.take_log();
    const auto grown = static_cast<std::int64_t>(bytes_in_use()) - static_cast<std::int64_t>(bytes);
    BOOST_TEST_MESSAGE(
        outcome.cuts << " connections cut in " << outcome.took.count() << " s; " << outcome.asked
                     << " calls, " << outcome.failed << " of them failed, " << outcome.changes
                     << " reports of watches; memory has grown by " << grown
                     << " bytes, descriptors from " << descriptors << " to " << open_descriptors());
    BOOST_TEST(outcome.cuts >= cuts, "the time is over");
    BOOST_TEST(outcome.came_to_rest, "an idle store keeps its context busy");
    BOOST_TEST(outcome.replied == outcome.asked);
    BOOST_TEST(outcome.doubled == 0U);
    BOOST_TEST(outcome.failed < outcome.asked, "nothing comes through at all");
    BOOST_TEST(open_descriptors() == descriptors);
    // Less than three bytes for each cut of the short run: no leak is as small.
    constexpr std::int64_t slack = 4096;
    BOOST_TEST(grown <= slack);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::test
