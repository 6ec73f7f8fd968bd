// SPDX-License-Identifier: Apache-2.0
#include "management/tokens.h"

#include <algorithm>
#include <stdexcept>

#include "crypto/hash.h"
#include "http/bearer.h"
#include "types/limits.h"

namespace bindhss::management {

namespace {

/// The next word of a line; empty: there is none.
std::string_view next_word(std::string_view& line) {
    constexpr std::string_view blanks = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const auto word = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(word.size());
    return word;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= limits::name_octets_max &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

Tokens Tokens::load(const std::string& path) {
    return parse(http::read_token_file(path), path);
}

Tokens Tokens::parse(std::string_view text, const std::string& name) {
    Tokens tokens;
    std::size_t number = 0;
    const auto bad = [&](const std::string& why) {
        return std::runtime_error("token file " + name + ":" + std::to_string(number) + ": " + why);
    };
    while (!text.empty()) {
        ++number;
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto who = next_word(line);
        if (who.empty() || who.starts_with('#')) continue;
        const auto roles = parse_roles(next_word(line));
        const auto digest = octets_from_hex<32>(next_word(line));
        if (!is_name(who) || !roles || !digest || !next_word(line).empty()) {
            throw bad(
                "is not a name, roles (read, provision, keys, admin, with commas between them) and the "
                "SHA-256 of a token (64 hexadecimal digits)");
        }
        if (tokens.holders_.size() == limits::bearer_tokens_max) {
            throw bad("is the entry after the " + std::to_string(limits::bearer_tokens_max) +
                      " that there may be");
        }
        tokens.holders_.push_back({std::string(who), *roles, Secret<32>(*digest)});
    }
    return tokens;
}

const Tokens::Holder* Tokens::holder(std::string_view authorization) const {
    const auto token = http::bearer_token_in(authorization);
    if (!token) return nullptr;
    const Secret<32> digest(crypto::sha256(as_octets(*token)));
    const Holder* found = nullptr;
    for (const auto& holder : holders_)
        if (holder.digest == digest) found = &holder;
    return found;
}

}  // namespace bindhss::management
