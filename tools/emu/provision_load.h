// SPDX-License-Identifier: Apache-2.0
// Load of key exchanges on an HSS: each device of a fleet attaches once, is sent its container while its
// Update-Location is pending, and answers as the device would.
#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "emu/fleet.h"
#include "emu/hss_port.h"
#include "emu/kme_relay.h"
#include "emu/load_report.h"
#include "emu/node_reply.h"

namespace bindhss::emu {

struct ProvisionSettings {
    FleetSettings fleet;  ///< of which the bound ones are provisioned
    Plmn plmn;
    std::vector<DeviceKeyPair> keys;  ///< Fleet::key_of() says whose they are
    std::size_t window = 32;          ///< exchanges in flight on this connection
    std::uint64_t first = 0;          ///< the peer's devices are first, first + step, ...
    std::uint64_t step = 1;
    /// Every n-th device attaches again, on an encrypted RAND; 0: none.
    std::uint64_t verify_every = 1;
    /// From container to answer: from half of it to half as much again, evenly spread, so that devices which
    /// began at once do not go on answering at once.
    std::chrono::milliseconds device_takes{0};
    const std::atomic<bool>* stop = nullptr;  ///< ends the load when it becomes true; may be absent
};

/// What exchanges have shown. One thread at a time; those of several threads are merged at the end.
struct ProvisionReport {
    AnswerReport air;       ///< of first attaches
    AnswerReport exchange;  ///< from ULR to ULA, the container's way included
    std::uint64_t established = 0;
    std::uint64_t proven = 0;  ///< attached again on an encrypted RAND
    std::map<std::string, std::uint64_t> failures;
    std::chrono::duration<double> elapsed{};

    void merge(const ProvisionReport& other);
    [[nodiscard]] std::uint64_t failure_count() const;
    void print(std::ostream& out) const;
};

/// One MME with its share of the fleet, on one thread. Borrows the port.
class ProvisionPeer {
  public:
    ProvisionPeer(ProvisionSettings settings, ServingNode identity, HssPort& hss);

    /// Keeps the window full until `end`, or until each device had its turn.
    [[nodiscard]] boost::asio::awaitable<void> run(std::chrono::steady_clock::time_point end);
    /// Requests of the HSS: containers go to their devices.
    [[nodiscard]] NodeReply serve(const HssRequest& request);

    [[nodiscard]] const ProvisionReport& report() const { return report_; }

  private:
    struct Device;
    boost::asio::awaitable<void> slot();
    boost::asio::awaitable<void> exchange(std::uint64_t index);
    /// Both give what is wrong; empty: nothing.
    boost::asio::awaitable<std::string> authenticate(Device& device, bool encrypted);
    boost::asio::awaitable<std::string> update_location(Device& device, bool provisioning);
    [[nodiscard]] std::optional<s6a::Features> features() const;
    std::chrono::milliseconds time_of_device();

    ProvisionSettings settings_;
    ServingNode identity_;
    HssPort& hss_;
    Fleet fleet_;
    std::uint64_t next_;
    std::chrono::steady_clock::time_point end_;
    std::map<Imsi, Device*> pending_;  ///< whose Update-Location is
    ProvisionReport report_;
    std::uint64_t answers_ = 0;  ///< of devices
};

}  // namespace bindhss::emu
