// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace bindhss::crypto {

void SystemRandom::fill(std::span<std::uint8_t> octets) {
    while (!octets.empty()) {
        const auto drawn = ::getrandom(octets.data(), octets.size(), 0);
        if (drawn >= 0) {
            octets = octets.subspan(static_cast<std::size_t>(drawn));
        } else if (errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "the kernel gives no random octets");
        }
    }
}

}  // namespace bindhss::crypto
