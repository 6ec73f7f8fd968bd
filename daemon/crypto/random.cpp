// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"

#include <openssl/rand.h>

#include <stdexcept>

namespace bindhss::crypto {

void SystemRandom::fill(std::span<std::uint8_t> octets) {
    if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) {
        throw std::runtime_error("the random generator of OpenSSL has no entropy");
    }
}

}  // namespace bindhss::crypto
