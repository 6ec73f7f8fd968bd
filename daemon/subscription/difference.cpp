// SPDX-License-Identifier: Apache-2.0
#include "subscription/difference.h"

#include <algorithm>

#include "subscription/parts.h"

namespace bindhss::subscription {

namespace {

namespace flag = s6a::dsr_flag;

constexpr auto all_eutran = access_restriction::wb_eutran | access_restriction::nb_iot;
constexpr auto all_of_sgsn = access_restriction::utran | access_restriction::geran;

bool all_access_forbidden(const SubscriptionData& data, s6a::Domain domain) {
    const auto all = domain == s6a::Domain::mme ? all_eutran : all_of_sgsn;
    return (data.restricted() & all) == all;
}

/// What changed between two lists of contexts, by Context-Identifier.
template <class Context>
struct Contexts {
    std::vector<Context> changed;  ///< or added
    std::vector<std::uint32_t> gone;
    /// A name that a node still has in a context that goes is in another one now.
    bool name_moves = false;

    Contexts(const std::vector<Context>& told, const std::vector<Context>& now) {
        for (const auto& context : now) {
            const auto* before = at(told, context.context_identifier);
            if (before == nullptr || *before != context) changed.push_back(context);
        }
        for (const auto& context : told)
            if (at(now, context.context_identifier) == nullptr) gone.push_back(context.context_identifier);
        for (const auto& context : changed) {
            name_moves = name_moves || std::any_of(told.begin(), told.end(), [&](const Context& other) {
                             return other.service_selection == context.service_selection &&
                                    other.context_identifier != context.context_identifier;
                         });
        }
    }

    static const Context* at(const std::vector<Context>& list, std::uint32_t id) {
        const auto found = std::find_if(list.begin(), list.end(), [id](const Context& context) {
            return context.context_identifier == id;
        });
        return found == list.end() ? nullptr : &*found;
    }
};

class Comparison {
  public:
    Comparison(const SubscriptionData& told, const SubscriptionData& now, const Node& node)
        : told_(told), now_(now), node_(node) {}

    Update run() {
        barring();
        msisdn();
        each_part([this](auto member, Removal removal, std::uint32_t dsr_flag) {
            part(member, removal, dsr_flag);
        });
        trace();
        edrx();
        apns();
        pdp_contexts();
        if (insert_ != SubscriptionData{}) update_.insert = std::move(insert_);
        if (update_.cancel) update_ = Update{.cancel = true};
        return std::move(update_);
    }

  private:
    void erase(std::uint32_t dsr_flag) { update_.dsr_flags |= dsr_flag; }
    void cancel() { update_.cancel = true; }

    template <class Member>
    void part(Member member, Removal removal, std::uint32_t dsr_flag) {
        if (told_.*member == now_.*member) return;
        if (is_set(now_.*member)) {
            insert_.*member = now_.*member;
        } else if (removal == Removal::deletion) {
            erase(dsr_flag);
        } else if (removal == Removal::neutral) {
            set_neutral(insert_.*member);
        } else {
            cancel();
        }
    }

    /// SERVICE_GRANTED lifts all barring (TS 29.272 5.2.2.1.3).
    void barring() {
        if (told_.barred() == now_.barred() && told_.subscriber_status == now_.subscriber_status) return;
        insert_.subscriber_status = now_.subscriber_status;
        insert_.operator_determined_barring = now_.operator_determined_barring;
    }

    void msisdn() {
        if (told_.msisdn == now_.msisdn) return;
        insert_.msisdn = now_.msisdn;
        if (!now_.msisdn.empty()) return;
        const bool removable =
            node_.features && (node_.features->list_2 & s6a::feature_2::removal_of_msisdn) != 0;
        if (removable) {
            erase(flag::msisdn);
        } else {
            cancel();
        }
    }

    void trace() {
        if (told_.trace_data == now_.trace_data) return;
        insert_.trace_data = now_.trace_data;
        if (now_.trace_data) return;
        erase(flag::trace_data);
        update_.trace_reference = told_.trace_data->reference;
    }

