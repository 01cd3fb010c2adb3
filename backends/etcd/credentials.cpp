#include "backends/etcd/credentials.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "backends/etcd/base64.hpp"

namespace tenure::etcd::detail {

Credentials load_credentials(Credentials credentials) {
    if (credentials.user.empty()) {
        throw std::invalid_argument("etcd store: the credentials have no user");
    }
    if (credentials.password_file.empty()) return credentials;
    const std::string about = "etcd store: password file '" + credentials.password_file + "' ";
    if (!credentials.password.empty()) {
        throw std::invalid_argument(about + "is given, and a password as well");
    }
    errno = 0;
    std::ifstream file(credentials.password_file);
    std::string password((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!file.is_open() || file.bad()) {
        throw std::invalid_argument(about +
                                    "cannot be read: " + std::generic_category().message(errno));
    }
    while (password.ends_with('\n') || password.ends_with('\r'))
        password.pop_back();
    if (password.empty()) throw std::invalid_argument(about + "is empty");
    credentials.password = std::move(password);
    return credentials;
}

std::string basic_authorization(const Credentials& credentials) {
    return "Basic " + to_base64(credentials.user + ':' + credentials.password);
}

}  // namespace tenure::etcd::detail
