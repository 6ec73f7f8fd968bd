// SPDX-License-Identifier: Apache-2.0
// Subscribers and profiles.
#include "records/row_members.h"

namespace bindhss::records {

namespace {

std::string device_text(const ImeiRange& range) {
    return range.str();
}

/// spec 4.1: NONE, UNBOUND and BOUND follow from policy and key, unless the evidence made another one.
std::string state_text(const store::SubscriberRow& row) {
    if (row.standing.state != binding::State::normal)
        return std::string(binding::name_of(row.standing.state));
    if (row.policy == binding::Policy::off) return "none";
    const bool bound =
        binding::needs_kme(row.policy) ? !row.kcv.empty() : !row.devices.empty() || !row.group.empty();
    return bound ? "bound" : "unbound";
}

std::optional<binding::State> parse_state(const std::string& text) {
    for (const auto state : {binding::State::suspect, binding::State::locked})
        if (text == binding::name_of(state)) return state;
    if (text == "none" || text == "bound" || text == "unbound") return binding::State::normal;
    return std::nullopt;
}

std::optional<Amf> parse_amf(const std::string& text) {
    const auto octets = octets_from_hex<Amf::size>(text);
    return octets ? std::optional(Amf{*octets}) : std::nullopt;
}

}  // namespace

template <>
store::SubscriberRow blank<store::SubscriberRow>() {
    return store::SubscriberRow{blank<Imsi>()};
}

template <class Io>
void members(Io& io, Of<Io, store::SubscriberRow>& row) {
    imsi_member(io, row.imsi);
    io.text("msisdn", row.msisdn);
    io.text("profile", row.profile);
    io.as(
        "amf", row.amf, [](const Amf& amf) { return to_hex(amf.view()); }, parse_amf);
    io.number("seq", row.seq);
    policy_member(io, row.policy);
    io.list_as("devices", row.devices, device_text, ImeiRange::parse);
    io.text("group", row.group);
    io.text("kcv", row.kcv);
    io.document("override", row.override_document);
    io.text("terms", row.terms);
    io.text("terms_from", row.terms_from);
    io.texts("groups", row.groups);
    io.as(
        "state", row.standing.state, [&](binding::State) { return state_text(row); }, parse_state);
    io.number("strong", row.standing.strong);
    io.number("weak", row.standing.weak);
    io.number("turns", row.standing.turns);
    io.times("reprovisions", row.standing.reprovisions);
    io.time("proved_at", row.proved_at);
}

template <class Io>
void members(Io& io, Of<Io, store::ProfileRow>& row) {
    io.text("name", row.name);
    io.number("version", row.version);
    io.number("subscribers", row.subscribers);
    io.document("document", row.document);
}

boost::json::object object_of(const store::SubscriberRow& row) {
    return written(row);
}
boost::json::object object_of(const store::ProfileRow& row) {
    return written(row);
}
template store::SubscriberRow row_from(const boost::json::object&);
template store::ProfileRow row_from(const boost::json::object&);

}  // namespace bindhss::records
