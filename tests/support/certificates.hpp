// Certificates of a test's own, in files as programs want them.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace tenure::test {

struct CertificateRequest {
    /// Of its files, and its CommonName unless that is left out.
    std::string name = "server";
    bool has_common_name = true;
    /// As OpenSSL writes what it is for: `DNS:localhost,IP:127.0.0.1`; for nothing when empty.
    std::string for_whom = "DNS:localhost,IP:127.0.0.1";
    /// From now.
    std::chrono::seconds valid_from = std::chrono::hours(-2);
    std::chrono::seconds valid_until = std::chrono::hours(2);
};

struct CertificateFiles {
    std::filesystem::path certificate;
    std::filesystem::path key;
};

/// Its files are in a temporary folder that goes with it. Throws std::runtime_error when OpenSSL
/// will not.
class CertificateAuthority {
public:
    explicit CertificateAuthority(const std::string& name = "Tenure test CA");
    ~CertificateAuthority();
    CertificateAuthority(const CertificateAuthority&) = delete;
    CertificateAuthority& operator=(const CertificateAuthority&) = delete;

    const std::filesystem::path& folder() const noexcept { return folder_; }
    /// Its own certificate.
    std::filesystem::path file() const { return folder_ / "ca.pem"; }
    CertificateFiles issue(const CertificateRequest& request) const;

private:
    struct Keys;
    std::filesystem::path folder_;
    std::unique_ptr<Keys> keys_;
};

}  // namespace tenure::test
