// SPDX-License-Identifier: Apache-2.0
// What a reload may change, and what has to wait for a restart.
#include <algorithm>
#include <array>

#include "config/config.h"
#include "config/table.h"

namespace bindhss::config {

namespace {

/// A key that is reloadable, and what it must not go ahead of: one key, or all of a section.
struct Companion {
    std::string_view key;
    std::string_view needs;
};
constexpr std::array<Companion, 12> companions{{
    // A peer without a realm has ours: it would be told to go, and be refused when it came back.
    {"diameter.peers", "diameter.realm"},
    // Certificates that no running daemon has.
    {"diameter.peers", "diameter.tls.certificate"},
    {"diameter.peers", "diameter.tls.ca"},
    // Whom a listener of this machine alone may serve, a public one may not.
    {"diameter.peers", "diameter.listen"},
    {"diameter.peers", "diameter.tls.listen"},
    // Who takes the token away because clients have certificates from now on opens the listener to nobody.
    {"provisioning.https.token_file", "provisioning.https.client_ca"},
    // So does who takes it away with the listener, or puts that behind something that knows its clients.
    {"provisioning.https.token_file", "provisioning.https.listen"},
    {"provisioning.https.token_file", "provisioning.https.certificate"},
    {"provisioning.https.token_file", "provisioning.https.without_tls"},
    // The KME AVPs with another Vendor-Id.
    {"provisioning.enabled", "provisioning.kme_vendor_id"},
    // What another group, or the certificates of another CA, are to be allowed is not for those of before.
    {"api.socket_roles", "api.socket_group"},
    {"api.certificates", "api.client_ca"},
}};

bool waits(std::string_view key, const std::vector<Change>& changes) {
    return std::any_of(companions.begin(), companions.end(), [&](const Companion& companion) {
        if (companion.key != key) return false;
        return std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
            return !change.reloadable && change.key == companion.needs;
        });
    });
}

}  // namespace

std::vector<Change> all_keys() {
    std::vector<Change> keys;
    for (const auto& setting : table()) keys.push_back({std::string(setting.key), setting.reloadable});
    return keys;
}

std::vector<Change> differences(const Settings& before, const Settings& after) {
    std::vector<Change> changes;
    for (const auto& setting : table()) {
        if (setting.write(before) != setting.write(after))
            changes.push_back({std::string(setting.key), setting.reloadable});
    }
    return changes;
}

Reload plan_reload(const Settings& in_force, const Settings& wanted) {
    Reload reload{in_force, {}, {}};
    const auto changes = differences(in_force, wanted);
    for (const auto& change : changes) {
        if (!change.reloadable || waits(change.key, changes)) {
            reload.needs_restart.push_back(change.key);
            continue;
        }
        const auto setting = std::find_if(table().begin(), table().end(),
                                          [&](const auto& candidate) { return candidate.key == change.key; });
        setting->copy(reload.settings, wanted);
        reload.changed.push_back(change.key);
    }
    return reload;
}

}  // namespace bindhss::config
