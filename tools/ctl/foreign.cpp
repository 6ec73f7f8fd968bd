// SPDX-License-Identifier: Apache-2.0
#include "ctl/foreign.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "aka/milenage.h"
#include "subscription/document.h"

namespace bindhss::ctl {

namespace {

namespace json = boost::json;

/// What changes `from` into `to` (RFC 7396).
json::object difference(const json::object& from, const json::object& to) {
    json::object patch;
    for (const auto& [key, value] : from)
        if (!to.contains(key)) patch[key] = nullptr;
    for (const auto& [key, value] : to) {
        const auto* old = from.if_contains(key);
        if (old != nullptr && *old == value) continue;
        if (old != nullptr && old->is_object() && value.is_object()) {
            patch[key] = difference(old->get_object(), value.get_object());
        } else {
            patch[key] = value;
        }
    }
    return patch;
}

json::object parsed(const std::string& document) {
    return json::parse(document).as_object();
}

/// FNV-1a: names profiles, protects nothing.
std::uint64_t fingerprint(std::string_view text) {
    std::uint64_t hash = 14'695'981'039'346'656'037ULL;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
    return hash;
}

/// Without what belongs to one subscriber alone.
Subscription shared_part(const Migrant& migrant) {
    Subscription shared{migrant.data, migrant.roaming};
    shared.data.msisdn.clear();
    shared.data.a_msisdn.clear();
    if (shared.data.apn_configuration_profile) {
        for (auto& apn : shared.data.apn_configuration_profile->apns) {
            apn.static_ipv4.clear();
            apn.static_ipv6.clear();
        }
    }
    return shared;
}

class Settlement {
  public:
    Settlement(std::string_view prefix, Reading& reading) : prefix_(prefix), reading_(reading) {}

    void add(Migrant&& migrant) {
        Notes notes(reading_, migrant.line);
        notes.about(migrant.imsi);
        if (const auto [first, is_new] = seen_.try_emplace(migrant.imsi, migrant.line); !is_new)
            return notes.error(fmt::format("is there twice: first at {}", first->second));
        const auto shared = subscription::write_document(shared_part(migrant));
        const auto* profile = profile_of(shared, migrant.line, notes);
        if (profile == nullptr) return;
        const auto whole = subscription::write_document({migrant.data, migrant.roaming});
        if (const auto good = subscription::read_document(whole); !good)
            return notes.error(good.error().detail);
        store::PutSubscriber put{migrant.imsi, std::move(migrant.keys), migrant.amf};
        put.msisdn = migrant.data.msisdn;
        put.profile = *profile;
        put.seq = migrant.seq;
        put.override_document =
            whole == shared ? std::string() : json::serialize(difference(parsed(shared), parsed(whole)));
        reading_.items.push_back({std::move(put), migrant.line});
    }

  private:
    /// The name of the profile with this content, which comes into being with its first subscriber. Nothing
    /// when the content is not good; that is told of each subscriber.
    const std::string* profile_of(const std::string& document, std::size_t line, Notes& notes) {
        const auto [found, is_new] = profiles_.try_emplace(document);
        auto& profile = found->second;
        if (is_new) {
            if (const auto good = subscription::read_document(document); !good) {
                profile.fault = good.error().detail;
            } else {
                profile.name = fmt::format("{}-{:08x}", prefix_, fingerprint(document) >> 32);
                if (!names_.insert(profile.name).second) profile.name += "-2";
                reading_.items.push_back({store::PutProfile{profile.name, document}, line});
            }
        }
        if (profile.fault.empty()) return &profile.name;
        notes.error(profile.fault);
        return nullptr;
    }

    struct Profile {
        std::string name;
        std::string fault;
    };

    std::string prefix_;
    Reading& reading_;
    std::map<Imsi, std::size_t> seen_;
    std::map<std::string, Profile> profiles_;  ///< by document
    std::set<std::string> names_;
};

}  // namespace

void settle(std::vector<Migrant> migrants, std::string_view prefix, Reading& reading) {
    Settlement settlement(prefix, reading);
    for (auto& migrant : migrants) settlement.add(std::move(migrant));
}

AkaKeys milenage_keys(OctetString k, std::optional<OctetString> opc, std::optional<OctetString> op) {
    const auto key = *SubscriberKey::from(k);
    auto keys = AkaKeys::milenage(key, opc ? *Opc::from(*opc) : aka::derive_opc(key, *op));
    explicit_bzero(k.data(), k.size());
    for (auto* octets : {&opc, &op})
        if (*octets) explicit_bzero((*octets)->data(), (*octets)->size());
    return keys;
}

std::uint32_t default_bearer_qci(std::int64_t qci, const std::string& apn, Notes& notes) {
    const bool non_gbr = (qci >= 5 && qci <= 9) || qci == 69 || qci == 70 || qci == 79 || qci == 80;
    if (non_gbr) return static_cast<std::uint32_t>(qci);
    notes.warn(
        fmt::format("APN {}: QCI {} is none that a default bearer may have: 9 is set", shown(apn), qci));
    return 9;
}

}  // namespace bindhss::ctl
