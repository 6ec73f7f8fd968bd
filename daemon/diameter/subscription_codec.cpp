// SPDX-License-Identifier: Apache-2.0
#include "diameter/subscription_codec.h"

#include "diameter/avp_id.h"

namespace bindhss::diameter {

namespace {

constexpr std::uint32_t status_service_granted = 0;              // 7.3.29
constexpr std::uint32_t status_operator_determined_barring = 1;  // 7.3.29
constexpr std::uint32_t access_mode_only_packet = 2;             // 7.3.21
constexpr std::uint32_t all_configurations_included = 0;         // 7.3.33
// TS 29.212 5.3.46 and 5.3.47: both enumerations have ENABLED as 0.
constexpr std::uint32_t preemption_enabled = 0;
constexpr std::uint32_t preemption_disabled = 1;
constexpr std::uint8_t tbcd_filler = 0x0f;

// TBCD of TS 29.002, as MSISDN has it (TS 29.329 6.3.2): the first digit is the low half octet.
OctetString to_tbcd(std::string_view digits) {
    OctetString octets;
    octets.reserve((digits.size() + 1) / 2);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int low = digits[i] - '0';
        const int high = i + 1 < digits.size() ? digits[i + 1] - '0' : tbcd_filler;
        octets.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return octets;
}

std::string from_tbcd(OctetView octets) {
    std::string digits;
    for (const auto octet : octets) {
        for (const int half : {octet & 0x0f, octet >> 4}) {
            if (half <= 9) digits.push_back(static_cast<char>('0' + half));
        }
    }
    return digits;
}

void encode(const Ambr& ambr, Message::Group& parent) {
    parent.add_group(avp_id::ambr, [&ambr](Message::Group& group) {
        group.add(avp_id::max_requested_bandwidth_ul, ambr.uplink);
        group.add(avp_id::max_requested_bandwidth_dl, ambr.downlink);
    });
}

void encode(const AllocationRetentionPriority& arp, Message::Group& parent) {
    parent.add_group(avp_id::allocation_retention_priority, [&arp](Message::Group& group) {
        group.add(avp_id::priority_level, arp.priority_level);
        group.add(avp_id::preemption_capability,
                  arp.preemption_capability ? preemption_enabled : preemption_disabled);
        group.add(avp_id::preemption_vulnerability,
                  arp.preemption_vulnerability ? preemption_enabled : preemption_disabled);
    });
}

void encode(const ApnConfiguration& apn, Message::Group& parent) {
    parent.add_group(avp_id::apn_configuration, [&apn](Message::Group& group) {
        group.add(avp_id::context_identifier, apn.context_identifier);
        group.add(avp_id::pdn_type, static_cast<std::uint32_t>(apn.pdn_type));
        group.add(avp_id::service_selection, apn.service_selection);
        group.add_group(avp_id::eps_subscribed_qos_profile, [&apn](Message::Group& profile) {
            profile.add(avp_id::qos_class_identifier, apn.qci);
            encode(apn.arp, profile);
        });
        if (apn.ambr) encode(*apn.ambr, group);
    });
}

void encode_profile(const SubscriptionData& data, Message::Group& parent) {
    parent.add_group(avp_id::apn_configuration_profile, [&data](Message::Group& group) {
        group.add(avp_id::context_identifier, data.default_context_identifier);
        group.add(avp_id::all_apn_configurations_included_indicator, all_configurations_included);
        for (const auto& apn : data.apn_configurations) encode(apn, group);
    });
}

std::uint32_t number(const AvpView& group, AvpId id, std::uint32_t by_default = 0) {
    const auto avp = group.find(id);
    return avp ? avp->u32() : by_default;
}

std::string text(const AvpView& group, AvpId id) {
    const auto avp = group.find(id);
    return avp ? std::string(avp->text()) : std::string();
}

std::optional<Ambr> decode_ambr(const AvpView& parent) {
    const auto group = parent.find(avp_id::ambr);
    if (!group) return std::nullopt;
    return Ambr{number(*group, avp_id::max_requested_bandwidth_ul),
                number(*group, avp_id::max_requested_bandwidth_dl)};
}

// TS 29.212 5.3.46 and 5.3.47: absent means that it does not pre-empt and may be pre-empted.
AllocationRetentionPriority decode_arp(const AvpView& group) {
    return {number(group, avp_id::priority_level),
            number(group, avp_id::preemption_capability, preemption_disabled) == preemption_enabled,
            number(group, avp_id::preemption_vulnerability, preemption_enabled) == preemption_enabled};
}

ApnConfiguration decode_apn(const AvpView& group) {
    ApnConfiguration apn;
    apn.context_identifier = number(group, avp_id::context_identifier);
    apn.service_selection = text(group, avp_id::service_selection);
    apn.pdn_type = static_cast<PdnType>(number(group, avp_id::pdn_type) & 0x03);
    if (const auto profile = group.find(avp_id::eps_subscribed_qos_profile)) {
        apn.qci = number(*profile, avp_id::qos_class_identifier);
        if (const auto arp = profile->find(avp_id::allocation_retention_priority)) apn.arp = decode_arp(*arp);
    }
    apn.ambr = decode_ambr(group);
    return apn;
}

}  // namespace

void encode(const SubscriptionData& data, Message& message) {
    message.add_group(avp_id::subscription_data, [&data](Message::Group& group) {
        const bool barred = data.operator_determined_barring != 0;
        group.add(avp_id::subscriber_status,
                  barred ? status_operator_determined_barring : status_service_granted);
        if (!data.msisdn.empty()) group.add(avp_id::msisdn, OctetView(to_tbcd(data.msisdn)));
        group.add(avp_id::network_access_mode, access_mode_only_packet);
        if (barred) group.add(avp_id::operator_determined_barring, data.operator_determined_barring);
        if (data.access_restriction_data != 0)
            group.add(avp_id::access_restriction_data, data.access_restriction_data);
        if (!data.charging_characteristics.empty()) {
            group.add(avp_id::charging_characteristics, data.charging_characteristics);
        }
        encode(data.ambr, group);
        // A profile without a configuration is against its ABNF (7.3.34).
        if (!data.apn_configurations.empty()) encode_profile(data, group);
        if (data.subscribed_rau_tau_timer_s != 0) {
            group.add(avp_id::subscribed_periodic_rau_tau_timer, data.subscribed_rau_tau_timer_s);
        }
    });
}

SubscriptionData decode_subscription_data(const AvpView& group) {
    SubscriptionData data;
    if (const auto msisdn = group.find(avp_id::msisdn)) data.msisdn = from_tbcd(msisdn->octets());
    data.access_restriction_data = number(group, avp_id::access_restriction_data);
    data.operator_determined_barring = number(group, avp_id::operator_determined_barring);
    data.subscribed_rau_tau_timer_s = number(group, avp_id::subscribed_periodic_rau_tau_timer);
    data.charging_characteristics = text(group, avp_id::charging_characteristics);
    data.ambr = decode_ambr(group).value_or(Ambr{});
    const auto profile = group.find(avp_id::apn_configuration_profile);
    if (!profile) return data;
    data.default_context_identifier = number(*profile, avp_id::context_identifier);
    profile->each([&data](AvpView child) {
        if (child.id() == avp_id::apn_configuration) data.apn_configurations.push_back(decode_apn(child));
    });
    return data;
}

}  // namespace bindhss::diameter
