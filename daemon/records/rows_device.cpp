// SPDX-License-Identifier: Apache-2.0
// Devices, the equipment register, and keys.
#include "records/row_members.h"
#include "types/base64.h"

namespace bindhss::records {

namespace {

/// Of a key that the registry took; nothing of one that this program would not take any more.
std::optional<std::uint64_t> bits_of(const store::DeviceKey& key) {
    const auto parsed = crypto::DevicePublicKey::parse(key.der);
    const auto* read = std::get_if<crypto::DevicePublicKey>(&parsed);
    return read == nullptr ? std::nullopt : std::optional<std::uint64_t>(read->bits());
}

}  // namespace

std::string owner_text(const std::variant<Imei, std::string>& owner) {
    const auto* imei = std::get_if<Imei>(&owner);
    return imei != nullptr ? imei->str() : "group:" + std::get<std::string>(owner);
}

std::optional<std::variant<Imei, std::string>> parse_owner(std::string_view text) {
    constexpr std::string_view prefix = "group:";
    if (text.starts_with(prefix) && text.size() > prefix.size())
        return std::string(text.substr(prefix.size()));
    if (const auto imei = Imei::parse(text)) return *imei;
    return std::nullopt;
}

template <>
store::DeviceRow blank<store::DeviceRow>() {
    return store::DeviceRow{ImeiRange::of(blank<Imei>())};
}
template <class Io>
void members(Io& io, Of<Io, store::DeviceRow>& row) {
    range_member(io, row.range);
    io.text("group", row.group);
    io.text("kcv", row.kcv);
    io.text("comment", row.comment);
    io.number("uiccs_max", row.uiccs_max);
}

template <>
store::EquipmentEntry blank<store::EquipmentEntry>() {
    return store::EquipmentEntry{ImeiRange::of(blank<Imei>())};
}
template <class Io>
void members(Io& io, Of<Io, store::EquipmentEntry>& entry) {
    range_member(io, entry.range);
    io.optional_text("svn", entry.svn);
    io.as(
        "status", entry.status, [](s6a::EquipmentStatus status) { return store::name_of(status); },
        store::parse_equipment_status);
    io.text("comment", entry.comment);
}

template <>
store::KmeRow blank<store::KmeRow>() {
    return store::KmeRow{std::string()};
}
template <class Io>
void members(Io& io, Of<Io, store::KmeRow>& row) {
    io.as("owner", row.owner, owner_text, parse_owner);
    io.number("generation", row.generation);
    io.text("kcv", row.kcv);
    io.text("state", row.state);
    io.time("changed", row.changed);
}

template <>
store::DeviceKey blank<store::DeviceKey>() {
    return store::DeviceKey{blank<Imei>()};
}
template <class Io>
void members(Io& io, Of<Io, store::DeviceKey>& key) {
    imei_member(io, key.imei);
    io.hex("fingerprint", key.fingerprint);
    io.word("type", key.type, {crypto::KeyType::x25519, crypto::KeyType::p256, crypto::KeyType::rsa});
    if constexpr (std::is_same_v<Io, RowWriter>) io.number("bits", bits_of(key));  // it follows from the key
    io.as(
        "key", key.der, [](const OctetString& der) { return to_base64(der); },
        [](const std::string& text) { return from_base64(text); });
    io.text("origin", key.origin);
    io.time("valid_from", key.valid_from);
    io.time("valid_until", key.valid_until);
    io.time("revoked", key.revoked_at);
    io.flag("secure", key.secure);
    io.time("added", key.added);
}

template <>
store::ExchangeRow blank<store::ExchangeRow>() {
    return store::ExchangeRow{blank<Imsi>(), blank<Imei>()};
}
template <class Io>
void members(Io& io, Of<Io, store::ExchangeRow>& row) {
    imsi_member(io, row.imsi);
    imei_member(io, row.imei);
    io.number("generation", row.generation);
    io.word("way", row.way, {store::ExchangeWay::s6a, store::ExchangeWay::https});
    io.text("node", row.node);
    io.time("started", row.started);
    io.time("deadline", row.deadline);
}

boost::json::object object_of(const store::DeviceRow& row) {
    return written(row);
}
boost::json::object object_of(const store::EquipmentEntry& row) {
    return written(row);
}
boost::json::object object_of(const store::KmeRow& row) {
    return written(row);
}
boost::json::object object_of(const store::DeviceKey& row) {
    return written(row);
}
boost::json::object object_of(const store::ExchangeRow& row) {
    return written(row);
}
template store::DeviceRow row_from(const boost::json::object&);
template store::EquipmentEntry row_from(const boost::json::object&);
template store::KmeRow row_from(const boost::json::object&);
template store::DeviceKey row_from(const boost::json::object&);
template store::ExchangeRow row_from(const boost::json::object&);

}  // namespace bindhss::records
