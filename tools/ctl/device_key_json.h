// SPDX-License-Identifier: Apache-2.0
// Public keys of devices in JSON, for the reader of their files.
#pragma once

#include <boost/json/object.hpp>

#include "crypto/public_key_text.h"

namespace bindhss::ctl {

/// The object that the whole text is, or what is wrong with it, as the end of a sentence.
[[nodiscard]] std::variant<boost::json::object, std::string> parse_json_object(std::string_view text);

/// RFC 7517, with what RFC 7518 6 and RFC 8037 2 say of keys; members that no key is made of are not looked
/// at.
[[nodiscard]] crypto::PublicKeyOrRefusal read_json_web_key(const boost::json::object& object);

}  // namespace bindhss::ctl
