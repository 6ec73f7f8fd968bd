// SPDX-License-Identifier: Apache-2.0
// libfdproto and libfdcore brought up as far as their dictionary goes, and no further. Private to
// diameter_dict.
#pragma once

#include <string>

struct dictionary;

namespace bindhss::diameter_dict {

/// Throws std::runtime_error with the function's name unless `code` is 0 (freeDiameter returns errno values).
void require(int code, const std::string& what);

/// Owns the process-wide state of libfdproto; a second one throws.
class Library {
  public:
    explicit Library(const std::string& extensions);
    ~Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    [[nodiscard]] ::dictionary* dictionary() const { return dictionary_; }

  private:
    void load(const std::string& path) const;
    ::dictionary* dictionary_ = nullptr;
};

}  // namespace bindhss::diameter_dict
