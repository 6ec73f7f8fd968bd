// SPDX-License-Identifier: Apache-2.0
// How many requests an operator lets pass (R43): plain values, whose initialisers are the defaults.
#pragma once

#include <chrono>
#include <cstdint>

namespace bindhss {

/// A bucket of `count` tokens that fills evenly in `per`: so many at once, and that many in each `per` after.
struct Rate {
    std::uint32_t count = 0;  ///< 0: no limit
    std::chrono::milliseconds per{1'000};
    [[nodiscard]] constexpr bool off() const { return count == 0; }
    bool operator==(const Rate&) const = default;
};

/// By what a request costs: vectors, an AUTS to be tried under every candidate key, or a place.
struct RequestRates {
    Rate air;     ///< Authentication-Information
    Rate resync;  ///< those of them with Re-Synchronization-Info
    Rate update;  ///< Update-Location, Purge, Notify, ME-Identity-Check
    bool operator==(const RequestRates&) const = default;
};

/// Defaults are several times what a network in trouble asks for; docs/operations.md gives the reasons.
struct RequestLimits {
    static constexpr std::chrono::milliseconds second{1'000};
    static constexpr std::chrono::milliseconds minute{60'000};

    RequestRates imsi{{60, minute}, {20, minute}, {120, minute}};  ///< one IMSI at one node
    /// One IMSI over one connection, whatever nodes ask for it there.
    RequestRates connection{{240, minute}, {80, minute}, {480, minute}};
    RequestRates device{{1'000, minute}, {300, minute}, {2'000, minute}};    ///< one IMEI at one node
    RequestRates network{{5'000, second}, {500, second}, {10'000, second}};  ///< roamers in one network
    RequestRates peer{{20'000, second}, {2'000, second}, {40'000, second}};  ///< one Origin-Host
    /// All UEs together whose last access was refused or not answered, by kind of request.
    RequestRates refused{{1'000, second}, {200, second}, {1'000, second}};
    /// UEs that were neither admitted nor refused before: their requests that are refused, at one node.
    RequestRates newcomers{{500, second}, {100, second}, {500, second}};
    /// Nodes (Origin-Host and Origin-Realm) that one connection brings for the first time.
    Rate new_nodes{4'096, std::chrono::hours(30 * 24)};
    /// A UE that has not been seen for as long is not counted as refused any more.
    std::chrono::milliseconds remembered{24 * 3'600'000};
    bool operator==(const RequestLimits&) const = default;
};

}  // namespace bindhss
