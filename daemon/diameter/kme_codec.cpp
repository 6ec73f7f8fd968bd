// SPDX-License-Identifier: Apache-2.0
#include "diameter/kme_codec.h"

#include "diameter/s6a_parts.h"
#include "diameter_dict/dictionary.h"

namespace bindhss::diameter {

namespace {

// Codes of the table in spec 4.4.
constexpr std::uint32_t access_info = 1;
constexpr std::uint32_t access_flags = 2;
constexpr std::uint32_t cause = 3;
constexpr std::uint32_t provisioning_request = 4;
constexpr std::uint32_t provisioning_response = 5;
constexpr std::uint32_t transaction_id = 6;
constexpr std::uint32_t container = 7;
constexpr std::uint32_t nas_container_type = 8;
constexpr std::uint32_t response_timer = 9;
constexpr std::uint32_t delivery_result = 10;
constexpr std::uint32_t auth_failure_report = 11;
constexpr std::uint32_t emm_cause = 12;

constexpr std::uint32_t defined_access_flags =
    s6a::kme_access::provisioning_only | s6a::kme_access::av_pre_processed |
    s6a::kme_access::binding_established | s6a::kme_access::reattach_expected |
    s6a::kme_access::imei_required;

// One octet of NAS (TS 24.301 9.9.3.42); 0 is reserved.
constexpr std::uint32_t nas_container_type_max = 255;

/// The AVPs of one message.
class Ids {
  public:
    explicit Ids(const Message& message) : vendor_(message.dictionary().kme_vendor()) {}
    [[nodiscard]] AvpId operator()(std::uint32_t code) const { return {code, vendor_}; }

