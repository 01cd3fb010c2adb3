// Stores that speak TLS to an etcd whose certificate the test's own CA has signed.
#pragma once

#include <string>
#include <tenure/etcd.hpp>

#include "tests/support/certificates.hpp"

namespace tenure::test {

inline CertificateAuthority& authority() {
    static CertificateAuthority the_authority;
    return the_authority;
}

/// `query` as in a URL: `?api=v2`.
inline etcd::StoreOptions through_tls(const std::string& address, const std::string& query = {}) {
    etcd::StoreOptions options = etcd::parse_url("etcds://" + address + query);
    options.tls->ca_file = authority().file();
    return options;
}

/// The same, and shows a certificate of our own.
inline etcd::StoreOptions through_tls_as(const CertificateFiles& own, const std::string& address,
                                         const std::string& query = {}) {
    etcd::StoreOptions options = through_tls(address, query);
    options.tls->certificate_file = own.certificate;
    options.tls->key_file = own.key;
    return options;
}

}  // namespace tenure::test
