// SPDX-License-Identifier: Apache-2.0
// What an operator lays down for the provisioning of keys over the network (spec 4.4, 4.5, 5.6): plain values
// whose initialisers are the defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "binding/container.h"
#include "types/limits.h"
#include "types/result.h"

namespace bindhss::procedure {

/// A subscription that needs a key at a node that cannot give it one (spec 4.4).
enum class StockMme : std::uint8_t {
    reject,          ///< 5003
    restricted_apn,  ///< served with a profile whose only purpose is provisioning
};

struct ProvisioningSettings {
    bool on = false;  ///< keys are provisioned by S6a; https has a listener of its own
    /// Origin-Hosts that are trusted with it (R27), or "*.<realm>"; none: no node.
    std::vector<std::string> nodes;
    /// The hop is protected by other means than TLS (IPsec): a plain connection will do.
    bool without_tls = false;
    /// Nodes that are taken to have all features of the KME list, whatever they announce: for tests.
    std::vector<std::string> force_features;
    std::chrono::milliseconds deadline{6'000};        ///< from ULR to ULA
    std::chrono::milliseconds response_timer{4'000};  ///< from IDR to IDA; shorter than the deadline
    std::uint32_t nas_container_type = 75;
    bool home_mac = true;
    std::chrono::seconds session_kept{120};  ///< CK and IK for HOME-MAC
    binding::RandAlgorithm rand_algorithm = binding::RandAlgorithm::aes128;
    std::chrono::seconds lifetime{0};                  ///< of a key that was provisioned; 0: for good
    std::chrono::seconds renew_before{7 * 24 * 3600};  ///< the end of its time
    std::vector<std::chrono::seconds> pauses{std::chrono::seconds(60), std::chrono::seconds(300),
                                             std::chrono::seconds(3600)};
    Cause retry_cause = Cause::unable_to_comply;
    /// After SUCCESS without a bearer: CLR with re-attach, unless the UE has asked for vectors by then.
    std::chrono::milliseconds reattach_after{2'000};
    /// So long a renewal lets the ULA go ahead.
    std::chrono::milliseconds behind_answer{limits::exchange_behind_answer_ms};
    StockMme stock_mme = StockMme::reject;
    std::string restricted_profile;                     ///< of restricted_apn
    bool https = false;                                 ///< there is a listener for it
    std::chrono::milliseconds https_deadline{300'000};  ///< from container to answer
};

}  // namespace bindhss::procedure
