// SPDX-License-Identifier: Apache-2.0
// How the parts of a daemon follow a reload. Each reads first and changes later, see configuration.h.
#include "app/daemon.h"
#include "app/node_settings.h"

namespace bindhss {

void Daemon::follow_reloads() {
    follow_log_and_alarms();
    follow_procedures();
    follow_peers();
}

void Daemon::follow_log_and_alarms() {
    configuration_.follow([this](const config::Settings& wanted) -> Configuration::Apply {
        return ground_.log.prepare(wanted.log);
    });
    configuration_.follow([this](const config::Settings& wanted) -> Configuration::Apply {
        return alarms_.prepare(wanted, load_webhook(wanted));
    });
    configuration_.follow([this](const config::Settings& wanted) -> Configuration::Apply {
        const auto retention = retention_settings(wanted);
        return [this, retention] { retention_.change(retention); };
    });
}

void Daemon::follow_procedures() {
    configuration_.follow([this](const config::Settings& wanted) -> Configuration::Apply {
        auto ports = ports_of(wanted, load_registry(wanted));
        return [this, ports = std::move(ports)] { ports_.replace(ports); };
    });
    configuration_.follow([this](const config::Settings& wanted) -> Configuration::Apply {
        const auto limits = wanted.limits;
        const auto rate = wanted.subscription.update_rate;
        return [this, limits, rate] {
            gate_.change(limits);
            worker_.set_update_rate(rate);
        };
    });
    if (api_) {
        configuration_.follow(
            [this](const config::Settings& wanted) -> Configuration::Apply { return api_->prepare(wanted); });
    }
    if (!keys_by_https_) return;
    configuration_.follow([this](const config::Settings& wanted) -> Configuration::Apply {
        return keys_by_https_->prepare(wanted);
    });
}

/// Certificates that cannot be used are told of and the old ones stay: so it is when their files change too.
void Daemon::follow_peers() {
    configuration_.follow([this](const config::Settings& wanted) -> Configuration::Apply {
        auto peers = peer_settings(wanted.diameter);
        auto quirks = quirk_settings(wanted);
        node_.check_peers(peers);
        return [this, peers = std::move(peers), quirks = std::move(quirks)] {
            node_.set_peers(peers, quirks);
            node_.reload_certificates();
        };
    });
}

}  // namespace bindhss
