// SPDX-License-Identifier: Apache-2.0
#include "binding/container.h"

#include <algorithm>
#include <array>
#include <map>

namespace bindhss::binding {

namespace {

constexpr std::uint8_t version = 0x01;
constexpr std::size_t header_octets = 4;
constexpr std::size_t tlv_header_octets = 3;

enum class Type : std::uint8_t { provision = 0x01, response = 0x02, remove = 0x03 };

enum class Tag : std::uint8_t {
    transaction = 0x01,
    generation = 0x02,
    scheme = 0x03,
    key_fingerprint = 0x04,
    ephemeral_public = 0x05,
    ciphertext = 0x06,
    tag = 0x07,
    nonce = 0x08,
    rand_algorithm = 0x09,
    not_after = 0x0a,
    rsp = 0x0b,
    status = 0x0c,
    home_mac = 0x0d,
};

template <std::size_t N>
Octets<N> big_endian(std::uint64_t number) {
    Octets<N> octets;
    for (std::size_t i = 0; i < N; ++i) octets[i] = static_cast<std::uint8_t>(number >> (8 * (N - 1 - i)));
    return octets;
}

std::uint64_t number_of(OctetView octets) {
    std::uint64_t number = 0;
    for (const auto octet : octets) number = number << 8 | octet;
    return number;
}

class Writer {
  public:
    explicit Writer(Type type) : octets_{version, static_cast<std::uint8_t>(type), 0, 0} {}

    Writer& put(Tag tag, OctetView value) {
        octets_.push_back(static_cast<std::uint8_t>(tag));
        const auto length = big_endian<2>(value.size());
        octets_.insert(octets_.end(), length.begin(), length.end());
        octets_.insert(octets_.end(), value.begin(), value.end());
        return *this;
    }
    Writer& put(Tag tag, std::uint8_t value) { return put(tag, OctetView(&value, 1)); }
    Writer& put_present(Tag tag, const OctetString& value) { return value.empty() ? *this : put(tag, value); }

    OctetString finish() {
        const auto length = big_endian<2>(octets_.size() - header_octets);
        std::copy(length.begin(), length.end(), octets_.begin() + 2);
        return std::move(octets_);
    }

  private:
    OctetString octets_;
};

OctetString write(const KmeProvision& provision) {
    Writer writer(Type::provision);
    writer.put(Tag::transaction, provision.transaction)
        .put(Tag::generation, big_endian<4>(provision.generation))
        .put(Tag::scheme, static_cast<std::uint8_t>(provision.scheme))
        .put(Tag::key_fingerprint, provision.key_fingerprint)
        .put_present(Tag::ephemeral_public, provision.ephemeral_public)
        .put(Tag::ciphertext, provision.ciphertext)
        .put_present(Tag::tag, provision.tag)
        .put(Tag::nonce, provision.nonce)
        .put(Tag::rand_algorithm, static_cast<std::uint8_t>(provision.rand_algorithm))
        .put(Tag::not_after, big_endian<8>(provision.not_after));
    if (provision.home_mac) writer.put(Tag::home_mac, *provision.home_mac);
    return writer.finish();
}

OctetString write(const KmeResponse& response) {
    Writer writer(Type::response);
    writer.put(Tag::transaction, response.transaction)
        .put(Tag::status, static_cast<std::uint8_t>(response.status));
    if (response.rsp) writer.put(Tag::rsp, *response.rsp);
    return writer.finish();
}

OctetString write(const KmeDelete& removal) {
    Writer writer(Type::remove);
    writer.put(Tag::transaction, removal.transaction).put(Tag::generation, big_endian<4>(removal.generation));
    return writer.finish();
}

/// The values of one container by tag. The first complaint stays.
class Reader {
  public:
    explicit Reader(OctetView octets) {
        while (!octets.empty() && error_.empty()) octets = octets.subspan(take(octets));
    }

    [[nodiscard]] OctetView optional(Tag tag) const {
        const auto found = values_.find(static_cast<std::uint8_t>(tag));
        return found == values_.end() ? OctetView() : found->second;
    }
    [[nodiscard]] bool has(Tag tag) const { return values_.contains(static_cast<std::uint8_t>(tag)); }

    template <std::size_t N>
    Octets<N> exactly(Tag tag, const char* name) {
        const auto value = optional(tag);
        Octets<N> octets{};
        if (value.size() != N) {
            complain(std::string(name) + " has " + std::to_string(N) + " octets");
        } else {
            std::copy(value.begin(), value.end(), octets.begin());
        }
        return octets;
    }
    std::uint64_t number(Tag tag, std::size_t octets, const char* name) {
        const auto value = optional(tag);
        if (value.size() != octets)
            complain(std::string(name) + " has " + std::to_string(octets) + " octets");
        return error_.empty() ? number_of(value) : 0;
    }
    void complain(std::string error) {
        if (error_.empty()) error_ = std::move(error);
    }
    [[nodiscard]] const std::string& error() const { return error_; }

  private:
    /// One TLV; how many octets it has.
    std::size_t take(OctetView octets) {
        const auto length = octets.size() < tlv_header_octets ? 0 : number_of(octets.subspan(1, 2));
        if (octets.size() < tlv_header_octets + length) {
            complain("a TLV is cut off");
            return octets.size();
        }
        if (!values_.emplace(octets[0], octets.subspan(tlv_header_octets, length)).second)
            complain("a TLV comes twice");
        return tlv_header_octets + length;
    }

