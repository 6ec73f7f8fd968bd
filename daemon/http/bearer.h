// SPDX-License-Identifier: Apache-2.0
// Clients that show a token (RFC 6750).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "types/secret.h"

namespace bindhss::http {

/// The token of a field Authorization; nothing: it is none of this scheme.
[[nodiscard]] std::optional<std::string_view> bearer_token_in(std::string_view authorization);
/// A file of tokens as text. Throws std::runtime_error that names it.
[[nodiscard]] std::string read_token_file(const std::string& path);

/// Who may come, and by which token. What is kept, in the file and here, is the SHA-256 of each token: tokens
/// are drawn at random, so nobody finds one that fits. Immutable: any thread may use it.
class BearerTokens {
  public:
    /// Lines with a name and 64 hexadecimal digits; empty ones and those that begin with '#' are skipped.
    /// Throws std::runtime_error that names the file, and the line that is wrong.
    static BearerTokens load(const std::string& path);
    /// The same of a text; `name` stands for the file.
    static BearerTokens parse(std::string_view text, const std::string& name);

    /// The name of whoever has the token of a field Authorization; nothing: nobody's. Takes as long whichever
    /// of them it is.
    [[nodiscard]] std::optional<std::string> holder(std::string_view authorization) const;
    [[nodiscard]] std::size_t size() const { return holders_.size(); }

  private:
    struct Holder {
        std::string name;
        Secret<32> digest;
    };
    std::vector<Holder> holders_;
};

}  // namespace bindhss::http
