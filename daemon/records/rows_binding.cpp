// SPDX-License-Identifier: Apache-2.0
// Terms, rules, groups, what waits for the operator, where subscribers are registered, and who was seen with
// which device.
#include <fmt/format.h>

#include "records/row_members.h"

namespace bindhss::records {

namespace {

using binding::OnSuspicion;
using binding::Reaction;

constexpr std::initializer_list<Reaction> reactions{Reaction::alarm, Reaction::limit, Reaction::reject,
                                                    Reaction::lock};
constexpr std::initializer_list<binding::Provenance> provenances{
    binding::Provenance::authenticated, binding::Provenance::taken_over, binding::Provenance::unproven};

std::string absent_text(const std::optional<bool>& allowed) {
    if (!allowed) return "configured";
    return *allowed ? "allow" : "reject";
}
std::optional<std::optional<bool>> parse_absent(const std::string& text) {
    if (text == "configured") return std::optional<bool>();
    if (text == "allow") return std::optional(true);
    if (text == "reject") return std::optional(false);
    return std::nullopt;
}

std::string domain_text(s6a::Domain domain) {
    return domain == s6a::Domain::mme ? "mme" : "sgsn";
}
std::optional<s6a::Domain> parse_domain(const std::string& text) {
    if (text == "mme") return s6a::Domain::mme;
    if (text == "sgsn") return s6a::Domain::sgsn;
    return std::nullopt;
}

std::optional<bool> parse_action(const std::string& text) {
    if (text == "allow") return true;
    if (text == "deny") return false;
    return std::nullopt;
}

std::string tac_text(std::uint32_t tac) {
    return fmt::format("{:08}", tac);
}
std::optional<std::uint32_t> parse_tac(const std::string& text) {
    constexpr std::size_t digits = 8;
    if (text.size() != digits || text.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    return static_cast<std::uint32_t>(std::stoul(text));
}

}  // namespace

template <class Io>
void members(Io& io, Of<Io, binding::Terms>& terms) {
    io.text("name", terms.name);
    policy_member(io, terms.policy);
    io.as(
        "acquisition", terms.acquisition, [](binding::Acquisition value) { return binding::name_of(value); },
        binding::parse_acquisition);
    io.word("on_unauthorised", terms.on_unauthorised, reactions);
    io.word("on_mismatch", terms.on_mismatch, reactions);
    io.word("on_unproven", terms.on_unproven, reactions);
    io.word("on_shared", terms.on_shared, reactions);
    io.word("on_insecure", terms.on_insecure, reactions);
    io.word("on_suspicion", terms.on_suspicion,
            {OnSuspicion::alarm, OnSuspicion::reprovision, OnSuspicion::lock});
    io.as_value("imei_absent", terms.imei_absent_allowed, absent_text, parse_absent);
    io.flag("detach_on_notify", terms.detach_on_notify);
    io.flag("require_secure", terms.require_secure);
    io.text("limited_profile", terms.limited_profile);
    io.as_number(
        "refuse_next", terms.refuse_next, [](std::chrono::seconds value) { return value.count(); },
        [](std::int64_t count) { return std::chrono::seconds(count); });
}

template <class Io>
void members(Io& io, Of<Io, store::TermsRow>& row) {
    members(io, row.terms);
    io.flag("default", row.standard);
    io.flag("fixed", row.fixed);
    io.number("bindings", row.bindings);
    io.number("groups", row.groups);
}

template <class Io>
void members(Io& io, Of<Io, store::SubscriptionGroupRow>& row) {
    io.text("name", row.name);
    io.text("terms", row.terms);
    io.number("rank", row.rank);
    io.number("members", row.members);
}

template <class Io>
void members(Io& io, Of<Io, binding::Rule>& rule) {
    io.number("id", rule.id);
    io.as(
        "subscriptions", rule.subscriptions, [](const auto& set) { return set.str(); },
        binding::SubscriptionSet::parse);
    io.as(
        "devices", rule.devices, [](const auto& set) { return set.str(); }, binding::DeviceSet::parse);
    io.as(
        "action", rule.allow, [](bool allow) { return allow ? "allow" : "deny"; }, parse_action);
    io.number("priority", rule.priority);
    io.time("from", rule.from);
    io.time("until", rule.until);
    io.text("comment", rule.comment);
}

template <class Io>
void members(Io& io, Of<Io, store::DeviceModelRow>& row) {
    io.as("tac", row.tac, tac_text, parse_tac);
    io.text("name", row.name);
    io.flag("imei_secure", row.imei_secure);
    io.flag("key_secure", row.key_secure);
}

template <>
store::ApprovalRow blank<store::ApprovalRow>() {
    return store::ApprovalRow{blank<Imsi>(), blank<Imei>()};
}
template <class Io>
void members(Io& io, Of<Io, store::ApprovalRow>& row) {
    imsi_member(io, row.imsi);
    imei_member(io, row.imei);
    io.text("svn", row.svn);
    io.text("node", row.node);
    io.time("first", row.first);
    io.time("last", row.last);
    io.number("count", row.count);
}

// What a registration is made of.
template <class Io>
void members(Io& io, Of<Io, TerminalInformation>& terminal) {
    io.as(
        "imei", terminal.imei, [](const Imei& imei) { return imei.str(); }, Imei::parse);
    io.optional_text("svn", terminal.svn);
    io.flag("imei_invalid", terminal.imei_invalid);
}
template <class Io>
void members(Io& io, Of<Io, s6a::Features>& features) {
    io.number("list_1", features.list_1);
    io.number("list_2", features.list_2);
    io.number("vendor", features.vendor);
}
template <class Io>
void members(Io& io, Of<Io, PdnGateway>& gateway) {
    io.text("host", gateway.host);
    io.text("realm", gateway.realm);
    io.texts("addresses", gateway.addresses);
}
template <class Io>
void members(Io& io, Of<Io, s6a::ActiveApn>& apn) {
    io.number("context_identifier", apn.context_identifier);
    io.text("apn", apn.service_selection);
    io.object("gateway", apn.gateway);
    io.text("visited_network", apn.visited_network);
}
template <class Io>
void members(Io& io, Of<Io, s6a::NodeLocation>& location) {
    io.hex("cell_global_identity", location.cell_global_identity);
    io.hex("tracking_area_identity", location.tracking_area_identity);
    io.hex("service_area_identity", location.service_area_identity);
    io.hex("geographical_information", location.geographical_information);
    io.number("age_minutes", location.age_minutes);
    io.flag("current_location_retrieved", location.current_location_retrieved);
}
template <class Io>
void members(Io& io, Of<Io, store::SubscriptionVersion>& version) {
    io.number("profile_version", version.profile_version);
    io.document("override", version.override_json);
    io.text("msisdn", version.msisdn);
}

template <>
store::Registration blank<store::Registration>() {
    return store::Registration{.visited_plmn = *Plmn::parse("00101")};
}
template <class Io>
void members(Io& io, Of<Io, store::Registration>& registration) {
    io.text("mme", registration.node.host);
    io.text("realm", registration.node.realm);
    io.as("domain", registration.domain, domain_text, parse_domain);
    io.as(
        "plmn", registration.visited_plmn, [](const Plmn& plmn) { return plmn.str(); }, Plmn::parse);
    io.inlined("imei_invalid", registration.terminal_information);
    io.flag("verified", registration.verified);
    io.flag("purged", registration.purged);
    io.time("time", registration.time);
    io.word("provenance", registration.provenance, provenances);
    io.text("limited", registration.limited_profile);
    io.flag("emergency", registration.emergency);
    io.as_number(
        "rat_type", registration.rat_type, [](s6a::RatType type) { return static_cast<std::uint32_t>(type); },
        [](std::uint32_t number) { return s6a::RatType(number); });
    io.object("features", registration.features);
    io.flag("combined", registration.combined);
    io.flag("gprs_wanted", registration.gprs_wanted);
    io.number("ue_srvcc_capability", registration.ue_srvcc_capability);
    io.number("homogeneous_ims_voice", registration.homogeneous_ims_voice);
    io.objects("active_apns", registration.active_apns);
    io.text("node_number", registration.node_number);
    io.flag("sms_registered", registration.sms_registered);
    io.flag("reachability_wanted", registration.urrp);
    io.flag("area_restricted", registration.area_restricted);
    io.object("location", registration.location);
    io.time("location_time", registration.location_time);
    io.object("told", registration.told);
}

template <>
store::RegistrationRow blank<store::RegistrationRow>() {
    return {blank<Imsi>(), blank<store::Registration>()};
}
template <class Io>
void members(Io& io, Of<Io, store::RegistrationRow>& row) {
    imsi_member(io, row.imsi);
    members(io, row.registration);
}

// What judges a pair.
template <class Io>
void members(Io& io, Of<Io, binding::Binding>& binding) {
    io.object("terms", binding.terms);
    io.objects("rules", binding.rules);
    io.texts("groups", binding.groups);
    io.flag("has_list", binding.has_list);
    io.flag("locked", binding.locked);
    io.flag("has_kme", binding.has_kme);
}
template <class Io>
void members(Io& io, Of<Io, binding::DeviceFacts>& facts) {
    io.texts("groups", facts.groups);
    io.number("uiccs", facts.uiccs);
    io.number("uiccs_max", facts.uiccs_max);
    io.flag("imei_secure", facts.imei_secure);
    io.flag("key_secure", facts.key_secure);
}

template <>
store::SeenPair blank<store::SeenPair>() {
    return store::SeenPair{blank<Imsi>()};
}
template <class Io>
void members(Io& io, Of<Io, store::SeenPair>& pair) {
    imsi_member(io, pair.imsi);
    members(io, pair.device);
    io.object("binding", pair.binding);
    io.object("facts", pair.facts);
    io.text("node", pair.node);
    io.word("provenance", pair.provenance, provenances);
    io.time_or_zero("first", pair.first);
    io.time_or_zero("last", pair.last);
    io.object("registration", pair.registration);
}

boost::json::object object_of(const store::TermsRow& row) {
    return written(row);
}
boost::json::object object_of(const store::SubscriptionGroupRow& row) {
    return written(row);
}
boost::json::object object_of(const binding::Rule& row) {
    return written(row);
}
boost::json::object object_of(const store::DeviceModelRow& row) {
    return written(row);
}
boost::json::object object_of(const store::ApprovalRow& row) {
    return written(row);
}
boost::json::object object_of(const store::RegistrationRow& row) {
    return written(row);
}
boost::json::object object_of(const store::SeenPair& row) {
    return written(row);
}
template store::TermsRow row_from(const boost::json::object&);
template store::SubscriptionGroupRow row_from(const boost::json::object&);
template binding::Rule row_from(const boost::json::object&);
template store::DeviceModelRow row_from(const boost::json::object&);
template store::ApprovalRow row_from(const boost::json::object&);
template store::RegistrationRow row_from(const boost::json::object&);
template store::SeenPair row_from(const boost::json::object&);

}  // namespace bindhss::records
