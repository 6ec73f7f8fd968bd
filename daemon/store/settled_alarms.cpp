// SPDX-License-Identifier: Apache-2.0
// Which alarms end with what an operator decides.
#include <initializer_list>

#include "store/import_plan.h"

namespace bindhss::store {

std::vector<SettledAlarm> settled_alarms(const ImportPlan& plan) {
    using alarm::Id;
    std::vector<SettledAlarm> settled;
    const auto add = [&](std::initializer_list<Id> ids, const Imsi& imsi, std::optional<Imei> imei) {
        for (const auto id : ids) settled.push_back({alarm::describe(id).name, imsi, imei});
    };
    for (const auto& [put, line] : plan.authorisations) {
        add({Id::pair_unauthorised, Id::imei_mismatch, Id::approval_pending, Id::access_limited,
             Id::association_first_seen, Id::association_changed},
            put->imsi, put->imei);
    }
    for (const auto& [put, line] : plan.refusals) add({Id::approval_pending}, put->imsi, put->imei);
    // With its end what spoke against the binding is forgotten.
    for (const auto& [put, line] : plan.locks)
        if (!put->locked) add({Id::binding_locked, Id::kme_suspect}, put->imsi, std::nullopt);
    return settled;
}

}  // namespace bindhss::store
