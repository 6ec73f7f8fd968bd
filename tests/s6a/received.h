// SPDX-License-Identifier: Apache-2.0
// A message as its receiver has it.
#pragma once

#include <catch2/catch.hpp>

#include "diameter/message.h"
#include "s6a/wire_builder.h"

namespace bindhss::test {

/// REQUIRES: it keeps its command's rules; fails the test otherwise.
inline diameter::Message received(const OctetString& octets) {
    auto message = diameter::Message::parse(octets);
    REQUIRE(message);
    const auto rejection = message->check(loaded_dictionary());
    INFO((rejection ? rejection->detail : ""));
    REQUIRE_FALSE(rejection);
    return std::move(*message);
}

}  // namespace bindhss::test
