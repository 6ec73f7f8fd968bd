// SPDX-License-Identifier: Apache-2.0
// freeDiameter's dictionary with the S6a commands on top: loaded once at start, read by every peer
// afterwards.
#pragma once

#include <memory>
#include <string>

#include "diameter_dict/model.h"

struct dictionary;

namespace bindhss::diameter_dict {

/// Loads libfdcore's base dictionary, the packaged dict_*.fdx extensions that S6a needs, and our commands and
/// rules (search or create: an AVP that freeDiameter already has is checked against TS 29.272 for code, type
/// and flags). None of libfdcore's threads is started. Throws std::runtime_error naming what is missing or
/// differs. libfdproto keeps process-wide state, so there is one dictionary a process; a second one throws.
/// After construction any thread may read it. Owns the dictionary.
class Dictionary {
  public:
    /// The IANA example number of RFC 5612: in the dictionary until the operator has a number of its own.
    static constexpr std::uint32_t kme_vendor_default = 32'473;
    /// Where Debian's package of freeDiameter has them.
    static constexpr const char* extensions_default = "/usr/lib/freeDiameter";

    /// `extensions` is the folder with the .fdx files, `kme_vendor` the Vendor-Id of the KME AVPs.
    explicit Dictionary(const std::string& extensions = extensions_default,
                        std::uint32_t kme_vendor = kme_vendor_default);
    ~Dictionary();
    Dictionary(const Dictionary&) = delete;
    Dictionary& operator=(const Dictionary&) = delete;

    [[nodiscard]] ::dictionary* get() const;
    /// Of our own AVPs and of our own list in Supported-Features.
    [[nodiscard]] std::uint32_t kme_vendor() const;

    /// Constant time, without freeDiameter's lock and its search through lists; null: not in the dictionary.
    [[nodiscard]] const AvpModel* avp(std::uint32_t code, std::uint32_t vendor) const;
    /// Only commands of the base protocol (application 0), S6a and S13 are here.
    [[nodiscard]] const CommandModel* command(std::uint32_t application, std::uint32_t code,
                                              bool request) const;
    /// The answer-message of RFC 6733 7.2, which every answer with the E bit is.
    [[nodiscard]] const CommandModel& error_answer() const;
    [[nodiscard]] bool serves_application(std::uint32_t application) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bindhss::diameter_dict
