// SPDX-License-Identifier: Apache-2.0
#include "emu/device_nas.h"

namespace bindhss::emu {

void DeviceNas::secured(const Imsi& imsi, const std::optional<AkaSession>& session) {
    imsi_ = imsi;
    session_ = session;
}

std::optional<NasAnswer> DeviceNas::take(OctetView message) {
    using Direction = GenericNasTransport::Direction;
    const auto downlink = parse_nas_transport(message);
    if (!imsi_ || !downlink || downlink->direction != Direction::downlink) return std::nullopt;
    if (downlink->container_type != settings_.container_type) return std::nullopt;
    auto answer = element_.answer(downlink->container, *imsi_, session_, me_);
    if (!answer) return std::nullopt;
    const GenericNasTransport uplink{Direction::uplink, downlink->container_type, std::move(*answer)};
    return NasAnswer{encode(uplink), settings_.answers_after};
}

}  // namespace bindhss::emu
