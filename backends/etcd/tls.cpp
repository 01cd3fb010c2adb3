#include "backends/etcd/tls.hpp"

#include <openssl/x509.h>

#include <boost/asio/ssl/context.hpp>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

namespace tenure::etcd::detail {
namespace {

namespace ssl = boost::asio::ssl;

[[noreturn]] void refuse(const std::string& what, const std::string& file, const std::string& why) {
    throw std::invalid_argument("etcd store: " + what + " '" + file + "' " + why);
}

// OpenSSL says of a file that is not there the same as of one that may not be read.
void check_readable(const std::string& what, const std::string& file) {
    errno = 0;
    std::FILE* const opened = std::fopen(file.c_str(), "rb");
    const bool readable = opened != nullptr && std::fgetc(opened) != EOF;
    const int error = errno;
    if (opened != nullptr) std::fclose(opened);
    if (readable) return;
    refuse(what, file,
           error == 0 ? "is empty" : "cannot be read: " + std::generic_category().message(error));
}

void check_loaded(const error_code& error, const std::string& what, const std::string& file) {
    if (error) refuse(what, file, "is not in PEM format, or damaged: " + error.message());
}

void load_own_certificate(ssl::context& context, const TlsOptions& options) {
    const auto& certificate = options.certificate_file;
    const auto& key = options.key_file;
    if (certificate.empty() && key.empty()) return;
    if (certificate.empty() || key.empty()) {
        throw std::invalid_argument(
            certificate.empty()
                ? "etcd store: a key file is given, and no certificate file to go with it"
                : "etcd store: a certificate file is given, and no key file to go with it");
    }
    check_readable("certificate file", certificate);
    check_readable("key file", key);
    error_code error;
    context.use_certificate_chain_file(certificate, error);
    check_loaded(error, "certificate file", certificate);
    context.use_private_key_file(key, ssl::context::pem, error);
    if (error && error.message().find("mismatch") != std::string::npos) {
        refuse("key file", key, "is not the key of the certificate '" + certificate + "'");
    }
    check_loaded(error, "key file", key);
}

}  // namespace

std::shared_ptr<const Tls> load_tls(const TlsOptions& options) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                         ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                         ssl::context::no_tlsv1_1);
    // Never from a terminal: a library does not ask.
    context->set_password_callback([](std::size_t, auto) { return std::string(); });
    error_code error;
    if (options.ca_file.empty()) {
        context->set_default_verify_paths(error);
        if (error) {
            throw std::invalid_argument("etcd store: the system's CA certificates: " +
                                        error.message());
        }
    } else {
        check_readable("CA file", options.ca_file);
        context->load_verify_file(options.ca_file, error);
        check_loaded(error, "CA file", options.ca_file);
    }
    load_own_certificate(*context, options);
    const bool verifies = !options.insecure_skip_verification;
    context->set_verify_mode(verifies ? ssl::verify_peer : ssl::verify_none, error);
    return std::make_shared<const Tls>(Tls{std::move(context), options.server_name, verifies});
}

}  // namespace tenure::etcd::detail
