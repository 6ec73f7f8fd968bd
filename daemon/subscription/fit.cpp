// SPDX-License-Identifier: Apache-2.0
#include "subscription/fit.h"

#include <algorithm>

namespace bindhss::subscription {

namespace {

namespace odb = operator_determined_barring;

struct Barring {
    std::uint32_t odb_bit;
    ErrorDiagnostic diagnostic;
};
/// What keeps a UE from the packet domain; the other categories are about calls.
constexpr Barring packet_barrings[] = {
    {odb::all_packet_services, ErrorDiagnostic::odb_all_apn},
    {odb::roamer_access_hplmn_ap, ErrorDiagnostic::odb_hplmn_apn},
    {odb::roamer_access_vplmn_ap, ErrorDiagnostic::odb_vplmn_apn},
};
constexpr auto for_roamers_alone = odb::roamer_access_hplmn_ap | odb::roamer_access_vplmn_ap;

class Fitting {
  public:
    Fitting(const Subscription& subscription, const Node& node)
        : node_(node), features_(node.features.value_or(s6a::Features{})), data_(subscription.data) {}

    Result<SubscriptionData> run() {
        if (auto failure = barring()) return std::move(*failure);
        numbers();
        if (!has_2(s6a::feature_2::dedicated_core_networks)) data_.ue_usage_type.reset();
        if (!has_2(s6a::feature_2::external_identifier)) data_.external_identifier.clear();
        if (!has_1(s6a::feature_1::trace)) data_.trace_data.reset();
        if (!node_.gprs_wanted) data_.gprs_subscription_data.reset();
        if (without_epc()) data_.apn_configuration_profile.reset();
        if (node_.domain == s6a::Domain::sgsn) leave_out_what_is_for_mmes();
        contexts();
        const bool sgsn_has_some = node_.domain == s6a::Domain::sgsn && data_.has_gprs();
        if (!data_.has_eps() && !sgsn_has_some) {
            return fail(Cause::unknown_eps_subscription,
                        "the subscription has nothing that this node may serve");
        }
        return std::move(data_);
    }

  private:
    [[nodiscard]] bool has_1(std::uint32_t bit) const { return (features_.list_1 & bit) != 0; }
    [[nodiscard]] bool has_2(std::uint32_t bit) const { return (features_.list_2 & bit) != 0; }

    /// Bit n of Operator-Determined-Barring is feature n of list 1.
    std::optional<Failure> barring() {
        const auto unknown = data_.barred() & ~features_.list_1;
        const auto effective = node_.roaming ? unknown : unknown & ~for_roamers_alone;
        for (const auto& [bit, diagnostic] : packet_barrings) {
            if ((effective & bit) != 0) {
                if (auto failure = unsupported("the node cannot bar what is barred", diagnostic))
                    return failure;
            }
        }
        if (!data_.zone_codes.empty() && !has_1(s6a::feature_1::regional_subscription)) {
            data_.zone_codes.clear();
            if (auto failure = unsupported("the node knows no regional subscription", std::nullopt))
                return failure;
        }
        bar(data_.barred() & features_.list_1 & odb::defined);
        return std::nullopt;
    }

    std::optional<Failure> unsupported(const char* why, std::optional<ErrorDiagnostic> diagnostic) {
        if (node_.odb_unsupported == OdbUnsupported::reject)
            return Failure{Cause::roaming_not_allowed, why, diagnostic};
        if (node_.odb_unsupported == OdbUnsupported::restrict) data_.roaming_restricted = true;
        return std::nullopt;
    }

    void bar(std::uint32_t bits) {
        data_.subscriber_status =
            bits == 0 ? SubscriberStatus::service_granted : SubscriberStatus::operator_determined_barring;
        data_.operator_determined_barring.reset();
        if (bits != 0) data_.operator_determined_barring = bits;
    }

    void numbers() {
        if (has_1(s6a::feature_1::additional_msisdn)) return;
        if (data_.msisdn.empty()) data_.msisdn = std::move(data_.a_msisdn);
        data_.a_msisdn.clear();
    }

    void leave_out_what_is_for_mmes() {
        data_.relay_node.reset();
        data_.vsrvcc = false;
        data_.aerial_ue.reset();
        data_.core_network_restrictions.reset();
        data_.paging_time_windows.clear();
    }

    /// Takes the HSS's own mark out of what is sent.
    bool without_epc() {
        auto& restrictions = data_.core_network_restrictions;
        if (!restrictions || (*restrictions & core_network_restriction::no_epc) == 0) return false;
        *restrictions &= ~core_network_restriction::no_epc;
        if (*restrictions == 0) restrictions.reset();
        return true;
    }

    /// APNs of a kind that the node has not announced are left out; the default moves to one that is left.
    void contexts() {
        if (!data_.apn_configuration_profile) return;
        auto& profile = *data_.apn_configuration_profile;
        std::erase_if(profile.apns, [this](const ApnConfiguration& apn) {
            return (apn.non_ip.value_or(false) && !has_2(s6a::feature_2::non_ip_pdn_type_apns)) ||
                   (apn.ethernet.value_or(false) && !has_2(s6a::feature_2::ethernet_pdn_type_apns));
        });
        const auto is_left = [&profile](std::uint32_t context) {
            return std::any_of(profile.apns.begin(), profile.apns.end(),
                               [&](const auto& apn) { return apn.context_identifier == context; });
        };
        for (auto* other : {&profile.additional_context_identifier, &profile.third_context_identifier})
            if (*other && !is_left(**other)) other->reset();
        if (is_left(profile.default_context_identifier)) return;
        const auto next = std::find_if(profile.apns.begin(), profile.apns.end(),
                                       [](const auto& apn) { return apn.service_selection != "*"; });
        if (next == profile.apns.end()) {
            data_.apn_configuration_profile.reset();
        } else {
            profile.default_context_identifier = next->context_identifier;
        }
    }

    const Node& node_;
    const s6a::Features features_;
    SubscriptionData data_;
};

}  // namespace

Result<SubscriptionData> fit(const Subscription& subscription, const Node& node) {
    return Fitting(subscription, node).run();
}

SubscriptionData minimal_subscription() {
    SubscriptionData data;
    data.ambr = Ambr{1, 1};
    data.apn_configuration_profile.emplace().apns.emplace_back().service_selection = "none";
    return data;
}

}  // namespace bindhss::subscription
