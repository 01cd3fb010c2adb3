#include <boost/asio/io_context.hpp>
#include <iostream>
#include <tenure/tenure.hpp>

int main() {
    boost::asio::io_context io;
    auto store = tenure::open_store(io.get_executor(), "memory:");  // or etcd://127.0.0.1:2379
    tenure::Election election(
        io.get_executor(), store,
        {.election = "billing/leader", .candidate = "node-1", .ttl = std::chrono::seconds(10)});

    election.on_elected([&](const tenure::Leadership& leadership) {
        std::cout << "leading with token " << leadership.token() << std::endl;
        election.stop();  // a service starts its work here, and stops when it shuts down
    });
    election.on_unelected([](tenure::LossReason why) {
        std::cout << "no longer leading: " << why << std::endl;  // the work has to end here
    });
    election.on_error([](tenure::error_code error, std::string_view doing) {
        std::cerr << doing << ": " << error.message() << std::endl;  // it goes on by itself
    });
    election.start();
    io.run();
}
