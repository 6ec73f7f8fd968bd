// SPDX-License-Identifier: Apache-2.0
// What an operator asks for of a list: a page, and of which rows.
#pragma once

#include <optional>
#include <string>

#include "binding/binding.h"
#include "types/identity.h"
#include "types/seams.h"

namespace bindhss::store {

/// A page of a list. The order of each list is fixed, and `after` names the last row of the page before it as
/// that list's interface says; rows that come and go meanwhile neither repeat nor hide others. A list never
/// reads more rows than the page has, however long it is, but those that a filter leaves out.
struct Page {
    // NOLINTNEXTLINE(google-explicit-constructor): the first page is named by its length.
    Page(std::size_t rows = 1'000) : limit(rows) {}
    Page(std::string last, std::size_t rows) : after(std::move(last)), limit(rows) {}

    std::string after;  ///< empty: from the start
    std::size_t limit;
};

/// All that is named must fit.
struct SubscriberFilter {
    std::string imsi_prefix;  ///< digits; empty: any
    std::string msisdn;       ///< exactly; empty: any
    std::string profile;
    std::string group;  ///< a subscription group that it is a member of
    std::optional<binding::Policy> policy;
};
struct DeviceFilter {
    std::optional<Imei> imei;  ///< entries whose range holds it
    std::string group;
};
struct RegistrationFilter {
    std::optional<Imsi> imsi;
    std::string node;     ///< Origin-Host
    bool purged = false;  ///< those that were purged too
};
struct AuditFilter {
    std::string who;
    std::string what;  ///< begins so
    std::string request;
    std::optional<WallTime> since;
};
struct AlarmFilter {
    bool cleared = false;  ///< those that were cleared too
    std::string name;
    std::string severity;
    std::optional<Imsi> imsi;
};

}  // namespace bindhss::store
