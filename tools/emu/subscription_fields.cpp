// SPDX-License-Identifier: Apache-2.0
#include "emu/subscription_fields.h"

#include <set>

namespace bindhss::emu {
namespace {

/// Writes values under a prefix; what is absent or empty is left out.
class Writer {
  public:
    Writer(Fields& fields, std::string prefix) : fields_(fields), prefix_(std::move(prefix)) {}

    void text(const char* name, const std::string& value) {
        if (!value.empty()) set(name, value);
    }
    void octets(const char* name, const OctetString& value) {
        if (!value.empty()) set(name, to_hex(value));
    }
    template <class T>
    void number(const char* name, const std::optional<T>& value) {
        if (!value) return;
        if constexpr (std::is_enum_v<T>) {
            set(name, std::to_string(static_cast<std::uint32_t>(*value)));
        } else {
            set(name, std::to_string(*value));
        }
    }
    void flag(const char* name, const std::optional<bool>& value) {
        if (value) set(name, *value ? "true" : "false");
    }
    void set(const std::string& name, std::string value) { fields_[prefix_ + name] = std::move(value); }
    [[nodiscard]] Writer under(const std::string& name) { return {fields_, prefix_ + name + "."}; }

  private:
    Fields& fields_;
    std::string prefix_;
};

void write(Writer out, const Ambr& ambr) {
    out.set("uplink", std::to_string(ambr.uplink));
    out.set("downlink", std::to_string(ambr.downlink));
}

void write(Writer out, const PdnGateway& gateway) {
    out.text("host", gateway.host);
    out.text("realm", gateway.realm);
    out.text("addresses", joined(gateway.addresses));
}

std::string name_of(PdnType type) {
    constexpr std::array<const char*, 4> names{"ipv4", "ipv6", "ipv4v6", "ipv4_or_ipv6"};
    const auto number = static_cast<std::size_t>(type);
    return number < names.size() ? names[number] : std::to_string(number);
}

void write(Writer out, const ApnConfiguration& apn) {
    out.set("context_identifier", std::to_string(apn.context_identifier));
    out.set("pdn_type", name_of(apn.pdn_type));
    out.text("static_ipv4", apn.static_ipv4);
    out.text("static_ipv6", apn.static_ipv6);
    out.set("qci", std::to_string(apn.qci));
    auto arp = out.under("arp");
    arp.set("priority_level", std::to_string(apn.arp.priority_level));
    arp.flag("preemption_capability", apn.arp.preemption_capability);
    arp.flag("preemption_vulnerability", apn.arp.preemption_vulnerability);
    if (apn.ambr) write(out.under("ambr"), *apn.ambr);
    out.text("charging_characteristics", apn.charging_characteristics);
    out.flag("vplmn_dynamic_address_allowed", apn.vplmn_dynamic_address_allowed);
    if (apn.gateway) write(out.under("pdn_gw"), *apn.gateway);
    out.number("pdn_gw_allocation", apn.gateway_allocation);
    out.text("visited_network", apn.visited_network);
    for (const auto& specific : apn.specific_apns) {
        write(out.under("specific." + specific.service_selection), specific.gateway);
    }
    out.text("apn_oi_replacement", apn.apn_oi_replacement);
    out.number("sipto", apn.sipto);
    out.number("lipa", apn.lipa);
    out.number("restoration_priority", apn.restoration_priority);
    out.flag("non_ip", apn.non_ip);
    out.number("non_ip_delivery", apn.non_ip_delivery);
    out.flag("interworking_5gs", apn.interworking_5gs);
    out.flag("ethernet", apn.ethernet);
}

void write(Writer& out, const ApnConfigurationProfile& profile) {
    std::vector<std::string> names;
    for (const auto& apn : profile.apns) {
        names.push_back(apn.service_selection);
        write(out.under("apns." + apn.service_selection), apn);
    }
    out.set("apns", joined(names));
    out.set("apns.default", std::to_string(profile.default_context_identifier));
    out.number("apns.additional", profile.additional_context_identifier);
    out.number("apns.third", profile.third_context_identifier);
    out.flag("apns.all_included", profile.all_included);
}

void write(Writer& out, const GprsSubscriptionData& gprs) {
    std::vector<std::string> names;
    for (const auto& context : gprs.contexts) {
        names.push_back(context.service_selection);
        auto under = out.under("gprs." + context.service_selection);
        under.set("context_identifier", std::to_string(context.context_identifier));
        under.set("pdp_type", name_of(context.pdp_type));
        under.text("static_ipv4", context.static_ipv4);
        under.text("static_ipv6", context.static_ipv6);
        under.octets("qos_subscribed", context.qos_subscribed);
        under.text("charging_characteristics", context.charging_characteristics);
        if (context.ambr) write(under.under("ambr"), *context.ambr);
    }
    out.set("gprs", joined(names));
    out.flag("gprs.all_included", gprs.all_included);
}

void write_lists(Writer& out, const SubscriptionData& data) {
    const auto list = [&out](const char* name, const auto& items, const auto& text_of_item) {
        std::vector<std::string> texts;
        texts.reserve(items.size());
        for (const auto& item : items) texts.push_back(text_of_item(item));
        if (!texts.empty()) out.set(name, joined(texts));
    };
    list("zone_codes", data.zone_codes, [](auto code) { return std::to_string(code); });
    list("csg_subscriptions", data.csg_subscriptions,
         [](const auto& csg) { return std::to_string(csg.csg_id); });
    list("adjacent_access_restrictions", data.adjacent_access_restrictions, [](const auto& adjacent) {
        return adjacent.plmn.str() + ":" + std::to_string(adjacent.access_restriction_data);
    });
    list("imsi_groups", data.imsi_groups, [](const auto& group) {
        return std::to_string(group.service_id) + ":" + group.plmn.str() + ":" + to_hex(group.local_id);
    });
    list("edrx", data.edrx_cycle_lengths,
         [](const auto& edrx) { return std::to_string(edrx.rat_type) + ":" + std::to_string(edrx.value); });
    list("paging_time_windows", data.paging_time_windows, [](const auto& window) {
        return std::to_string(window.operation_mode) + ":" + std::to_string(window.length);
    });
}

void write_numbers(Writer& out, const SubscriptionData& data) {
    out.number("subscriber_status", data.subscriber_status);
    out.flag("ics", data.ics);
    out.number("network_access_mode", data.network_access_mode);
    out.number("operator_determined_barring", data.operator_determined_barring);
    out.number("hplmn_odb", data.hplmn_odb);
    out.number("access_restriction", data.access_restriction_data);
    out.number("rat_frequency_selection_priority", data.rat_frequency_selection_priority);
    if (data.roaming_restricted) out.flag("roaming_restricted", true);
    out.number("rau_tau_timer_s", data.subscribed_rau_tau_timer_s);
    out.number("mps_priority", data.mps_priority);
    out.flag("vplmn_lipa_allowed", data.vplmn_lipa_allowed);
    out.flag("relay_node", data.relay_node);
    out.flag("mdt_user_consent", data.mdt_user_consent);
    if (data.vsrvcc) out.flag("vsrvcc", true);
    out.number("subscription_data_flags", data.subscription_data_flags);
    out.number("dl_buffering_packet_count", data.dl_buffering_packet_count);
    out.number("ue_usage_type", data.ue_usage_type);
    out.number("aerial_ue", data.aerial_ue);
    out.number("active_time_s", data.active_time_s);
    out.number("service_gap_time_s", data.service_gap_time_s);
    out.number("core_network_restrictions", data.core_network_restrictions);
}

}  // namespace

std::string joined(const std::vector<std::string>& items) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : ",") + item;
    return text;
}

Fields fields_of(const SubscriptionData& data) {
    Fields fields;
    Writer out(fields, "");
    out.text("msisdn", data.msisdn);
    out.text("a_msisdn", data.a_msisdn);
    out.text("stn_sr", data.stn_sr);
    out.text("apn_oi_replacement", data.apn_oi_replacement);
    out.text("charging_characteristics", data.charging_characteristics);
    out.text("external_identifier", data.external_identifier);
    if (data.ambr) write(out.under("ambr"), *data.ambr);
    if (data.apn_configuration_profile) write(out, *data.apn_configuration_profile);
    if (data.gprs_subscription_data) write(out, *data.gprs_subscription_data);
    if (data.trace_data) {
        out.set("trace", to_hex(data.trace_data->reference));
        out.set("trace.depth", std::to_string(data.trace_data->depth));
    }
    write_numbers(out, data);
    write_lists(out, data);
    return fields;
}

std::string parts_of(const Fields& data_fields) {
    std::set<std::string> parts;
    for (const auto& [name, value] : data_fields) parts.insert(name.substr(0, name.find('.')));
    return joined({parts.begin(), parts.end()});
}

}  // namespace bindhss::emu
