// SPDX-License-Identifier: Apache-2.0
// Files of other HSSes: documents of JSON or BSON, one at a time.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "store/provisioning.h"

namespace bindhss::ctl {

/// Where documents live while they are looked at: they hold keys, so what is given back is wiped. One
/// thread at a time.
class WipingMemory final : public boost::json::memory_resource {
  private:
    void* do_allocate(std::size_t size, std::size_t alignment) override;
    void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override;
    bool do_is_equal(const boost::json::memory_resource& other) const noexcept override {
        return this == &other;
    }
};

/// A document and where it begins: the line of a text, of BSON its number.
using VisitDocument = std::function<void(const boost::json::value& document, std::size_t line)>;

/// Nesting that JSON may have; BSON has BsonReader::depth_max.
inline constexpr std::size_t json_depth_max = 32;

/// Visits each document: JSON values one after the other (mongoexport), of a list its elements (mongoexport
/// --jsonArray), or BSON (mongodump). Returns what is wrong with the text itself;
/// what came before it has been visited.
[[nodiscard]] std::vector<store::LineError> each_document(std::string_view text, const VisitDocument& visit);

}  // namespace bindhss::ctl
