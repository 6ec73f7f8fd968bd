// SPDX-License-Identifier: Apache-2.0
#include "emu/device_key_file.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace bindhss::emu {
namespace {

constexpr std::array<std::pair<std::string_view, DeviceKeyKind>, 5> kinds{{
    {"x25519", {crypto::KeyType::x25519, 0}},
    {"p256", {crypto::KeyType::p256, 0}},
    {"rsa2048", {crypto::KeyType::rsa, 2048}},
    {"rsa3072", {crypto::KeyType::rsa, 3072}},
    {"rsa4096", {crypto::KeyType::rsa, 4096}},
}};

/// Nothing when it cannot be read.
std::optional<SecretString> octets_of_file(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    std::ifstream input(path, std::ios::binary);
    if (error || !input) return std::nullopt;
    OctetString octets(size);
    input.read(reinterpret_cast<char*>(octets.data()), static_cast<std::streamsize>(size));
    if (static_cast<std::uintmax_t>(input.gcount()) != size) return std::nullopt;
    return SecretString(std::move(octets));
}

}  // namespace

std::optional<DeviceKeyKind> parse_device_key_kind(std::string_view text) {
    for (const auto& [name, kind] : kinds) {
        if (name == text) return kind;
    }
    return std::nullopt;
}

std::string device_key_kinds() {
    std::string names;
    for (const auto& [name, kind] : kinds) names += (names.empty() ? "" : ", ") + std::string(name);
    return names;
}

crypto::DevicePrivateKey generate_device_key(const DeviceKeyKind& kind) {
    return crypto::DevicePrivateKey::generate(kind.type, kind.bits);
}

std::variant<crypto::DevicePrivateKey, std::string> read_device_key(const std::string& path) {
    auto keys = read_device_keys(path);
    if (auto* complaint = std::get_if<std::string>(&keys)) return std::move(*complaint);
    return std::get<std::vector<DeviceKeyPair>>(keys).front().private_half;
}

std::variant<std::vector<DeviceKeyPair>, std::string> read_device_keys(const std::string& path) {
    constexpr std::string_view end_line = "-----END PRIVATE KEY-----";
    const auto octets = octets_of_file(path);
    if (!octets) return "the private key file " + path + " cannot be read";
    std::string_view rest(reinterpret_cast<const char*>(octets->view().data()), octets->size());
    std::vector<DeviceKeyPair> keys;
    while (rest.find_first_not_of(" \r\n\t") != std::string_view::npos) {
        const auto end = rest.find(end_line);
        const auto size = end == std::string_view::npos ? rest.size() : end + end_line.size();
        auto key = crypto::DevicePrivateKey::parse_pem(rest.substr(0, size));
        if (!key) break;
        keys.emplace_back(std::move(*key));
        rest.remove_prefix(size);
    }
    if (!keys.empty() && rest.find_first_not_of(" \r\n\t") == std::string_view::npos) return keys;
    return path + " has no private key in PEM (PKCS#8, without a passphrase) of " + device_key_kinds();
}

void write_device_keys(const std::string& path, const std::vector<DeviceKeyPair>& keys) {
    using std::filesystem::perms;
    std::ofstream out(path, std::ios::trunc);
    if (out) std::filesystem::permissions(path, perms::owner_read | perms::owner_write);
    for (const auto& key : keys) {
        const auto pem = key.private_half.pem();
        out.write(reinterpret_cast<const char*>(pem.view().data()), static_cast<std::streamsize>(pem.size()));
    }
    out.close();
    if (!out) throw std::runtime_error(path + " cannot be written");
}

void write_kme(const std::string& path, std::uint32_t generation, const SecretString& kme) {
    using std::filesystem::perms;
    std::ofstream out(path, std::ios::trunc);
    if (out) std::filesystem::permissions(path, perms::owner_read | perms::owner_write);
    out << generation << ':' << to_hex(kme.view()) << '\n';
    out.close();
    if (!out) throw std::runtime_error(path + " cannot be written");
}

void write_device_key_line(std::ostream& out, Imei imei, const crypto::DevicePublicKey& key) {
    out << imei.str() << ',' << to_hex(key.der()) << ",bindhss-emu\n";
}

}  // namespace bindhss::emu
