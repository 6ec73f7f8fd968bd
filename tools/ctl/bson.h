// SPDX-License-Identifier: Apache-2.0
// BSON, the form of mongodump's files (bsonspec.org 1.1): documents one after the other.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace bindhss::ctl {

/// Reads the documents of a text that nobody has looked at yet: whatever it holds, it is read or refused.
/// Numbers of 32 and 64 bits, texts, booleans, lists and documents come as what they are in JSON; times as
/// milliseconds; object ids and binaries in hexadecimal; what JSON has no like of, as null.
class BsonReader {
  public:
    /// What MongoDB allows: 100 levels; a few more than a subscriber has are enough.
    static constexpr std::size_t depth_max = 32;
    /// 16 MiB and what MongoDB adds to its own.
    static constexpr std::size_t document_octets_max = 16 * 1024 * 1024 + 16 * 1024;

    /// REQUIRES: the text outlives the reader. Values live in `memory`.
    BsonReader(std::string_view text, boost::json::storage_ptr memory)
        : rest_(text), memory_(std::move(memory)) {}

    /// The next document; nothing at the end of the text, or when it is broken: then error() says why.
    std::optional<boost::json::object> next();
    [[nodiscard]] const std::string& error() const { return error_; }
    /// Does the text begin as BSON does? JSON never does: its first octets are printable.
    [[nodiscard]] static bool begins_as_bson(std::string_view text);

  private:
    std::string_view rest_;
    boost::json::storage_ptr memory_;
    std::string error_;
};

}  // namespace bindhss::ctl
