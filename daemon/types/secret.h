// SPDX-License-Identifier: Apache-2.0
// Key material: wiped when it dies, compared in constant time, and without any way to print it.
#pragma once

#include <string.h>  // explicit_bzero

#include <utility>

#include "types/octets.h"

namespace bindhss {

/// Exactly N secret octets (K, OPc, CK, IK, KASME). No operator<<, no formatter, no hexadecimal: what must
/// leave the process leaves through view(), and every use of view() is meant to be found by a search.
template <std::size_t N>
class Secret {
  public:
    static constexpr std::size_t size = N;

    Secret() = default;
    explicit Secret(const Octets<N>& octets) : octets_(octets) {}
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret() { explicit_bzero(octets_.data(), N); }

    /// From a view; nothing when its length is not N.
    static std::optional<Secret> from(OctetView view) {
        if (view.size() != N) return std::nullopt;
        Secret secret;
        std::copy(view.begin(), view.end(), secret.octets_.begin());
        return secret;
    }

    [[nodiscard]] const Octets<N>& octets() const { return octets_; }
    [[nodiscard]] Octets<N>& octets() { return octets_; }
    [[nodiscard]] OctetView view() const { return octets_; }

    /// Constant time in the contents.
    friend bool operator==(const Secret& a, const Secret& b) {
        unsigned difference = 0;
        for (std::size_t i = 0; i < N; ++i) difference |= unsigned{a.octets_[i]} ^ b.octets_[i];
        return difference == 0;
    }

  private:
    Octets<N> octets_{};
};

/// Secret octets whose length is known at run time only (a KME of 16 or 32 octets, a decrypted column).
class SecretString {
  public:
    SecretString() = default;
    explicit SecretString(OctetView octets) : octets_(octets.begin(), octets.end()) {}
    explicit SecretString(OctetString&& octets) : octets_(std::move(octets)) {}
    SecretString(const SecretString&) = default;
    SecretString(SecretString&& other) noexcept : octets_(std::move(other.octets_)) { other.octets_.clear(); }
    SecretString& operator=(SecretString other) noexcept {
        std::swap(octets_, other.octets_);
        return *this;
    }
    ~SecretString() {
        if (!octets_.empty()) explicit_bzero(octets_.data(), octets_.size());
    }

    [[nodiscard]] OctetView view() const { return octets_; }
    [[nodiscard]] std::size_t size() const { return octets_.size(); }
    [[nodiscard]] bool empty() const { return octets_.empty(); }

    /// Constant time in the contents; lengths are no secret.
    friend bool operator==(const SecretString& a, const SecretString& b) {
        if (a.size() != b.size()) return false;
        unsigned difference = 0;
        for (std::size_t i = 0; i < a.size(); ++i) difference |= unsigned{a.octets_[i]} ^ b.octets_[i];
        return difference == 0;
    }

  private:
    OctetString octets_;
};

}  // namespace bindhss
