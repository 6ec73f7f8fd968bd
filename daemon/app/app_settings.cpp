// SPDX-License-Identifier: Apache-2.0
#include "app/app_settings.h"

#include "types/features.h"

namespace bindhss {

namespace {

std::optional<s6a::EquipmentStatus> unlisted_equipment(config::UnlistedEquipment unlisted) {
    switch (unlisted) {
        case config::UnlistedEquipment::permitted:
            return s6a::EquipmentStatus::permitted;
        case config::UnlistedEquipment::prohibited:
            return s6a::EquipmentStatus::prohibited;
        case config::UnlistedEquipment::unknown:
            break;
    }
    return std::nullopt;
}

procedure::ServingNetworks serving_networks(const config::RoamingSettings& roaming) {
    std::vector<procedure::ServingRealm> realms;
    for (const auto& [realm, plmns] : roaming.realms) realms.push_back({realm, plmns});
    switch (roaming.unlisted_realms) {
        case config::UnlistedRealms::allow:
            return procedure::ServingNetworks(realms, procedure::UnlistedRealms::allow);
        case config::UnlistedRealms::reject:
            return procedure::ServingNetworks(realms, procedure::UnlistedRealms::reject);
        case config::UnlistedRealms::derive:
            break;
    }
    return procedure::ServingNetworks(realms);
}

subscription::OdbUnsupported odb_unsupported(config::OdbUnsupported choice) {
    switch (choice) {
        case config::OdbUnsupported::restrict:
            return subscription::OdbUnsupported::restrict;
        case config::OdbUnsupported::ignore:
            return subscription::OdbUnsupported::ignore;
        case config::OdbUnsupported::reject:
            break;
    }
    return subscription::OdbUnsupported::reject;
}

/// What is announced is what is done from end to end. Nobody sets a Reset-ID yet, or asks to be told when a
/// UE is reachable; and a node that is registered for SMS would wait for Teleservice-List and a way from the
/// SMS centre. The KME list is announced to nodes that announce it themselves.
s6a::Features announced_features(bool provisioning) {
    auto announced = features::implemented;
    announced.list_1 &= ~s6a::feature_1::ue_reachability_notification;
    announced.list_2 &=
        ~(s6a::feature_2::reset_ids | s6a::feature_2::sms_in_mme | s6a::feature_2::sms_in_sgsn);
    if (provisioning) {
        announced.vendor = s6a::feature_kme::provisioning | s6a::feature_kme::provisioning_only |
                           s6a::feature_kme::auth_failure_report;
    }
    return announced;
}

std::chrono::seconds seconds(config::milliseconds duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration);
}

binding::EvidenceSettings evidence_settings(const config::BindingSettings& settings) {
    return {.unanswered_after = seconds(settings.unanswered_after),
            .suspect_strong = settings.suspect_strong,
            .suspect_weak = settings.suspect_weak,
            .reprovision_interval = seconds(settings.reprovision_interval),
            .reprovisions_per_day = settings.reprovisions_per_day};
}

procedure::ProvisioningSettings provisioning_settings(const config::ProvisioningSettings& from) {
    procedure::ProvisioningSettings to;
    to.on = from.enabled;
    to.nodes = from.nodes;
    to.without_tls = from.without_tls;
    to.force_features = from.force_features;
    to.deadline = from.deadline;
    to.response_timer = from.response_timer;
    to.nas_container_type = from.nas_container_type;
    to.home_mac = from.home_mac;
    to.session_kept = seconds(from.session_kept);
    to.rand_algorithm = from.rand_algorithm == config::RandAlgorithm::aes256 ? binding::RandAlgorithm::aes256
                                                                             : binding::RandAlgorithm::aes128;
    to.lifetime = seconds(from.lifetime);
    to.renew_before = seconds(from.renew_before);
    to.retry_cause = from.retry_code;
    to.pauses.clear();
    for (const auto pause : from.pauses) to.pauses.push_back(seconds(pause));
    to.reattach_after = from.reattach_after;
    to.stock_mme = from.stock_mme == config::StockMme::restricted_apn ? procedure::StockMme::restricted_apn
                                                                      : procedure::StockMme::reject;
    to.restricted_profile = from.restricted_profile;
    to.https = !from.https.listen.empty();
    to.https_deadline = from.https.deadline;
    return to;
}

}  // namespace

procedure::Settings procedure_settings(const config::Settings& settings) {
    return {.amf_marks = {settings.authentication.amf_pre_processed_mask,
                          settings.authentication.amf_generation_mask},
            .vectors_max = settings.authentication.vectors_max,
            .evidence_window = seconds(settings.binding.evidence_window),
            .regular_vector_open = seconds(settings.binding.regular_vector_open),
            .authenticated_within = seconds(settings.binding.authenticated_within),
            .evidence = evidence_settings(settings.binding),
            .old_key_grace = seconds(settings.binding.old_key_grace),
            .reject_cause = settings.binding.reject_code,
            .imei_absent_allowed_monitor = settings.binding.imei_absent_monitor == config::ImeiAbsent::allow,
            .imei_absent_allowed_enforce = settings.binding.imei_absent_enforce == config::ImeiAbsent::allow,
            .serving_networks = serving_networks(settings.roaming),
            .features = announced_features(settings.provisioning.enabled),
            .odb_unsupported = odb_unsupported(settings.subscription.odb_unsupported),
            .unlisted_equipment = unlisted_equipment(settings.eir.unknown),
            .provisioning = provisioning_settings(settings.provisioning)};
}

}  // namespace bindhss
