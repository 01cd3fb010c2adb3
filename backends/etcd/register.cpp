// Makes `etcd://…` and `etcds://…` known to `open_store`, before main(). Nothing calls into this
// file, so whoever links tenure::etcd is told by CMake to ask its linker for the symbol below: a
// static library would otherwise be left without it.
#include <tenure/etcd.hpp>
#include <tenure/open_store.hpp>

namespace {

bool register_both() {
    const tenure::StoreFactory open = [](boost::asio::any_io_executor executor,
                                         std::string_view url) {
        return tenure::etcd::make_store(std::move(executor), tenure::etcd::parse_url(url));
    };
    tenure::register_store("etcd", open);
    tenure::register_store("etcds", open);
    return true;
}

}  // namespace

extern "C" const bool tenure_etcd_is_registered = register_both();
