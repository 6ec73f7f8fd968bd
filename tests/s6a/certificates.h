// SPDX-License-Identifier: Apache-2.0
// Certificate authorities of a test, and PEM files of what they issue.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace bindhss::test {

template <auto function>
struct FreeBy {
    template <class T>
    void operator()(T* object) const {
        function(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using X509Pointer = std::unique_ptr<X509, FreeBy<X509_free>>;

/// A folder that goes when the test ends.
class Folder {
  public:
    Folder() {
        static std::atomic<int> number = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("bindhss-tls-" + std::to_string(::getpid()) + "-" + std::to_string(number++));
        std::filesystem::create_directories(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    /// Replaces the file as a whole, as those who renew certificates do.
    std::string write(const std::string& name, const std::string& text, ::mode_t mode = 0600) const {
        const auto path = (path_ / name).string();
        std::ofstream(path + ".new") << text;
        ::chmod((path + ".new").c_str(), mode);
        std::filesystem::rename(path + ".new", path);
        return path;
    }
    [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

/// What a certificate is to say.
struct Wanted {
    std::string common_name = "somebody";
    std::string alternative_names = {};  ///< as in OpenSSL's configuration: "DNS:a,DNS:b"; empty: none
    std::string purposes = {};           ///< extendedKeyUsage; empty: none
    long valid_from_days = -1;
    long valid_to_days = 365;
    bool authority = false;
};

/// A certificate and its key in PEM.
struct Issued {
    std::string certificate;
    std::string key;
    long serial = 0;
};

class Authority {
  public:
    explicit Authority(const std::string& name = "test CA") : key_(EVP_EC_gen("P-256")) {
        Wanted wanted;
        wanted.common_name = name;
        wanted.authority = true;
        certificate_ = make(wanted, key_.get());
    }
    [[nodiscard]] std::string pem() const { return pem_of(certificate_.get()); }
    Issued issue(const Wanted& wanted) {
        const Key key(EVP_EC_gen("P-256"));
        const auto certificate = make(wanted, key.get());
        return {pem_of(certificate.get()), pem_of(key.get()), serial_};
    }
    /// For a Diameter node.
    Issued issue_for(const std::string& host) {
        Wanted wanted;
        wanted.alternative_names = "DNS:" + host;
        return issue(wanted);
    }
    [[nodiscard]] std::string crl(const std::vector<long>& revoked, long valid_to_days = 30) const {
        const std::unique_ptr<X509_CRL, FreeBy<X509_CRL_free>> list(X509_CRL_new());
        X509_CRL_set_version(list.get(), 1);
        X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate_.get()));
        const std::unique_ptr<ASN1_TIME, FreeBy<ASN1_TIME_free>> begin(
            X509_time_adj_ex(nullptr, -60, 0, nullptr));
        const std::unique_ptr<ASN1_TIME, FreeBy<ASN1_TIME_free>> end(
            X509_time_adj_ex(nullptr, static_cast<int>(valid_to_days), 0, nullptr));
        X509_CRL_set1_lastUpdate(list.get(), begin.get());
        X509_CRL_set1_nextUpdate(list.get(), end.get());
        for (const auto serial : revoked) {
            auto* const entry = X509_REVOKED_new();
            const std::unique_ptr<ASN1_INTEGER, FreeBy<ASN1_INTEGER_free>> number(ASN1_INTEGER_new());
            ASN1_INTEGER_set(number.get(), serial);
            X509_REVOKED_set_serialNumber(entry, number.get());
            X509_REVOKED_set_revocationDate(entry, begin.get());
            X509_CRL_add0_revoked(list.get(), entry);
        }
        X509_CRL_sign(list.get(), key_.get(), EVP_sha256());
        return pem_by([&list](BIO* bio) { PEM_write_bio_X509_CRL(bio, list.get()); });
    }

  private:
    template <class Write>
    static std::string pem_by(Write write) {
        const std::unique_ptr<BIO, FreeBy<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
        write(bio.get());
        char* data = nullptr;
        const auto size = BIO_get_mem_data(bio.get(), &data);
        return {data, static_cast<std::size_t>(size)};
    }
    static std::string pem_of(X509* certificate) {
        return pem_by([certificate](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
    }
    static std::string pem_of(EVP_PKEY* key) {
        return pem_by(
            [key](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
    }
    static void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
        X509V3_CTX context;
        X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
        const std::unique_ptr<X509_EXTENSION, FreeBy<X509_EXTENSION_free>> extension(
            X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
        if (!extension) throw std::runtime_error("no such extension: " + value);
        X509_add_ext(certificate, extension.get(), -1);
    }
    X509Pointer make(const Wanted& wanted, EVP_PKEY* key) {
        X509Pointer certificate(X509_new());
        X509_set_version(certificate.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial_);
        X509_time_adj_ex(X509_getm_notBefore(certificate.get()), static_cast<int>(wanted.valid_from_days), 0,
                         nullptr);
        X509_time_adj_ex(X509_getm_notAfter(certificate.get()), static_cast<int>(wanted.valid_to_days), 0,
                         nullptr);
        X509_set_pubkey(certificate.get(), key);
        const auto* const name = reinterpret_cast<const unsigned char*>(wanted.common_name.c_str());
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8, name, -1,
                                   -1, 0);
        auto* const issuer = certificate_ ? certificate_.get() : certificate.get();
        X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
        extend(certificate.get(), issuer, NID_basic_constraints,
               wanted.authority ? "critical,CA:TRUE" : "CA:FALSE");
        if (!wanted.alternative_names.empty())
            extend(certificate.get(), issuer, NID_subject_alt_name, wanted.alternative_names);
        if (!wanted.purposes.empty()) extend(certificate.get(), issuer, NID_ext_key_usage, wanted.purposes);
        X509_sign(certificate.get(), key_.get(), EVP_sha256());
        return certificate;
    }

    Key key_;
    X509Pointer certificate_;
    long serial_ = 0;
};

}  // namespace bindhss::test