  private:
    std::uint32_t vendor_;
};

/// Reads an AVP of a fixed length, if it is there.
template <class T, class Take>
std::optional<Rejection> read_fixed(const AvpView& group, AvpId id, const char* name, std::optional<T>& into,
                                    Take take) {
    const auto avp = group.find(id);
    if (!avp) return std::nullopt;
    into = take(avp->octets());
    if (into) return std::nullopt;
    return invalid_value(*avp, std::string(name) + " has " + std::to_string(avp->octets().size()) +
                                   " octets, which is not its length");
}

std::optional<s6a::KmeTransactionId> take_transaction(OctetView octets) {
    s6a::KmeTransactionId transaction{};
    if (octets.size() != transaction.size()) return std::nullopt;
    std::copy(octets.begin(), octets.end(), transaction.begin());
    return transaction;
}

/// The dictionary's rules say that it is there.
std::optional<Rejection> read_transaction(const AvpView& group, AvpId id, s6a::KmeTransactionId& into) {
    std::optional<s6a::KmeTransactionId> read;
    auto rejection = read_fixed(group, id, "KME-Transaction-Id", read, take_transaction);
    if (read) into = *read;
    return rejection;
}

std::optional<Rejection> read_container(const AvpView& group, AvpId id, OctetString& into) {
    const auto avp = group.find(id);
    if (!avp) return std::nullopt;
    const auto octets = avp->octets();
    if (octets.size() > kme_container_octets_max) {
        return invalid_value(*avp, "KME-Container has " + std::to_string(octets.size()) +
                                       " octets, more than a container may have");
    }
    into.assign(octets.begin(), octets.end());
    return std::nullopt;
}

}  // namespace

void encode_kme_access_flags(std::uint32_t flags, std::uint32_t vendor, Message::Group& vector) {
    if ((flags & defined_access_flags) == 0) return;
    vector.add({access_flags, vendor}, flags & defined_access_flags);
}

std::uint32_t decode_kme_access_flags(const AvpView& vector, std::uint32_t vendor) {
    return number_of(vector, {access_flags, vendor}).value_or(0) & defined_access_flags;
}

void encode(const std::optional<s6a::KmeAccessInfo>& info, Message& message) {
    if (!info) return;
    const Ids id(message);
    message.add_group(id(access_info), [&](Message::Group& group) {
        group.add(id(access_flags), info->flags & defined_access_flags);
        if (info->cause) group.add(id(cause), static_cast<std::uint32_t>(*info->cause));
    });
}

Decoded<std::optional<s6a::KmeAccessInfo>> decode_kme_access_info(const Message& message) {
    using Info = std::optional<s6a::KmeAccessInfo>;
    const Ids id(message);
    const auto group = message.find(id(access_info));
    if (!group) return Info{};
    s6a::KmeAccessInfo info;
    info.flags = number_of(*group, id(access_flags)).value_or(0) & defined_access_flags;
    if (const auto avp = group->find(id(cause))) {
        if (avp->u32() > static_cast<std::uint32_t>(s6a::KmeCause::peer_lacks_feature))
            return invalid_value(*avp, "KME-Cause is none that is defined");
        info.cause = static_cast<s6a::KmeCause>(avp->u32());
    }
    return Info{info};
}

void encode(const std::optional<s6a::KmeProvisioningRequest>& request, Message& message) {
    if (!request) return;
    const Ids id(message);
    message.add_group(id(provisioning_request), [&](Message::Group& group) {
        group.add(id(transaction_id), OctetView(request->transaction));
        group.add(id(container), OctetView(request->container));
        if (request->nas_container_type) group.add(id(nas_container_type), *request->nas_container_type);
        if (request->response_timer_ms) group.add(id(response_timer), *request->response_timer_ms);
    });
}

Decoded<std::optional<s6a::KmeProvisioningRequest>> decode_kme_provisioning_request(const Message& message) {
    using Request = std::optional<s6a::KmeProvisioningRequest>;
    const Ids id(message);
    const auto group = message.find(id(provisioning_request));
    if (!group) return Request{};
    s6a::KmeProvisioningRequest request;
    if (auto wrong = read_transaction(*group, id(transaction_id), request.transaction))
        return std::move(*wrong);
    if (auto wrong = read_container(*group, id(container), request.container)) return std::move(*wrong);
    if (request.container.empty())
        return invalid_value(*group->find(id(container)), "KME-Container is empty: nothing to pass on");
    if (const auto avp = group->find(id(nas_container_type))) {
        if (avp->u32() == 0 || avp->u32() > nas_container_type_max)
            return invalid_value(*avp, "KME-NAS-Container-Type is not 1 to 255");
        request.nas_container_type = avp->u32();
    }
    request.response_timer_ms = number_of(*group, id(response_timer));
    return Request{std::move(request)};
}

void encode(const std::optional<s6a::KmeProvisioningResponse>& response, Message& message) {
    if (!response) return;
    const Ids id(message);
    message.add_group(id(provisioning_response), [&](Message::Group& group) {
        group.add(id(transaction_id), OctetView(response->transaction));
        group.add(id(delivery_result), static_cast<std::uint32_t>(response->result));
        if (!response->container.empty()) group.add(id(container), OctetView(response->container));
    });
}

Decoded<std::optional<s6a::KmeProvisioningResponse>> decode_kme_provisioning_response(
    const Message& message) {
    using Response = std::optional<s6a::KmeProvisioningResponse>;
    const Ids id(message);
    const auto group = message.find(id(provisioning_response));
    if (!group) return Response{};
    s6a::KmeProvisioningResponse response;
    if (auto wrong = read_transaction(*group, id(transaction_id), response.transaction))
        return std::move(*wrong);
    if (auto wrong = read_container(*group, id(container), response.container)) return std::move(*wrong);
    if (const auto avp = group->find(id(delivery_result))) {
        if (avp->u32() > static_cast<std::uint32_t>(s6a::KmeDeliveryResult::mme_error))
            return invalid_value(*avp, "KME-Delivery-Result is none that is defined");
        response.result = static_cast<s6a::KmeDeliveryResult>(avp->u32());
    }
    return Response{std::move(response)};
}

void encode(const std::optional<s6a::KmeAuthFailureReport>& report, Message& message) {
    if (!report) return;
    const Ids id(message);
    message.add_group(id(auth_failure_report), [&](Message::Group& group) {
        group.add(id(emm_cause), report->emm_cause);
        if (report->rand) group.add(avp_id::rand, report->rand->view());
        if (report->autn) group.add(avp_id::autn, report->autn->view());
    });
}

Decoded<std::optional<s6a::KmeAuthFailureReport>> decode_kme_auth_failure_report(const Message& message) {
    using Report = std::optional<s6a::KmeAuthFailureReport>;
    const Ids id(message);
    const auto group = message.find(id(auth_failure_report));
    if (!group) return Report{};
    s6a::KmeAuthFailureReport report;
    report.emm_cause = number_of(*group, id(emm_cause)).value_or(0);
    if (auto wrong = read_fixed(*group, avp_id::rand, "RAND", report.rand, Rand::from))
        return std::move(*wrong);
    if (auto wrong = read_fixed(*group, avp_id::autn, "AUTN", report.autn, Autn::from))
        return std::move(*wrong);
    return Report{report};
}

}  // namespace bindhss::diameter