    std::map<std::uint8_t, OctetView> values_;
    std::string error_;
};

OctetString copy_of(OctetView octets) {
    return {octets.begin(), octets.end()};
}

void check_sealed(Reader& reader, const KmeProvision& provision) {
    const std::size_t kme_octets = provision.rand_algorithm == RandAlgorithm::aes128 ? 16 : 32;
    const auto point = provision.ephemeral_public.size();
    const auto text = provision.ciphertext.size();
    switch (provision.scheme) {
        case Scheme::rsa_oaep:
            if (text < 256 || text > 512) reader.complain("CIPHERTEXT is as long as an RSA modulus");
            return;
        case Scheme::ecies_x25519:
            if (point != 32) reader.complain("EPH-PUB has 32 octets");
            break;
        case Scheme::ecies_p256:
            if (point != 33) reader.complain("EPH-PUB has 33 octets");
            break;
    }
    if (text != kme_octets) reader.complain("CIPHERTEXT is as long as the key");
    if (provision.tag.size() != 32) reader.complain("TAG has 32 octets");
}

KmeProvision read_provision(Reader& reader) {
    KmeProvision provision;
    provision.transaction = reader.exactly<8>(Tag::transaction, "TXID");
    provision.generation = static_cast<std::uint32_t>(reader.number(Tag::generation, 4, "KME-GEN"));
    const auto scheme = reader.number(Tag::scheme, 1, "SCHEME");
    if (scheme != 0x01 && scheme != 0x11 && scheme != 0x12) reader.complain("SCHEME is 01, 11 or 12");
    provision.scheme = static_cast<Scheme>(scheme);
    provision.key_fingerprint = reader.exactly<8>(Tag::key_fingerprint, "KEY-FP");
    provision.ephemeral_public = copy_of(reader.optional(Tag::ephemeral_public));
    provision.ciphertext = copy_of(reader.optional(Tag::ciphertext));
    provision.tag = copy_of(reader.optional(Tag::tag));
    provision.nonce = reader.exactly<32>(Tag::nonce, "N-HSS");
    const auto algorithm = reader.number(Tag::rand_algorithm, 1, "RAND-ALG");
    if (algorithm != 1 && algorithm != 2) reader.complain("RAND-ALG is 1 or 2");
    provision.rand_algorithm = static_cast<RandAlgorithm>(algorithm);
    provision.not_after = reader.number(Tag::not_after, 8, "NOT-AFTER");
    if (reader.has(Tag::home_mac)) provision.home_mac = reader.exactly<16>(Tag::home_mac, "HOME-MAC");
    if (reader.error().empty()) check_sealed(reader, provision);
    return provision;
}

KmeResponse read_response(Reader& reader) {
    KmeResponse response;
    response.transaction = reader.exactly<8>(Tag::transaction, "TXID");
    const auto status = reader.number(Tag::status, 1, "STATUS");
    if (status > static_cast<std::uint64_t>(DeviceStatus::home_mac)) reader.complain("STATUS is 0 to 8");
    response.status = static_cast<DeviceStatus>(status);
    if (reader.has(Tag::rsp)) response.rsp = reader.exactly<32>(Tag::rsp, "RSP");
    if (response.status == DeviceStatus::ok && !response.rsp) reader.complain("STATUS 0 comes with RSP");
    return response;
}

KmeDelete read_delete(Reader& reader) {
    KmeDelete removal;
    removal.transaction = reader.exactly<8>(Tag::transaction, "TXID");
    removal.generation = static_cast<std::uint32_t>(reader.number(Tag::generation, 4, "KME-GEN"));
    return removal;
}

std::optional<Container> read(std::uint8_t type, Reader& reader) {
    switch (static_cast<Type>(type)) {
        case Type::provision:
            return read_provision(reader);
        case Type::response:
            return read_response(reader);
        case Type::remove:
            return read_delete(reader);
    }
    return std::nullopt;
}

}  // namespace

std::string_view name_of(DeviceStatus status) {
    static constexpr std::array<std::string_view, 9> names{"ok",
                                                           "scheme not supported",
                                                           "unknown public key",
                                                           "cannot be decrypted",
                                                           "wrong context",
                                                           "generation too old",
                                                           "cannot be stored",
                                                           "not expected",
                                                           "HOME-MAC is wrong"};
    return names.at(static_cast<std::size_t>(status));
}

OctetString encode(const Container& container) {
    return std::visit([](const auto& one) { return write(one); }, container);
}

std::variant<Container, std::string> parse_container(OctetView octets) {
    if (octets.size() > container_octets_max) return "a container has 1024 octets at most";
    if (octets.size() < header_octets) return "the header is cut off";
    if (octets[0] != version) return "the version is not 1";
    if (number_of(octets.subspan(2, 2)) != octets.size() - header_octets)
        return "the length of the header is not that of the container";
    Reader reader(octets.subspan(header_octets));
    auto container = read(octets[1], reader);
    if (!reader.error().empty()) return reader.error();
    if (!container) return "the type is not known";
    return std::move(*container);
}

}  // namespace bindhss::binding
