// SPDX-License-Identifier: Apache-2.0
#include "diameter/avp_id.h"
#include "diameter/s6a_codec.h"
#include "diameter/subscription_codec.h"

namespace bindhss::diameter {

namespace {

constexpr std::uint32_t ula_separation_indication =
    1U << 0;  // 7.3.8: subscriptions of MME and SGSN are kept apart

// 7.3.48
constexpr std::uint32_t pua_freeze_m_tmsi = 1U << 0;
constexpr std::uint32_t pua_freeze_p_tmsi = 1U << 1;

void encode_vector(const s6a::EutranVector& vector, bool numbered, Message::Group& parent) {
    parent.add_group(avp_id::eutran_vector, [&vector, numbered](Message::Group& group) {
        if (numbered) group.add(avp_id::item_number, vector.item_number);
        group.add(avp_id::rand, vector.rand.view());
        group.add(avp_id::xres, vector.xres.view());
        group.add(avp_id::autn, vector.autn.view());
        group.add(avp_id::kasme, vector.kasme.view());
    });
}

void encode_answer(const s6a::AuthenticationInformationAnswer& answer, Message& message) {
    encode_success(message);
    if (answer.eutran_vectors.empty()) return;
    message.add_group(avp_id::authentication_info, [&answer](Message::Group& group) {
        // 7.3.23: Item-Number orders several vectors; one needs none.
        const bool numbered = answer.eutran_vectors.size() > 1;
        for (const auto& vector : answer.eutran_vectors) encode_vector(vector, numbered, group);
    });
}

void encode_answer(const s6a::UpdateLocationAnswer& answer, Message& message) {
    encode_success(message);
    message.add(avp_id::ula_flags, ula_separation_indication);
    if (answer.subscription_data) encode(*answer.subscription_data, message);
}

void encode_answer(const s6a::PurgeUeAnswer& answer, Message& message) {
    encode_success(message);
    message.add(avp_id::pua_flags, (answer.freeze_m_tmsi ? pua_freeze_m_tmsi : 0) |
                                       (answer.freeze_p_tmsi ? pua_freeze_p_tmsi : 0));
}

void encode_answer(const s6a::NotifyAnswer&, Message& message) {
    encode_success(message);
}

void encode_answer(const s6a::MeIdentityCheckAnswer& answer, Message& message) {
    encode_success(message);
    message.add(avp_id::equipment_status, static_cast<std::uint32_t>(answer.equipment_status));
}

template <class T>
std::optional<T> fixed(const AvpView& group, AvpId id) {
    const auto avp = group.find(id);
    return avp ? T::from(avp->octets()) : std::nullopt;
}

std::optional<s6a::EutranVector> decode_vector(const AvpView& group) {
    const auto rand = fixed<Rand>(group, avp_id::rand);
    const auto xres = fixed<Res>(group, avp_id::xres);
    const auto autn = fixed<Autn>(group, avp_id::autn);
    const auto kasme = fixed<Kasme>(group, avp_id::kasme);
    if (!rand || !xres || !autn || !kasme) return std::nullopt;
    const auto item = group.find(avp_id::item_number);
    return s6a::EutranVector{item ? item->u32() : 1, *rand, *xres, *autn, *kasme};
}

}  // namespace

void encode(const s6a::Answer& answer, Message& message) {
    std::visit([&message](const auto& alternative) { encode_answer(alternative, message); }, answer);
}

Result<s6a::AuthenticationInformationAnswer> decode_authentication_information_answer(
    const Message& message) {
    if (auto failure = failure_of(message)) return std::move(*failure);
    s6a::AuthenticationInformationAnswer answer;
    bool sound = true;
    if (const auto info = message.find(avp_id::authentication_info)) {
        info->each([&answer, &sound](AvpView child) {
            if (child.id() != avp_id::eutran_vector) return;
            if (const auto vector = decode_vector(child)) {
                answer.eutran_vectors.push_back(*vector);
            } else {
                sound = false;
            }
        });
    }
    if (!sound) return fail(Cause::invalid_avp_value, "an E-UTRAN-Vector with a value of the wrong length");
    return answer;
}

Result<s6a::UpdateLocationAnswer> decode_update_location_answer(const Message& message) {
    if (auto failure = failure_of(message)) return std::move(*failure);
    s6a::UpdateLocationAnswer answer;
    if (const auto group = message.find(avp_id::subscription_data)) {
        answer.subscription_data = decode_subscription_data(*group);
    }
    return answer;
}

Result<s6a::CancelLocationAnswer> decode_cancel_location_answer(const Message& message) {
    if (auto failure = failure_of(message)) return std::move(*failure);
    return s6a::CancelLocationAnswer{};
}

}  // namespace bindhss::diameter
