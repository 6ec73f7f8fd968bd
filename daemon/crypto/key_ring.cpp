// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_ring.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "crypto/secret_file.h"

namespace bindhss::crypto {

namespace {

constexpr std::uint8_t format_version = 1;
constexpr std::size_t nonce_octets = 12;
constexpr std::size_t tag_octets = 16;
constexpr std::size_t file_octets_max = 64 * 1024;

struct ContextDeleter {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

struct File {
    int descriptor = -1;
    explicit File(int fd) : descriptor(fd) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor >= 0) ::close(descriptor);
    }
};

std::runtime_error file_error(const std::string& path, const std::string& what) {
    return std::runtime_error("key file " + path + ": " + what);
}

std::string read_private_file(const std::string& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.descriptor < 0) throw file_error(path, std::strerror(errno));
    struct stat status {};
    if (::fstat(file.descriptor, &status) != 0) throw file_error(path, std::strerror(errno));
    if (!S_ISREG(status.st_mode)) throw file_error(path, "is not a regular file");
    if (open_to_others(status)) throw file_error(path, std::string(open_to_others_text));
    std::string text(file_octets_max, '\0');
    const auto size = ::read(file.descriptor, text.data(), text.size());
    if (size < 0) throw file_error(path, std::strerror(errno));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::pair<std::uint8_t, Secret<32>> parse_line(const std::string& path, std::size_t number,
                                               std::string_view line) {
    const auto where = "line " + std::to_string(number) + ": ";
    std::uint8_t key_number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), key_number);
    const auto hex_begin = line.find_first_not_of(" \t", static_cast<std::size_t>(end - line.data()));
    if (error != std::errc{} || key_number == 0 || hex_begin == std::string_view::npos) {
        throw file_error(path, where + "expected a number from 1 to 255 and a key");
    }
    auto octets = from_hex(line.substr(hex_begin));
    if (!octets || octets->size() != 32) throw file_error(path, where + "a key is 64 hexadecimal digits");
    const SecretString wiped(std::move(*octets));
    return {key_number, *Secret<32>::from(wiped.view())};
}

/// Length-prefixed, so that no two contexts give the same octets.
std::string associated_data(const SealContext& context) {
    std::string data;
    for (const auto part : {context.table, context.column, context.row}) {
        data.push_back(static_cast<char>(part.size() >> 8));
        data.push_back(static_cast<char>(part.size()));
        data.append(part);
    }
    return data;
}

const EVP_CIPHER* aes256_gcm() {
    static const auto* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    return cipher;
}

}  // namespace

KeyRing KeyRing::load(const std::string& path) {
    auto text = read_private_file(path);
    const std::unique_ptr<std::string, void (*)(std::string*)> wiper(
        &text, [](std::string* t) { explicit_bzero(t->data(), t->size()); });
    KeyRing ring;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        auto line = std::string_view(text).substr(begin, end - begin);
        begin = end + 1;
        ++number;
        line = line.substr(0, line.find('#'));
        while (!line.empty() && std::strchr(" \t\r", line.back()) != nullptr) line.remove_suffix(1);
        if (line.empty()) continue;
        const auto [key_number, key] = parse_line(path, number, line);
        if (!ring.keys_.emplace(key_number, key).second) {
            throw file_error(path, "line " + std::to_string(number) + ": key number occurs twice");
        }
    }
    if (ring.keys_.empty()) throw file_error(path, "holds no key");
    return ring;
}

void KeyRing::create(const std::string& path, Random& random) {
    Secret<32> key;
    random.fill(key.octets());
    std::string text =
        "# Key-encryption key of BindHSS. Back it up: without it no stored secret can be read.\n1 ";
    text += to_hex(key.view()) + "\n";
    const std::unique_ptr<std::string, void (*)(std::string*)> wiper(
        &text, [](std::string* t) { explicit_bzero(t->data(), t->size()); });
    const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file.descriptor < 0) throw file_error(path, std::strerror(errno));
    const auto written = ::write(file.descriptor, text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size()) || ::fsync(file.descriptor) != 0) {
        throw file_error(path, std::strerror(errno));
    }
}

KeyRing KeyRing::of(std::uint8_t number, const Secret<32>& key) {
    KeyRing ring;
    ring.keys_.emplace(number, key);
    return ring;
}

OctetString KeyRing::seal(OctetView secret, const SealContext& context, Random& random) const {
    return seal_under(keys_.rbegin()->first, secret, context, random);
}

OctetString KeyRing::seal_under(std::uint8_t number, OctetView secret, const SealContext& context,
                                Random& random) const {
    const auto& key = keys_.at(number);
    OctetString sealed(overhead_octets + secret.size());
    sealed[0] = format_version;
    sealed[1] = number;
    const std::span nonce(sealed.data() + 2, nonce_octets);
    random.fill(nonce);
    const auto aad = associated_data(context);
    auto* const ciphertext = nonce.data() + nonce_octets;
    const Context cipher(EVP_CIPHER_CTX_new());
    int size = 0;
    const bool sealed_well =
        cipher &&
        EVP_EncryptInit_ex2(cipher.get(), aes256_gcm(), key.octets().data(), nonce.data(), nullptr) == 1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &size, as_octets(aad).data(),
                          static_cast<int>(aad.size())) == 1 &&
        EVP_EncryptUpdate(cipher.get(), ciphertext, &size, secret.data(), static_cast<int>(secret.size())) ==
            1 &&
        EVP_EncryptFinal_ex(cipher.get(), ciphertext + size, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_octets, ciphertext + secret.size()) == 1;
    if (!sealed_well) throw std::runtime_error("AES-256-GCM failed in OpenSSL");
    return sealed;
}

std::optional<SecretString> KeyRing::open(OctetView sealed, const SealContext& context) const {
    if (sealed.size() < overhead_octets || sealed[0] != format_version) return std::nullopt;
    const auto key = keys_.find(sealed[1]);
    if (key == keys_.end()) return std::nullopt;
    const auto nonce = sealed.subspan(2, nonce_octets);
    const auto ciphertext = sealed.subspan(2 + nonce_octets, sealed.size() - overhead_octets);
    Octets<tag_octets> tag;
    std::copy(sealed.end() - tag_octets, sealed.end(), tag.begin());
    const auto aad = associated_data(context);
    // One context a thread: making and keying it anew would cost more than opening a key of 16 octets.
    thread_local const Context cipher(EVP_CIPHER_CTX_new());
    OctetString secret(ciphertext.size());
    int size = 0;
    const bool opened =
        cipher &&
        EVP_DecryptInit_ex2(cipher.get(), aes256_gcm(), key->second.octets().data(), nonce.data(), nullptr) ==
            1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &size, as_octets(aad).data(),
                          static_cast<int>(aad.size())) == 1 &&
        EVP_DecryptUpdate(cipher.get(), secret.data(), &size, ciphertext.data(),
                          static_cast<int>(ciphertext.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_octets, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(cipher.get(), secret.data() + size, &size) == 1;
    SecretString result(std::move(secret));
    if (!opened) return std::nullopt;
    return result;
}

std::vector<std::uint8_t> KeyRing::numbers() const {
    std::vector<std::uint8_t> numbers;
    for (const auto& [number, key] : keys_) numbers.push_back(number);
    return numbers;
}

}  // namespace bindhss::crypto
