// SPDX-License-Identifier: Apache-2.0
// What operators read back of the store, row by row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "binding/binding.h"
#include "store/store.h"
#include "types/s6a.h"

namespace bindhss::store {

/// As shown to operators: no secret, a KCV at most (first 3 octets of AES(KME, 0), hexadecimal).
struct SubscriberRow {
    Imsi imsi;
    std::string msisdn;
    std::string profile;
    Amf amf;
    std::uint64_t seq = 0;
    binding::Policy policy = binding::Policy::off;
    std::vector<ImeiRange> devices;
    std::string group;
    std::string kcv;  ///< of the active KME, empty: none
    std::string override_document = "{}";
    std::string terms;                ///< in force, by name
    std::string terms_from;           ///< "binding", "group:<name>" or "default"
    std::vector<std::string> groups;  ///< subscription groups
    binding::Standing standing;       ///< evidence; with a KME policy
    std::optional<WallTime> proved_at;
};
struct TermsRow {
    binding::Terms terms;
    bool fixed = false;     ///< named like a policy
    bool standard = false;  ///< the default ones
    std::uint64_t bindings = 0;
    std::uint64_t groups = 0;
};
struct SubscriptionGroupRow {
    std::string name;
    std::string terms;
    std::int32_t rank = 0;
    std::uint64_t members = 0;
};
struct DeviceModelRow {
    std::uint32_t tac = 0;
    std::string name;
    std::optional<bool> imei_secure;
    std::optional<bool> key_secure;
};
struct KmeRow {
    std::variant<Imei, std::string> owner;
    std::uint32_t generation = 0;
    std::string kcv;
    std::string state;  ///< active, previous, retired
    WallTime changed;
};
/// A device that waits for the operator.
struct ApprovalRow {
    Imsi imsi;
    Imei imei;
    std::string svn;
    std::string node;
    WallTime first;
    WallTime last;
    std::uint64_t count = 0;
};
struct AuditRow {
    std::int64_t id = 0;  ///< grows
    WallTime at;
    std::string who;
    std::string what;
    std::string detail;
    std::string request;  ///< the name of the API's request; empty: it came another way
};

/// A subscription and a device that were seen together, with all that judges them today (binding/judge.h).
struct SeenPair {
    Imsi imsi;
    TerminalInformation device;
    binding::Binding binding;
    binding::DeviceFacts facts;
    std::string node;
    binding::Provenance provenance = binding::Provenance::authenticated;
    WallTime first;
    WallTime last;
    std::optional<Registration> registration;  ///< of a search among registrations
};
struct SeenFilter {
    bool registered = false;  ///< those registered now (purged ones not); else all that were ever seen
    std::optional<Imsi> imsi;
    std::optional<Imei> imei;
    binding::SubscriptionSet subscriptions;  ///< everybody, an interval, or a subscription group
    std::optional<WallTime> since;           ///< last seen then or later
};
struct SeenPosition {
    std::string imsi;
    std::uint64_t imei = 0;
    std::string svn;
    s6a::Domain domain = s6a::Domain::mme;
};
struct SeenPage {
    std::vector<SeenPair> pairs;
    std::optional<SeenPosition> next;  ///< absent: the end was reached
};
struct ProfileRow {
    std::string name;
    std::int64_t version = 0;  ///< grows with every change of any profile
    std::uint64_t subscribers = 0;
    std::string document;
};
struct DeviceRow {
    ImeiRange range;
    std::string group;
    std::string comment;
    std::string kcv;
    std::uint32_t uiccs_max = 0;  ///< 0: any number
};
struct RegistrationRow {
    Imsi imsi;
    Registration registration;
};
struct AlarmRow {
    std::string name;
    std::string severity;
    std::string imsi;
    std::string imei;
    std::string peer;
    std::string detail;
    WallTime first;
    WallTime last;
    std::uint64_t count = 0;
    std::int64_t id = 0;
    std::string acknowledged_by;  ///< empty: nobody
    std::optional<WallTime> cleared;
    std::string cleared_by;  ///< who has; empty: what it told of was over by itself
    std::string session;     ///< Session-Id of the last occurrence; empty: no request brought it
};

}  // namespace bindhss::store
