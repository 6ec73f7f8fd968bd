// SPDX-License-Identifier: Apache-2.0
// Random values of the kinds that rows and changes are made of. The seed is fixed: a failure comes again.
#pragma once

#include <random>

#include "store/device_keys.h"
#include "store/provisioning.h"

namespace bindhss::test {

class RandomValues {
  public:
    explicit RandomValues(std::uint64_t seed) : engine_(seed) {}

    std::uint64_t below(std::uint64_t end) {
        return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(engine_);
    }
    bool flag() { return below(2) == 1; }
    /// One of them.
    template <class T>
    T of(std::initializer_list<T> all) {
        return *(all.begin() + below(all.size()));
    }
    /// Nothing as often as something.
    template <class Make>
    auto maybe(Make make) -> std::optional<decltype(make())> {
        return flag() ? std::optional(make()) : std::nullopt;
    }
    template <class Make>
    auto list(Make make) -> std::vector<decltype(make())> {
        std::vector<decltype(make())> values;
        for (auto count = below(4); count > 0; --count) values.push_back(make());
        return values;
    }

    std::string digits(std::size_t count) {
        std::string text;
        while (text.size() < count) text += static_cast<char>('0' + below(10));
        return text;
    }
    /// With all that JSON and CSV have to escape; never empty, and no blank at its ends.
    std::string name() {
        static constexpr std::string_view some[] = {"meters", "a\"b",       "back\\slash", "caf\xc3\xa9",
                                                    "x y",    "semi;colon", "{brace}",     "it's, so"};
        return std::string(some[below(std::size(some))]) + digits(3);
    }
    /// May be empty.
    std::string text() { return flag() ? name() : std::string(); }

    Imsi imsi() { return *Imsi::parse(digits(6 + below(10))); }
    Imei imei() { return *Imei::from_number(1 + below(99'999'999'999'999)); }
    ImeiRange range() {
        if (flag()) return ImeiRange::of(imei());
        const auto a = imei();
        const auto b = imei();
        return {std::min(a, b), std::max(a, b)};
    }
    std::variant<Imei, std::string> owner() {
        if (flag()) return imei();
        return name();
    }
    std::string svn() { return digits(2); }
    WallTime time() { return WallTime(std::chrono::milliseconds(1 + below(4'000'000'000'000))); }
    WallTime seconds() { return WallTime(std::chrono::seconds(1 + below(4'000'000'000))); }
    template <std::size_t N>
    Octets<N> octets() {
        Octets<N> result;
        for (auto& octet : result) octet = static_cast<std::uint8_t>(below(256));
        return result;
    }
    OctetString octet_string() {
        OctetString result;
        for (auto count = below(40); count > 0; --count)
            result.push_back(static_cast<std::uint8_t>(below(256)));
        return result;
    }
    SecretString secret(std::size_t count) {
        OctetString result(count);
        for (auto& octet : result) octet = static_cast<std::uint8_t>(below(256));
        return SecretString(std::move(result));
    }
    std::uint32_t number() { return static_cast<std::uint32_t>(below(std::uint64_t{1} << 32)); }
    std::uint64_t large() { return below(std::uint64_t{1} << 62); }
    std::int32_t signed_number() { return static_cast<std::int32_t>(number()); }
    Plmn plmn() { return *Plmn::parse(digits(5 + below(2))); }
    /// JSON as it is written without blanks.
    std::string document() {
        return of<std::string>({"{}", R"({"apns":{"1":{"apn":"iot","qci":9}},"on":true})",
                                R"({"text":"a\"b\\c","list":[1,-2,null,"x"],"inner":{"deep":{}}})"});
    }

    binding::Terms terms() {
        using binding::Reaction;
        const auto reaction = [&] {
            return of({Reaction::alarm, Reaction::limit, Reaction::reject, Reaction::lock});
        };
        binding::Terms terms;
        terms.name = name();
        terms.policy = policy();
        terms.acquisition = of({binding::Acquisition::preauthorised, binding::Acquisition::first_use,
                                binding::Acquisition::approve});
        terms.on_unauthorised = reaction();
        terms.on_mismatch = reaction();
        terms.on_unproven = reaction();
        terms.on_shared = reaction();
        terms.on_insecure = reaction();
        terms.on_suspicion =
            of({binding::OnSuspicion::alarm, binding::OnSuspicion::reprovision, binding::OnSuspicion::lock});
        terms.imei_absent_allowed = maybe([&] { return flag(); });
        terms.detach_on_notify = flag();
        terms.require_secure = flag();
        terms.limited_profile = text();
        terms.refuse_next = std::chrono::seconds(below(3'601));
        return terms;
    }
    binding::Policy policy() {
        using binding::Policy;
        return of({Policy::off, Policy::imei_monitor, Policy::imei_enforce, Policy::kme, Policy::kme_imei});
    }
    binding::Rule rule() {
        binding::Rule rule;
        rule.id = static_cast<std::int64_t>(below(1'000'000));
        rule.subscriptions = *binding::SubscriptionSet::parse(of<std::string>(
            {"*", digits(15), digits(5) + "*", "group:" + name(), "001010000000000-0010100000" + digits(5)}));
        rule.devices =
            *binding::DeviceSet::parse(of<std::string>({"*", imei().str(), imei().str() + ":01,0" + digits(1),
                                                        "group:" + name(), digits(7) + "1", range().str()}));
        rule.allow = flag();
        rule.priority = signed_number();
        rule.from = maybe([&] { return time(); });
        if (rule.from)
            rule.until = maybe([&] { return *rule.from + std::chrono::milliseconds(1 + below(1'000'000)); });
        rule.comment = text();
        return rule;
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace bindhss::test
