// SPDX-License-Identifier: Apache-2.0
#include "app/api_stores.h"

#include "store/postgres/device_keys.h"
#include "store/postgres/provisioning.h"

namespace bindhss {

management::Stores open_api_stores(const std::string& url, const crypto::KeyRing& keys, Random& random,
                                   const ApiPatience& patience) {
    using namespace store::postgres;
    const auto breaker = std::make_shared<Breaker>();
    const Bounds bounds{patience.statement, patience.lock_wait, breaker};
    const auto provisioning = std::make_shared<PostgresProvisioning>(url, keys, random, bounds);
    const auto device_keys = std::make_shared<PostgresDeviceKeys>(url, bounds);
    return {provisioning, device_keys,
            [provisioning, device_keys](const std::string& request) {
                provisioning->by_request(request);
                device_keys->by_request(request);
            },
            [breaker] { breaker->stop(); }};
}

}  // namespace bindhss
