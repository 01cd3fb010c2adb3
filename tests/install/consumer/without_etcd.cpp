// The library alone elects on a store in memory, and knows no other scheme.
#include <boost/asio/io_context.hpp>
#include <tenure/tenure.hpp>

int main() {
    boost::asio::io_context io;
    tenure::Election election(io.get_executor(), tenure::open_store(io.get_executor(), "memory:"),
                              {.election = "e", .candidate = "c"});
    int elected = 0;
    election.on_elected([&](const tenure::Leadership& leadership) {
        if (leadership.valid()) ++elected;
        election.stop();
    });
    election.start();
    io.run();
    return elected == 1 && tenure::store_schemes() == std::vector<std::string>{"memory"} ? 0 : 1;
}
