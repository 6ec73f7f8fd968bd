// SPDX-License-Identifier: Apache-2.0
// What the procedures need of the world, and nothing else of it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>

#include "alarm/alarm.h"
#include "binding/evidence.h"
#include "procedure/provisioning_settings.h"
#include "procedure/serving_network.h"
#include "store/exchange.h"
#include "subscription/fit.h"
#include "types/features.h"
#include "types/s6a.h"
#include "types/seams.h"

namespace bindhss::procedure {

/// Requests from the HSS to an MME or SGSN (TS 29.272 5.2.1.2, 5.2.2, 5.2.4). Any executor may await it.
class NodeClient {
  public:
    virtual ~NodeClient() = default;
    /// unable_to_deliver when the node is not connected or does not answer in time; what it refuses with
    /// otherwise.
    virtual boost::asio::awaitable<Result<s6a::CancelLocationAnswer>> cancel_location(
        s6a::CancelLocationRequest request) = 0;
    virtual boost::asio::awaitable<Result<s6a::InsertSubscriberDataAnswer>> insert_subscriber_data(
        s6a::InsertSubscriberDataRequest request) = 0;
    virtual boost::asio::awaitable<Result<s6a::DeleteSubscriberDataAnswer>> delete_subscriber_data(
        s6a::DeleteSubscriberDataRequest request) = 0;
    virtual boost::asio::awaitable<Result<s6a::ResetAnswer>> reset(s6a::ResetRequest request) = 0;
    /// The nodes that are peers of this daemon now. Any thread may call it.
    [[nodiscard]] virtual store::Reach reach() const { return {}; }
};

/// Choices of the operator; defaults as in spec 5.6.
struct Settings {
    binding::AmfMarks amf_marks;
    std::uint32_t vectors_max = 5;                  ///< 1 .. limits::vectors_max
    std::chrono::seconds evidence_window{120};      ///< a ULR this soon after a B-AV proves the binding
    std::chrono::seconds regular_vector_open{600};  ///< an R-AV may still be in use for this long (I2)
    /// A node that had vectors this recently has authenticated the UE that it tells of.
    std::chrono::seconds authenticated_within{24 * 3600};
    binding::EvidenceSettings evidence;       ///< what makes a binding suspect, and what follows
    std::chrono::seconds old_key_grace{600};  ///< a key that was replaced still opens an AUTS (spec 4.3)
    Cause reject_cause = Cause::authorization_rejected;
    bool imei_absent_allowed_monitor = true;  ///< Terminal-Information missing: allow
    bool imei_absent_allowed_enforce = false;
    ServingNetworks serving_networks;                ///< which PLMNs the nodes of a realm may speak for
    s6a::Features features = features::implemented;  ///< what this HSS announces
    /// Something is barred that a node cannot bar: the safe answer, for a node that says nothing bars
    /// nothing.
    subscription::OdbUnsupported odb_unsupported = subscription::OdbUnsupported::reject;
    std::vector<OctetString>
        reset_ids;  ///< Reset-IDs of this HSS (7.3.184); none: the feature is not announced
    /// What S13 answers of a device in no list; nothing: equipment_unknown.
    std::optional<s6a::EquipmentStatus> unlisted_equipment = s6a::EquipmentStatus::permitted;
    ProvisioningSettings provisioning;
};

/// A registry of public keys outside (R20 "a common database"). Any executor may await it.
class KeyRegistry {
  public:
    virtual ~KeyRegistry() = default;
    /// The device's key as the registry has it now, or had it a short time ago, be it valid or not; nothing:
    /// it knows none.
    /// unable_to_deliver when it cannot be asked.
    virtual boost::asio::awaitable<Result<std::optional<store::DeviceKey>>> find(Imei imei) = 0;
};

class Gate;
class UnfitNodes;
class Witness;

/// Borrowed by every procedure, and outlives it; work that goes on behind a procedure has a copy.
struct Ports {
    store::Store& store;
    alarm::Sink& alarms;
    NodeClient& nodes;
    Random& random;
    const Clock& clock;
    const Settings& settings;
    /// Told of each exception in work that no request waits for: a fault of ours or of the machine. Any
    /// thread; never throws.
    std::function<void(const std::exception_ptr&)> on_fault = [](const std::exception_ptr&) {};
    Gate* gate = nullptr;                   ///< limits of requests (procedure/gate.h); absent: none
    store::Exchanges* exchanges = nullptr;  ///< absent: keys are not provisioned over the network
    KeyRegistry* key_registry = nullptr;    ///< absent: the table of the store alone
    UnfitNodes* unfit_nodes = nullptr;      ///< nodes that announced more than they have; absent: none
    /// Owns what settings and key_registry refer to, where a reload may replace them
    /// (procedure/live_ports.h).
    std::shared_ptr<const void> kept = nullptr;
    Witness* witness = nullptr;  ///< told of decisions (procedure/witness.h); absent: nobody
};

}  // namespace bindhss::procedure
