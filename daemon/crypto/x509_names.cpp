// SPDX-License-Identifier: Apache-2.0
#include "crypto/x509_names.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

namespace bindhss::crypto {

namespace {

constexpr std::size_t subject_octets_max = 512;

bool is_host_name(std::string_view text) {
    return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.' || c == '*';
    });
}

void add(std::vector<std::string>& names, std::string_view name) {
    if (is_host_name(name)) names.emplace_back(name);
}

/// True: the certificate has DNS names, of whatever use they are.
bool add_alternative_names(X509& certificate, std::vector<std::string>& names) {
    int absent = 0;
    const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> all(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, &absent, nullptr)),
        GENERAL_NAMES_free);
    bool any = !all && absent != -1;  // there, but malformed or doubled
    for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
        const auto* const name = sk_GENERAL_NAME_value(all.get(), i);
        if (name->type != GEN_DNS) continue;
        any = true;
        const auto* const octets = ASN1_STRING_get0_data(name->d.dNSName);
        add(names, {reinterpret_cast<const char*>(octets),
                    static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))});
    }
    return any;
}

void add_common_names(X509& certificate, std::vector<std::string>& names) {
    const auto* const subject = X509_get_subject_name(&certificate);
    for (int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); at >= 0;
         at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) {
        unsigned char* utf8 = nullptr;
        const auto size =
            ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
        if (size < 0) continue;
        add(names, {reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size)});
        OPENSSL_free(utf8);
    }
}

std::chrono::sys_seconds time_of(const ASN1_TIME* time) {
    std::tm broken_down{};
    if (ASN1_TIME_to_tm(time, &broken_down) != 1) return {};
    return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&broken_down)));
}

std::string subject_of(X509& certificate) {
    std::string text(subject_octets_max, '\0');
    X509_NAME_oneline(X509_get_subject_name(&certificate), text.data(), static_cast<int>(text.size()));
    text.resize(text.find('\0'));
    return text;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

bool fits(std::string_view name, std::string_view host) {
    if (!name.starts_with("*.")) return name.find('*') == std::string_view::npos && same(name, host);
    const auto rest = name.substr(1);
    const auto label = host.find('.');
    return rest.find('*') == std::string_view::npos && rest.find('.', 1) != std::string_view::npos &&
           label != std::string_view::npos && label != 0 && same(rest, host.substr(label));
}

}  // namespace

Certificate describe(X509& certificate) {
    Certificate result;
    // RFC 6125 6.4.4: the CN counts only where there is no DNS name at all.
    if (!add_alternative_names(certificate, result.names)) add_common_names(certificate, result.names);
    result.subject = subject_of(certificate);
    result.not_before = time_of(X509_get0_notBefore(&certificate));
    result.not_after = time_of(X509_get0_notAfter(&certificate));
    return result;
}

bool is_for_host(const Certificate& certificate, std::string_view host) {
    return std::ranges::any_of(certificate.names,
                               [host](const std::string& name) { return fits(name, host); });
}

}  // namespace bindhss::crypto
