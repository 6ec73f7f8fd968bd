// SPDX-License-Identifier: Apache-2.0
#include "http/bearer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "crypto/hash.h"
#include "types/limits.h"

namespace bindhss::http {

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= limits::name_octets_max &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

/// The scheme's name is written in any case (RFC 9110 11.1).
std::optional<std::string_view> bearer_token_in(std::string_view authorization) {
    constexpr std::string_view scheme = "bearer ";
    if (authorization.size() <= scheme.size()) return std::nullopt;
    for (std::size_t i = 0; i < scheme.size(); ++i) {
        const char c = authorization[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != scheme[i]) return std::nullopt;
    }
    return trimmed(authorization.substr(scheme.size()));
}

std::string read_token_file(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (!error && size > limits::bearer_file_octets_max) {
        throw std::runtime_error("token file " + path + ": is longer than " +
                                 std::to_string(limits::bearer_file_octets_max) + " octets");
    }
    std::ifstream file(path);
    if (error || !file) throw std::runtime_error("token file " + path + ": " + std::strerror(errno));
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

BearerTokens BearerTokens::load(const std::string& path) {
    return parse(read_token_file(path), path);
}

BearerTokens BearerTokens::parse(std::string_view text, const std::string& name) {
    BearerTokens tokens;
    std::size_t number = 0;
    const auto bad = [&](const std::string& why) {
        return std::runtime_error("token file " + name + ":" + std::to_string(number) + ": " + why);
    };
    while (!text.empty()) {
        ++number;
        const auto line = trimmed(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
        if (line.empty() || line.starts_with('#')) continue;
        const auto blank = line.find_first_of(" \t");
        const auto digest = octets_from_hex<32>(
            blank == std::string_view::npos ? std::string_view() : trimmed(line.substr(blank)));
        if (!digest || !is_name(line.substr(0, blank)))
            throw bad("is not a name, a blank and the SHA-256 of a token (64 hexadecimal digits)");
        if (tokens.holders_.size() == limits::bearer_tokens_max) {
            throw bad("is the entry after the " + std::to_string(limits::bearer_tokens_max) +
                      " that there may be");
        }
        tokens.holders_.push_back({std::string(line.substr(0, blank)), Secret<32>(*digest)});
    }
    if (tokens.holders_.empty()) throw std::runtime_error("token file " + name + ": names nobody");
    return tokens;
}

std::optional<std::string> BearerTokens::holder(std::string_view authorization) const {
    const auto token = bearer_token_in(authorization);
    if (!token) return std::nullopt;
    const Secret<32> digest(crypto::sha256(as_octets(*token)));
    const Holder* found = nullptr;
    for (const auto& holder : holders_)
        if (holder.digest == digest) found = &holder;
    if (found == nullptr) return std::nullopt;
    return found->name;
}

}  // namespace bindhss::http
