// SPDX-License-Identifier: Apache-2.0
// Tokens of operators and programs, with what they may.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "management/caller.h"
#include "types/secret.h"

namespace bindhss::management {

/// Like http::BearerTokens, with roles. Immutable: any thread may use it.
class Tokens {
  public:
    struct Holder {
        std::string name;
        Roles roles;
        Secret<32> digest;
    };

    /// Lines with a name, roles with commas between them, and the SHA-256 of the token in 64 hexadecimal
    /// digits: "dashboard read <64 digits>". Empty ones and those that begin with '#' are skipped; a file may
    /// name nobody. Throws std::runtime_error that names the file, and the line that is wrong.
    static Tokens load(const std::string& path);
    /// The same of a text; `name` stands for the file.
    static Tokens parse(std::string_view text, const std::string& name);

    /// Whose token a field Authorization shows; null: nobody's. Takes as long whichever of them it is.
    [[nodiscard]] const Holder* holder(std::string_view authorization) const;
    [[nodiscard]] std::size_t size() const { return holders_.size(); }

  private:
    std::vector<Holder> holders_;
};

}  // namespace bindhss::management
