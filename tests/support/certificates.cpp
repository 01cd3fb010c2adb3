#include "tests/support/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>

#include "tests/support/etcd_member.hpp"

namespace tenure::test {
namespace {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
using Key = std::unique_ptr<::EVP_PKEY, Release<::EVP_PKEY_free>>;
using Certificate = std::unique_ptr<::X509, Release<::X509_free>>;

void check(bool worked, const char* what) {
    if (!worked) throw std::runtime_error(std::string("OpenSSL does not ") + what);
}

template <class Write>
void write_file(const std::filesystem::path& path, Write write) {
    std::FILE* const file = std::fopen(path.c_str(), "wb");
    check(file != nullptr, "get a file to write");
    const bool written = write(file) == 1;
    check(std::fclose(file) == 0 && written, "write a file");
}

void save(const Certificate& certificate, const Key& key, const CertificateFiles& files) {
    write_file(files.certificate,
               [&](std::FILE* file) { return ::PEM_write_X509(file, certificate.get()); });
    write_file(files.key, [&](std::FILE* file) {
        return ::PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

void extend(const Certificate& certificate, const Certificate& issuer, int kind,
            const std::string& value) {
    ::X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    ::X509V3_set_ctx(&context, issuer.get(), certificate.get(), nullptr, nullptr, 0);
    ::X509_EXTENSION* const extension =
        ::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    check(extension != nullptr, "make an extension");
    ::X509_add_ext(certificate.get(), extension, -1);
    ::X509_EXTENSION_free(extension);
}

// Without a signature yet.
Certificate draft(const CertificateRequest& request, const Key& key) {
    static long last_serial = 0;
    Certificate certificate(::X509_new());
    ::X509* const raw = certificate.get();
    check(::X509_set_version(raw, 2) == 1, "make a certificate");
    ::ASN1_INTEGER_set(::X509_get_serialNumber(raw), ++last_serial);
    ::X509_gmtime_adj(::X509_getm_notBefore(raw), request.valid_from.count());
    ::X509_gmtime_adj(::X509_getm_notAfter(raw), request.valid_until.count());
    const auto* const name = reinterpret_cast<const unsigned char*>(request.name.c_str());
    ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(raw), request.has_common_name ? "CN" : "O",
                                 MBSTRING_UTF8, name, -1, -1, 0);
    check(::X509_set_pubkey(raw, key.get()) == 1, "take a key");
    return certificate;
}

}  // namespace

struct CertificateAuthority::Keys {
    Key key;
    Certificate certificate;
};

CertificateAuthority::CertificateAuthority(const std::string& name)
    : folder_(make_temporary_folder()), keys_(std::make_unique<Keys>()) {
    keys_->key.reset(EVP_EC_gen("P-256"));
    check(keys_->key != nullptr, "make a key");
    keys_->certificate = draft({.name = name}, keys_->key);
    const Certificate& own = keys_->certificate;
    ::X509_set_issuer_name(own.get(), ::X509_get_subject_name(own.get()));
    extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
    extend(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
    check(::X509_sign(own.get(), keys_->key.get(), ::EVP_sha256()) > 0, "sign");
    save(own, keys_->key, {file(), folder_ / "ca.key"});
}

CertificateAuthority::~CertificateAuthority() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

CertificateFiles CertificateAuthority::issue(const CertificateRequest& request) const {
    const Key key(EVP_EC_gen("P-256"));
    check(key != nullptr, "make a key");
    const Certificate certificate = draft(request, key);
    const Certificate& issuer = keys_->certificate;
    ::X509_set_issuer_name(certificate.get(), ::X509_get_subject_name(issuer.get()));
    extend(certificate, issuer, NID_basic_constraints, "CA:FALSE");
    extend(certificate, issuer, NID_ext_key_usage, "serverAuth,clientAuth");
    if (!request.for_whom.empty()) {
        extend(certificate, issuer, NID_subject_alt_name, request.for_whom);
    }
    check(::X509_sign(certificate.get(), keys_->key.get(), ::EVP_sha256()) > 0, "sign");
    CertificateFiles files{folder_ / (request.name + ".pem"), folder_ / (request.name + ".key")};
    save(certificate, key, files);
    return files;
}

}  // namespace tenure::test
