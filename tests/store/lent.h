// SPDX-License-Identifier: Apache-2.0
// How a test of the contract reaches the stores of operators: directly, or in the program
// contract_over_api_test through the API, which this process answers itself.
#pragma once

#include "store/device_keys.h"
#include "store/provisioning.h"

#ifdef BINDHSS_STORE_OVER_API

#include "ctl/api_store.h"
#include "ctl/here_api.h"

/// A tag of what the API leaves out by design.
#define NOT_OVER_API "[.direct]"

namespace bindhss::test {

class Lent {
  public:
    Lent(store::Provisioning& direct, store::DeviceKeys& keys)
        : api_(ctl::answer_here(
              [&direct, &keys] {
                  return management::Stores{
                      std::shared_ptr<store::Provisioning>(&direct, [](store::Provisioning*) {}),
                      std::shared_ptr<store::DeviceKeys>(&keys, [](store::DeviceKeys*) {})};
              },
              "ann@desk", "the stores of a test")) {}
    [[nodiscard]] store::Provisioning& provisioning() { return provisioning_; }
    [[nodiscard]] store::DeviceKeys& device_keys() { return device_keys_; }

  private:
    std::shared_ptr<ctl::ApiClient> api_;
    ctl::ApiProvisioning provisioning_{api_};
    ctl::ApiDeviceKeys device_keys_{api_};
};

}  // namespace bindhss::test

#else

#define NOT_OVER_API ""

namespace bindhss::test {

class Lent {
  public:
    Lent(store::Provisioning& direct, store::DeviceKeys& keys) : provisioning_(direct), device_keys_(keys) {}
    [[nodiscard]] store::Provisioning& provisioning() { return provisioning_; }
    [[nodiscard]] store::DeviceKeys& device_keys() { return device_keys_; }

  private:
    store::Provisioning& provisioning_;
    store::DeviceKeys& device_keys_;
};

}  // namespace bindhss::test

#endif
