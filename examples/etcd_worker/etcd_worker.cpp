// A service that works only while it leads, written with callbacks:
//
//     etcd_worker etcd://127.0.0.1:2379 jobs/cleaner node-1
//
// Start several; end one with Ctrl-C, or with SIGKILL, and see the next take over.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <iostream>
#include <tenure/etcd.hpp>
#include <tenure/tenure.hpp>

namespace {

using namespace std::chrono_literals;

// One step of work each half second, from `begin` to `end`.
class Cleaner {
public:
    explicit Cleaner(boost::asio::io_context& io) : timer_(io) {}

    void begin(tenure::Leadership leadership) {
        leadership_ = std::move(leadership);
        step();
    }
    void end() { timer_.cancel(); }

private:
    void step() {
        // Ask at the moment of use: a paused process finds out here, before any event has
        // reached it. And whatever it writes to is given the token, to refuse older ones.
        if (!leadership_.ensure(100ms)) return;
        std::cout << "cleaning, as the holder of token " << leadership_.token() << std::endl;
        timer_.expires_after(500ms);
        timer_.async_wait([this](boost::system::error_code error) {
            if (!error) step();
        });
    }

    boost::asio::steady_timer timer_;
    tenure::Leadership leadership_;
};

int run(const std::string& url, const std::string& name, const std::string& candidate) {
    boost::asio::io_context io;
    const auto store = tenure::open_store(io.get_executor(), url);
    tenure::Election election(io.get_executor(), store,
                              {.election = name, .candidate = candidate, .ttl = 5s});
    Cleaner cleaner(io);

    election.on_elected([&](const tenure::Leadership& leadership) { cleaner.begin(leadership); });
    election.on_unelected([&](tenure::LossReason why) {
        cleaner.end();
        std::cout << "no longer leading: " << why << std::endl;
    });
    election.on_leader([](const std::optional<tenure::Leader>& leader) {
        std::cout << "leader: " << (leader ? leader->candidate : "nobody") << std::endl;
    });
    election.on_error([](tenure::error_code error, std::string_view doing) {
        std::cerr << doing << ": " << error.message() << std::endl;
    });

    // Leaving in order lets the next one in at once, instead of after the lease's time.
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code error, int) {
        if (!error) election.async_stop([&] { io.stop(); });
    });
    election.start();
    io.run();
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4) {
        std::cerr << "usage: etcd_worker STORE-URL ELECTION CANDIDATE\n";
        return 64;
    }
    try {
        return run(arguments[1], arguments[2], arguments[3]);
    } catch (const std::invalid_argument& wrong) {
        std::cerr << "etcd_worker: " << wrong.what() << '\n';
        return 64;
    }
}
