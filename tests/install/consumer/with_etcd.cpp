// Never names anything of the backend: linking it has to be enough for its URLs.
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <tenure/tenure.hpp>

int main() {
    try {
        boost::asio::io_context io;
        const auto store = tenure::open_store(io.get_executor(), "etcd://127.0.0.1:2379");
        return store ? 0 : 1;
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
