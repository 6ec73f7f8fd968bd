// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>

#include "crypto/public_key_text.h"

namespace bindhss::crypto {

/// A public key as RFC 7517 writes it, with what RFC 7518 6 and RFC 8037 2 say of keys; members that no key
/// is made of are not looked at. One clear sentence for what is none.
[[nodiscard]] PublicKeyOrRefusal read_json_web_key(const boost::json::object& object);

}  // namespace bindhss::crypto
