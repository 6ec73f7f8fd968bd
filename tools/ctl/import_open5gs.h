// SPDX-License-Identifier: Apache-2.0
// Open5GS's collection "subscribers" as mongoexport or mongodump writes it.
#pragma once

#include "ctl/records.h"

namespace bindhss::ctl {

/// One subscriber for each document, with what Open5GS's own HSS sends of it over S6a: the first slice's
/// sessions are the APNs. What is not taken over is a warning; docs/migration.md lists it. Reads to the end
/// of the text, or to where it is neither JSON nor BSON.
[[nodiscard]] Reading read_open5gs(std::string_view text);

}  // namespace bindhss::ctl
