// SPDX-License-Identifier: Apache-2.0
// What operators put into the registry of public keys and read back (R20), and what they order of keys that
// are provisioned over the network: blocking, for tools and tests, not for procedures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/exchange.h"
#include "store/provisioning.h"

namespace bindhss::store {

/// One line of a manufacturer's file, read and judged: a key, or what is wrong with the line.
struct DeviceKeyRecord {
    std::variant<DeviceKey, std::string> key;
    std::size_t line = 0;
};
class DeviceKeySource {
  public:
    virtual ~DeviceKeySource() = default;
    /// Nothing: that was the last one.
    virtual std::optional<DeviceKeyRecord> next() = 0;
};
struct DeviceKeyImportOptions {
    bool dry_run = false;
    bool strict = false;         ///< nothing is stored when any line is refused
    bool revoke_others = false;  ///< the keys that a device had before are revoked
    std::string origin;          ///< of lines that name none
};
struct DeviceKeyImport {
    std::uint64_t added = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t revoked = 0;
    std::uint64_t refused = 0;
    std::vector<LineError> errors;  ///< the first limits::import_errors_shown_max of those refused
    bool stored = false;
};

/// An exchange that is pending, for people: no secret.
struct ExchangeRow {
    Imsi imsi;
    Imei imei;
    std::uint32_t generation = 0;
    ExchangeWay way = ExchangeWay::s6a;
    std::string node;
    WallTime started;
    WallTime deadline;
};

/// REQUIRES: one thread at a time.
class DeviceKeys {
  public:
    virtual ~DeviceKeys() = default;

    /// Who is named in the audit from now on.
    virtual void act_as(std::string who) = 0;

    /// Stores what is right line by line, and tells of what is not; in one transaction, with memory for a
    /// chunk alone. A key that is there already (device and fingerprint) is unchanged; one that was revoked
    /// stays revoked and is refused. `what` is named in the audit. Throws Unavailable, and what `source`
    /// throws.
    virtual DeviceKeyImport import_device_keys(DeviceKeySource& source, const DeviceKeyImportOptions& options,
                                               const std::string& what) = 0;
    /// Takes effect at the next exchange. Absent: all keys of the device. Returns how many it concerned.
    virtual std::uint64_t revoke_device_keys(Imei imei, const std::optional<Octets<32>>& fingerprint) = 0;
    /// Of one device (absent: all), behind `after`, by device and then the newest first.
    virtual std::vector<DeviceKey> device_keys(const std::optional<Imei>& imei,
                                               const std::optional<Imei>& after, std::size_t limit) = 0;
    /// The active key of the owner is to be renewed at the next access that its proof allows (R12, R19).
    /// Returns how many keys it concerned.
    virtual std::uint64_t renew_kmes(const std::variant<Imei, std::string>& owner) = 0;
    /// By IMSI, which names a row.
    virtual std::vector<ExchangeRow> exchanges(const Page& page) = 0;
};

}  // namespace bindhss::store
