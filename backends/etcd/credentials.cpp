#include "backends/etcd/credentials.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "backends/etcd/base64.hpp"

namespace tenure::etcd::detail {

namespace {

std::string read(const std::string& name, const std::string& about) {
    errno = 0;
    std::ifstream file(name);
    std::string text;
    // What can be opened may turn out to be a directory.
    const bool is_read = file.is_open() && !std::filesystem::is_directory(name) &&
                         !std::getline(file, text, '\0').bad();
    if (is_read) return text;
    const int why = file.is_open() && errno == 0 ? EISDIR : errno;
    throw std::invalid_argument(about + "cannot be read: " + std::generic_category().message(why));
}

}  // namespace

Credentials load_credentials(Credentials credentials) {
    if (credentials.user.empty()) {
        throw std::invalid_argument("etcd store: the credentials have no user");
    }
    if (credentials.password_file.empty()) return credentials;
    const std::string about = "etcd store: password file '" + credentials.password_file + "' ";
    if (!credentials.password.empty()) {
        throw std::invalid_argument(about + "is given, and a password as well");
    }
    std::string password = read(credentials.password_file, about);
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