    /// A node keeps one length for each RAT.
    void edrx() {
        const auto& now = now_.edrx_cycle_lengths;
        for (const auto& edrx : now) {
            const auto same =
                std::find(told_.edrx_cycle_lengths.begin(), told_.edrx_cycle_lengths.end(), edrx);
            if (same == told_.edrx_cycle_lengths.end()) insert_.edrx_cycle_lengths.push_back(edrx);
        }
        for (const auto& edrx : told_.edrx_cycle_lengths) {
            const bool kept = std::any_of(now.begin(), now.end(),
                                          [&](const auto& other) { return other.rat_type == edrx.rat_type; });
            if (!kept) update_.edrx_related_rats.push_back(edrx.rat_type);
        }
        if (!update_.edrx_related_rats.empty()) erase(flag::edrx_cycle_length);
    }

    void apns() {
        if (told_.apn_configuration_profile == now_.apn_configuration_profile) return;
        if (!now_.has_eps())
            return erase(flag::complete_apn_configuration_profile);  // an SGSN: fit() saw to it
        const auto& now = *now_.apn_configuration_profile;
        const auto told = told_.apn_configuration_profile.value_or(ApnConfigurationProfile{});
        Contexts<ApnConfiguration> contexts(told.apns, now.apns);
        const bool further_defaults =
            told.additional_context_identifier != now.additional_context_identifier ||
            told.third_context_identifier != now.third_context_identifier;
        if (!told_.has_eps() || node_.whole_apn_profile || further_defaults || contexts.name_moves) {
            insert_.apn_configuration_profile = now;
            return;
        }
        if (!contexts.changed.empty() || told.default_context_identifier != now.default_context_identifier)
            insert_changed(now, std::move(contexts.changed));
        if (contexts.gone.empty()) return;
        erase(flag::pdn_subscription_contexts);
        update_.context_identifiers = std::move(contexts.gone);
    }

    /// A profile has at least one configuration (7.3.34): that of the default APN when none changed.
    void insert_changed(const ApnConfigurationProfile& now, std::vector<ApnConfiguration> changed) {
        if (changed.empty())
            changed.push_back(*Contexts<ApnConfiguration>::at(now.apns, now.default_context_identifier));
        auto& profile = insert_.apn_configuration_profile.emplace(now);
        profile.all_included = false;
        profile.apns = std::move(changed);
    }

    void pdp_contexts() {
        if (told_.gprs_subscription_data == now_.gprs_subscription_data) return;
        const bool sgsn = node_.domain == s6a::Domain::sgsn;
        if (!now_.has_gprs()) return sgsn ? erase(flag::complete_pdp_context_list) : cancel();
        const auto& now = *now_.gprs_subscription_data;
        const auto told = told_.gprs_subscription_data.value_or(GprsSubscriptionData{});
        Contexts<PdpContext> contexts(told.contexts, now.contexts);
        // Deletion by context is of APNs or of PDP contexts, never of both in one request (7.3.25).
        const bool by_context = sgsn && (update_.dsr_flags & flag::pdn_subscription_contexts) == 0;
        if (!told_.has_gprs() || contexts.name_moves || (!contexts.gone.empty() && !by_context)) {
            insert_.gprs_subscription_data = now;
            return;
        }
        if (!contexts.changed.empty())
            insert_.gprs_subscription_data = GprsSubscriptionData{false, std::move(contexts.changed)};
        if (contexts.gone.empty()) return;
        erase(flag::pdp_contexts);
        update_.context_identifiers = std::move(contexts.gone);
    }

    const SubscriptionData& told_;
    const SubscriptionData& now_;
    const Node& node_;
    SubscriptionData insert_;
    Update update_;
};

}  // namespace

Update difference(const Subscription& told, const Subscription& now, const Node& node) {
    const auto fitting = fit(now, node);
    if (!fitting || all_access_forbidden(*fitting, node.domain)) return Update{.cancel = true};
    const auto before = fit(told, node);
    // What was refused was never told: the node knows nothing yet.
    return Comparison(before ? *before : SubscriptionData{}, *fitting, node).run();
}

}  // namespace bindhss::subscription
