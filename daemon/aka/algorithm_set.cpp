// SPDX-License-Identifier: Apache-2.0
#include "aka/algorithm_set.h"

#include <stdexcept>

#include "aka/milenage.h"
#include "aka/tuak.h"
#include "aka/xor_test.h"

namespace bindhss::aka {

std::unique_ptr<AlgorithmSet> make_algorithm_set(const AkaKeys& keys) {
    if (const auto fault = fault_of(keys)) throw std::invalid_argument(*fault);
    switch (keys.algorithm) {
        case AkaAlgorithm::tuak:
            return std::make_unique<Tuak>(keys.k.view(), keys.opc.view(), keys.tuak_iterations,
                                          keys.res_octets);
        case AkaAlgorithm::xor_test:
            return std::make_unique<XorTest>(*SubscriberKey::from(keys.k.view()), keys.res_octets);
        case AkaAlgorithm::milenage:
            break;
    }
    return std::make_unique<Milenage>(*SubscriberKey::from(keys.k.view()), *Opc::from(keys.opc.view()));
}

SecretString derive_operator_key(const AkaKeys& keys, OctetView op) {
    switch (keys.algorithm) {
        case AkaAlgorithm::tuak:
            return SecretString(derive_topc(keys.k.view(), op, keys.tuak_iterations).view());
        case AkaAlgorithm::milenage:
            return SecretString(derive_opc(*SubscriberKey::from(keys.k.view()), op).view());
        case AkaAlgorithm::xor_test:
            break;
    }
    return {};
}

}  // namespace bindhss::aka
