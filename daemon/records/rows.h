// SPDX-License-Identifier: Apache-2.0
// What operators read of the store, as JSON objects: what the API answers and bindhssctl understands. The
// names of the members are those that `bindhssctl --json` shows; docs/api.md and openapi.json describe them.
//
// Times are RFC 3339 in UTC, identities texts of digits, what is not known is left out. There is no secret in
// any.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "store/device_keys.h"
#include "store/provisioning.h"

namespace bindhss::records {

[[nodiscard]] boost::json::object object_of(const store::SubscriberRow& row);
[[nodiscard]] boost::json::object object_of(const store::ProfileRow& row);
[[nodiscard]] boost::json::object object_of(const store::DeviceRow& row);
[[nodiscard]] boost::json::object object_of(const store::EquipmentEntry& row);
[[nodiscard]] boost::json::object object_of(const store::RegistrationRow& row);
[[nodiscard]] boost::json::object object_of(const store::TermsRow& row);
[[nodiscard]] boost::json::object object_of(const store::SubscriptionGroupRow& row);
[[nodiscard]] boost::json::object object_of(const binding::Rule& row);
[[nodiscard]] boost::json::object object_of(const store::DeviceModelRow& row);
[[nodiscard]] boost::json::object object_of(const store::KmeRow& row);
[[nodiscard]] boost::json::object object_of(const store::ApprovalRow& row);
[[nodiscard]] boost::json::object object_of(const store::SeenPair& row);
[[nodiscard]] boost::json::object object_of(const store::AuditRow& row);
[[nodiscard]] boost::json::object object_of(const store::AlarmRow& row);
[[nodiscard]] boost::json::object object_of(const store::DeviceKey& row);
[[nodiscard]] boost::json::object object_of(const store::ExchangeRow& row);

/// Who has a KME: "35824005111111" or "group:meters".
[[nodiscard]] std::string owner_text(const std::variant<Imei, std::string>& owner);
/// Nothing: the text is neither.
[[nodiscard]] std::optional<std::variant<Imei, std::string>> parse_owner(std::string_view text);

/// An object that is none of what was asked for: somebody else's API, or another version of ours.
class BadRow : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// What object_of() made of a row gives an equal row. Members that nobody knows are passed over, so that an
/// older program reads a newer one. Throws BadRow that names the member. For each of the types above.
template <class Row>
[[nodiscard]] Row row_from(const boost::json::object& object);

}  // namespace bindhss::records
