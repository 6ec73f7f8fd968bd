// SPDX-License-Identifier: Apache-2.0
#include "binding/provisioning.h"

#include <algorithm>
#include <array>

namespace bindhss::binding {

namespace {

Scheme scheme_of(crypto::KeyType type) {
    switch (type) {
        case crypto::KeyType::x25519:
            return Scheme::ecies_x25519;
        case crypto::KeyType::p256:
            return Scheme::ecies_p256;
        case crypto::KeyType::rsa:
            break;
    }
    return Scheme::rsa_oaep;
}

/// NOT-AFTER (tag 0a): Unix seconds, 0 for good.
std::uint64_t not_after_of(const ExchangeTerms& terms) {
    if (!terms.not_after) return 0;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(terms.not_after->time_since_epoch());
    return static_cast<std::uint64_t>(std::max<std::int64_t>(seconds.count(), 1));
}

/// What Rsp is computed over, besides the holder.
KmeProvision covered_by_rsp(const ExchangeTerms& terms) {
    KmeProvision provision;
    provision.transaction = terms.transaction;
    provision.generation = terms.generation;
    provision.nonce = terms.nonce;
    return provision;
}

Judged refusal_of(DeviceStatus status) {
    return {ExchangeOutcome::refused, "the device says: " + std::string(name_of(status))};
}

Judged undelivered(s6a::KmeDeliveryResult result) {
    using Result = s6a::KmeDeliveryResult;
    switch (result) {
        case Result::not_answered:
            return {ExchangeOutcome::not_answered, "the device did not answer the node"};
        case Result::not_reachable:
            return {ExchangeOutcome::not_answered, "the node did not reach the device"};
        case Result::nas_security_not_active:
            return {ExchangeOutcome::not_answered, "NAS security is not active at the node"};
        case Result::garbage:
            return {ExchangeOutcome::not_answered, "the device answered the node with something else"};
        default:
            return {ExchangeOutcome::not_answered, "the node could not carry the exchange out"};
    }
}

}  // namespace

s6a::KmeCause cause_of(Occasion occasion) {
    switch (occasion) {
        case Occasion::first_key:
            return s6a::KmeCause::no_binding;
        case Occasion::renewal:
            return s6a::KmeCause::refresh;
        case Occasion::suspicion:
            break;
    }
    return s6a::KmeCause::suspect;
}

std::optional<KmeProvision> make_provision(const Holder& holder, const ExchangeTerms& terms,
                                           const crypto::DevicePublicKey& key, OctetView kme,
                                           const std::optional<AkaSession>& session, Random& random) {
    auto provision = covered_by_rsp(terms);
    provision.scheme = scheme_of(key.type());
    std::copy_n(key.fingerprint().begin(), provision.key_fingerprint.size(),
                provision.key_fingerprint.begin());
    provision.rand_algorithm = terms.rand_algorithm;
    provision.not_after = not_after_of(terms);
    auto sealed = key.seal(kme, context_of(holder, provision), random);
    if (!sealed) return std::nullopt;
    provision.ephemeral_public = std::move(sealed->ephemeral_public);
    provision.ciphertext = std::move(sealed->ciphertext);
    provision.tag = std::move(sealed->tag);
    if (session) provision.home_mac = home_mac_of(holder, provision, session->ck, session->ik, session->autn);
    return provision;
}

std::string_view name_of(Occasion occasion) {
    switch (occasion) {
        case Occasion::first_key:
            return "first_key";
        case Occasion::renewal:
            return "renewal";
        case Occasion::suspicion:
            break;
    }
    return "suspicion";
}

std::string_view name_of(ExchangeOutcome outcome) {
    constexpr std::array<std::string_view, 6> names{"established",  "rsp_invalid",    "refused",
                                                    "not_answered", "not_understood", "superseded"};
    return names[static_cast<std::size_t>(outcome)];
}

Judged judge_response(const Holder& holder, const ExchangeTerms& terms, OctetView kme, OctetView container) {
    const auto read = parse_container(container);
    const auto* known = std::get_if<Container>(&read);
    const auto* response = known != nullptr ? std::get_if<KmeResponse>(known) : nullptr;
    if (response == nullptr) return {ExchangeOutcome::not_answered, "what came is no answer of a device"};
    if (response->transaction != terms.transaction)
        return {ExchangeOutcome::rsp_invalid, "the answer is one to another transaction"};
    if (response->status != DeviceStatus::ok) return refusal_of(response->status);
    if (!response->rsp) return {ExchangeOutcome::rsp_invalid, "the answer has no Rsp"};
    const auto expected = response_to(holder, covered_by_rsp(terms), kme);
    if (!(Secret<32>(*response->rsp) == expected)) return {ExchangeOutcome::rsp_invalid, "Rsp is wrong"};
    return {ExchangeOutcome::established, {}};
}

Judged judge_delivery(const Holder& holder, const ExchangeTerms& terms, OctetView kme,
                      const std::optional<s6a::KmeProvisioningResponse>& response) {
    if (!response) return {ExchangeOutcome::not_understood, "the node's answer says nothing of the exchange"};
    if (response->transaction != terms.transaction)
        return {ExchangeOutcome::rsp_invalid, "the node answers to another transaction"};
    if (response->result != s6a::KmeDeliveryResult::answered) return undelivered(response->result);
    return judge_response(holder, terms, kme, response->container);
}

Conclusion conclude(ExchangeOutcome outcome, std::uint32_t features, Cause reject, Cause retry) {
    using namespace s6a::kme_access;
    const bool keeps_bearers_away = (features & s6a::feature_kme::provisioning_only) != 0;
    Conclusion made;
    made.failure = reject;
    switch (outcome) {
        case ExchangeOutcome::established:
            made.failure = keeps_bearers_away ? std::nullopt : std::optional(retry);
            made.access = {provisioning_only | binding_established | reattach_expected, s6a::KmeCause::none};
            made.alarm = alarm::Id::kme_established;
            break;
        case ExchangeOutcome::rsp_invalid:
            made.access = {provisioning_only, s6a::KmeCause::rsp_invalid};
            made.alarm = alarm::Id::kme_rsp_invalid;
            made.pause = true;
            break;
        case ExchangeOutcome::refused:
            made.access = {provisioning_only, s6a::KmeCause::ue_refused};
            made.alarm = alarm::Id::kme_refused;
            made.pause = true;
            break;
        case ExchangeOutcome::not_answered:
            made.failure = retry;
            made.access = {provisioning_only, s6a::KmeCause::timeout};
            made.alarm = alarm::Id::kme_unanswered;
            made.pause = true;
            break;
        case ExchangeOutcome::not_understood:
            made.access = {provisioning_only, s6a::KmeCause::peer_lacks_feature};
            made.alarm = alarm::Id::kme_feature_missing;
            made.feature_off = true;
            break;
        case ExchangeOutcome::superseded:
            made.failure = retry;
            made.access = {provisioning_only, s6a::KmeCause::timeout};
            break;
    }
    return made;
}

}  // namespace bindhss::binding
