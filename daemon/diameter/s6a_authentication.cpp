// SPDX-License-Identifier: Apache-2.0
// Authentication-Information-Request and -Answer (TS 29.272 7.2.5, 7.2.6).
#include "diameter/kme_codec.h"
#include "diameter/s6a_parts.h"
#include "diameter_dict/dictionary.h"

namespace bindhss::diameter {

namespace {

constexpr std::uint32_t air_send_ue_usage_type = 1U << 0;  // 7.3.201

using Requested = std::optional<s6a::RequestedAuthenticationInfo>;

Decoded<Requested> decode_requested(const Message& message, AvpId id) {
    const auto group = message.find(id);
    if (!group) return Requested{};
    s6a::RequestedAuthenticationInfo info;
    if (const auto number = group->find(avp_id::number_of_requested_vectors)) {
        info.number_of_requested_vectors = number->u32();
    }
    // 7.3.16: being there is what counts, its value does not.
    info.immediate_response_preferred = group->find(avp_id::immediate_response_preferred).has_value();
    if (const auto avp = group->find(avp_id::re_synchronization_info)) {
        info.re_synchronization_info = ReSynchronizationInfo::from(avp->octets());
        if (!info.re_synchronization_info)
            return invalid_value(*avp, "Re-Synchronization-Info is not RAND and AUTS");
    }
    return Requested{info};
}

void encode_requested(const s6a::RequestedAuthenticationInfo& info, AvpId id, Message& message) {
    message.add_group(id, [&info](Message::Group& group) {
        group.add(avp_id::number_of_requested_vectors, info.number_of_requested_vectors);
        if (info.immediate_response_preferred) group.add(avp_id::immediate_response_preferred, 1U);
        if (!info.re_synchronization_info) return;
        const auto& [rand, auts] = *info.re_synchronization_info;
        OctetString octets(rand.octets.begin(), rand.octets.end());
        octets.insert(octets.end(), auts.octets.begin(), auts.octets.end());
        group.add(avp_id::re_synchronization_info, OctetView(octets));
    });
}

// What one vector holds (7.3.18, 7.3.19, 7.3.20), but for its Item-Number; `kme_vendor` is that of the AVP
// that an E-UTRAN-Vector may have besides (spec 4.4).
AvpId id_of(const s6a::EutranVector&) {
    return avp_id::eutran_vector;
}
AvpId id_of(const s6a::UtranVector&) {
    return avp_id::utran_vector;
}
AvpId id_of(const s6a::GeranVector&) {
    return avp_id::geran_vector;
}
void encode_values(const s6a::EutranVector& vector, std::uint32_t kme_vendor, Message::Group& group) {
    group.add(avp_id::rand, vector.rand.view());
    group.add(avp_id::xres, vector.xres.view());
    group.add(avp_id::autn, vector.autn.view());
    group.add(avp_id::kasme, vector.kasme.view());
    encode_kme_access_flags(vector.kme_access_flags, kme_vendor, group);
}
void encode_values(const s6a::UtranVector& vector, std::uint32_t, Message::Group& group) {
    group.add(avp_id::rand, vector.rand.view());
    group.add(avp_id::xres, vector.xres.view());
    group.add(avp_id::autn, vector.autn.view());
    group.add(avp_id::confidentiality_key, vector.confidentiality_key.view());
    group.add(avp_id::integrity_key, vector.integrity_key.view());
}
void encode_values(const s6a::GeranVector& vector, std::uint32_t, Message::Group& group) {
    group.add(avp_id::rand, vector.rand.view());
    group.add(avp_id::sres, vector.sres.view());
    group.add(avp_id::kc, vector.kc.view());
}

// 7.3.23: Item-Number orders several vectors of a kind; one needs none.
template <class Vector>
void encode_vectors(const std::vector<Vector>& vectors, std::uint32_t kme_vendor, Message::Group& info) {
    for (const auto& vector : vectors) {
        info.add_group(id_of(vector), [&vectors, &vector, kme_vendor](Message::Group& group) {
            if (vectors.size() > 1) group.add(avp_id::item_number, vector.item_number);
            encode_values(vector, kme_vendor, group);
        });
    }
}

template <class T>
std::optional<T> fixed(const AvpView& group, AvpId id) {
    const auto avp = group.find(id);
    return avp ? T::from(avp->octets()) : std::nullopt;
}

/// Reads values into `into`; false when one is missing or has the wrong length.
template <class T>
bool take(const AvpView& group, AvpId id, T& into) {
    const auto value = fixed<T>(group, id);
    if (value) into = *value;
    return value.has_value();
}

bool decode_values(const AvpView& group, std::uint32_t kme_vendor, s6a::EutranVector& vector) {
    vector.kme_access_flags = decode_kme_access_flags(group, kme_vendor);
    return take(group, avp_id::rand, vector.rand) && take(group, avp_id::xres, vector.xres) &&
           take(group, avp_id::autn, vector.autn) && take(group, avp_id::kasme, vector.kasme);
}
bool decode_values(const AvpView& group, std::uint32_t, s6a::UtranVector& vector) {
    return take(group, avp_id::rand, vector.rand) && take(group, avp_id::xres, vector.xres) &&
           take(group, avp_id::autn, vector.autn) &&
           take(group, avp_id::confidentiality_key, vector.confidentiality_key) &&
           take(group, avp_id::integrity_key, vector.integrity_key);
}
bool decode_values(const AvpView& group, std::uint32_t, s6a::GeranVector& vector) {
    return take(group, avp_id::rand, vector.rand) && take(group, avp_id::sres, vector.sres) &&
           take(group, avp_id::kc, vector.kc);
}

template <class Vector>
bool decode_vector(const AvpView& group, std::uint32_t kme_vendor, std::vector<Vector>& into) {
    Vector vector;
    if (!decode_values(group, kme_vendor, vector)) return false;
    vector.item_number = number_of(group, avp_id::item_number).value_or(1);
    into.push_back(vector);
    return true;
}

/// Nothing: it was a vector, and sound, or something else. Otherwise what is not sound.
const char* decode_child(const AvpView& child, std::uint32_t kme_vendor,
                         s6a::AuthenticationInformationAnswer& answer) {
    if (child.id() == avp_id::eutran_vector && !decode_vector(child, kme_vendor, answer.eutran_vectors))
        return "an E-UTRAN-Vector with a value of the wrong length";
    if (child.id() == avp_id::utran_vector && !decode_vector(child, kme_vendor, answer.utran_vectors))
        return "a UTRAN-Vector with a value of the wrong length";
    if (child.id() == avp_id::geran_vector && !decode_vector(child, kme_vendor, answer.geran_vectors))
        return "a GERAN-Vector with a value of the wrong length";
    return nullptr;
}

}  // namespace

Decoded<s6a::AuthenticationInformationRequest> decode_authentication_information(const Message& message) {
    const auto imsi = decode_imsi(message);
    if (const auto* rejection = std::get_if<Rejection>(&imsi)) return *rejection;
    const auto plmn = decode_visited_plmn(message);
    if (const auto* rejection = std::get_if<Rejection>(&plmn)) return *rejection;
    const auto eutran = decode_requested(message, avp_id::requested_eutran_authentication_info);
    if (const auto* rejection = std::get_if<Rejection>(&eutran)) return *rejection;
    const auto utran_geran = decode_requested(message, avp_id::requested_utran_geran_authentication_info);
    if (const auto* rejection = std::get_if<Rejection>(&utran_geran)) return *rejection;
    const auto flags = number_of(message, avp_id::air_flags).value_or(0);
    return s6a::AuthenticationInformationRequest{std::get<Imsi>(imsi),
                                                 decode_origin(message),
                                                 std::get<Plmn>(plmn),
                                                 std::get<Requested>(eutran),
                                                 std::get<Requested>(utran_geran),
                                                 decode_features(message),
                                                 (flags & air_send_ue_usage_type) != 0,
                                                 decode_terminal(message)};
}

void encode(const s6a::AuthenticationInformationRequest& request, Message& message) {
    message.add(avp_id::user_name, request.imsi.digits());
    encode(request.supported_features, message);
    if (request.eutran)
        encode_requested(*request.eutran, avp_id::requested_eutran_authentication_info, message);
    if (request.utran_geran) {
        encode_requested(*request.utran_geran, avp_id::requested_utran_geran_authentication_info, message);
    }
    message.add(avp_id::visited_plmn_id, OctetView(request.visited_plmn.octets()));
    if (request.send_ue_usage_type) message.add(avp_id::air_flags, air_send_ue_usage_type);
    if (request.terminal_information) encode(*request.terminal_information, message);
}

void encode(const s6a::AuthenticationInformationAnswer& answer, Message& message) {
    encode_success(message);
    encode(answer.supported_features, message);
    if (answer.ue_usage_type) message.add(avp_id::ue_usage_type, *answer.ue_usage_type);
    if (!answer.eutran_vectors.empty() || !answer.utran_vectors.empty() || !answer.geran_vectors.empty()) {
        const auto kme_vendor = message.dictionary().kme_vendor();
        message.add_group(avp_id::authentication_info, [&answer, kme_vendor](Message::Group& info) {
            encode_vectors(answer.eutran_vectors, kme_vendor, info);
            encode_vectors(answer.utran_vectors, kme_vendor, info);
            encode_vectors(answer.geran_vectors, kme_vendor, info);
        });
    }
    encode(answer.kme_access_info, message);
}

Result<s6a::AuthenticationInformationAnswer> decode_authentication_information_answer(
    const Message& message) {
    if (auto failure = failure_of(message)) return std::move(*failure);
    s6a::AuthenticationInformationAnswer answer;
    const char* unsound = nullptr;
    if (const auto info = message.find(avp_id::authentication_info)) {
        const auto kme_vendor = message.dictionary().kme_vendor();
        info->each([&answer, &unsound, kme_vendor](AvpView child) {
            if (unsound == nullptr) unsound = decode_child(child, kme_vendor, answer);
        });
    }
    if (unsound != nullptr) return fail(Cause::invalid_avp_value, unsound);
    auto access_info = decode_kme_access_info(message);
    if (auto wrong = receive(std::move(access_info), answer.kme_access_info)) return std::move(*wrong);
    answer.ue_usage_type = number_of(message, avp_id::ue_usage_type);
    answer.supported_features = decode_features(message);
    return answer;
}

}  // namespace bindhss::diameter
