// SPDX-License-Identifier: Apache-2.0
#include "emu/kme_relay.h"

#include <algorithm>
#include <array>

#include "emu/answer_script.h"

namespace bindhss::emu {
namespace {

using std::chrono::milliseconds;
using Result = s6a::KmeDeliveryResult;

constexpr std::array<std::pair<std::string_view, RelayFault>, 10> fault_names{{
    {"right", RelayFault::none},
    {"unreachable", RelayFault::unreachable},
    {"not_answering", RelayFault::not_answering},
    {"lost", RelayFault::lost},
    {"no_security", RelayFault::no_security},
    {"garbage", RelayFault::garbage},
    {"mme_error", RelayFault::mme_error},
    {"forgetful", RelayFault::forgetful},
    {"wrong_transaction", RelayFault::wrong_transaction},
    {"corrupted", RelayFault::corrupted},
}};

/// The answer has to be on its way before the HSS gives up: a quarter of its time is for that.
milliseconds patience(const s6a::KmeProvisioningRequest& request) {
    if (!request.response_timer_ms) return KmeRelay::answer_within;
    return std::min(KmeRelay::answer_within, milliseconds(std::uint64_t{*request.response_timer_ms} * 3 / 4));
}

std::string text_of(Result result) {
    constexpr std::array<const char*, 6> words{"answered",
                                               "the UE did not answer",
                                               "the UE cannot be reached",
                                               "NAS security is not active",
                                               "answered: garbage",
                                               "a fault of the MME"};
    const auto number = static_cast<std::size_t>(result);
    return std::to_string(number) + " (" + words[number] + ")";
}

}  // namespace

std::optional<ScriptedRelay> parse_scripted_relay(std::string_view text) {
    ScriptedRelay relay;
    if (text.starts_with("delay ")) {
        text.remove_prefix(6);
        const auto delay = take_delay(text);
        if (!delay) return std::nullopt;
        relay.delay = *delay;
        if (text.empty()) return relay;
    }
    for (const auto& [name, fault] : fault_names) {
        if (name != text) continue;
        relay.fault = fault;
        return relay;
    }
    return std::nullopt;
}

std::string relay_fault_names() {
    std::string names;
    for (const auto& [name, fault] : fault_names) names += (names.empty() ? "" : ", ") + std::string(name);
    return names;
}

void KmeRelay::say(std::string from, std::string to, std::string message, Event::Fields fields,
                   Event::Kind kind) {
    const Event event{std::move(from), std::move(to), std::move(message), std::move(fields), kind};
    trace_.event(event);
}

void KmeRelay::reachable(const Imsi& imsi, DeviceNas* nas) {
    if (devices_.size() == devices_max && !knows(imsi)) return;
    devices_[imsi] = nas;
}

ScriptedRelay KmeRelay::next() {
    if (script_.empty()) return {};
    const auto one = script_.front();
    if (script_.size() > 1) script_.pop_front();
    return one;
}

Fields KmeRelay::take_told() {
    if (exchanges_ != 0) told_["exchanges"] = std::to_string(exchanges_);
    exchanges_ = 0;
    return std::exchange(told_, {});
}

Relayed KmeRelay::relay(const Imsi& imsi, const s6a::KmeProvisioningRequest& request) {
    const auto script = next();
    ++exchanges_;
    told_.erase("status");
    if (script.fault == RelayFault::forgetful) {
        told_["delivery"] = "none";
        return {std::nullopt, script.delay};
    }
    auto delivery = deliver(imsi, request, script.fault);
    s6a::KmeProvisioningResponse response{request.transaction, delivery.result,
                                          std::move(delivery.container)};
    if (script.fault == RelayFault::wrong_transaction) response.transaction[0] ^= 1;
    if (script.fault == RelayFault::corrupted && !response.container.empty()) response.container.back() ^= 1;
    told_["delivery"] = std::to_string(static_cast<unsigned>(response.result));
    const bool answered = response.result == Result::answered;
    say(node_, "", "what became of the container",
        {{"KME-Delivery-Result", text_of(response.result)},
         {"octets", std::to_string(response.container.size())}},
        answered ? Event::Kind::message : Event::Kind::failure);
    return {std::move(response), delivery.delay + script.delay};
}

KmeRelay::Delivery KmeRelay::deliver(const Imsi& imsi, const s6a::KmeProvisioningRequest& request,
                                     RelayFault fault) {
    switch (fault) {
        case RelayFault::unreachable:
            return {Result::not_reachable, {}, {}};
        case RelayFault::not_answering:
            return {Result::not_answered, {}, patience(request)};
        case RelayFault::no_security:
            return {Result::nas_security_not_active, {}, {}};
        case RelayFault::mme_error:
            return {Result::mme_error, {}, {}};
        default:
            break;
    }
    const auto found = devices_.find(imsi);
    if (found == devices_.end()) return {Result::not_reachable, {}, {}};
    auto delivery = hand_over(found->second, request);
    if (fault == RelayFault::lost) return {Result::not_answered, {}, patience(request)};
    if (fault == RelayFault::garbage) return {Result::garbage, {}, delivery.delay};
    return delivery;
}

KmeRelay::Delivery KmeRelay::hand_over(DeviceNas* nas, const s6a::KmeProvisioningRequest& request) {
    const auto type = request.nas_container_type.value_or(container_type_default);
    if (type > 0xff || request.container.size() > 0xffff) return {Result::mme_error, {}, {}};
    const GenericNasTransport downlink{GenericNasTransport::Direction::downlink,
                                       static_cast<std::uint8_t>(type), request.container};
    say(node_, "UE", "DOWNLINK GENERIC NAS TRANSPORT",
        {{"container type", std::to_string(type)}, {"octets", std::to_string(request.container.size())}});
    const auto answer = nas != nullptr ? nas->take(encode(downlink)) : std::nullopt;
    if (nas != nullptr) tell_device(nas->element());
    const auto waits = patience(request);
    if (!answer || answer->after > waits) return {Result::not_answered, {}, waits};
    auto uplink = parse_nas_transport(answer->message);
    const bool fits = uplink && uplink->direction == GenericNasTransport::Direction::uplink &&
                      uplink->container_type == downlink.container_type && !uplink->container.empty();
    if (!fits) return {Result::garbage, {}, answer->after};
    say("UE", node_, "UPLINK GENERIC NAS TRANSPORT", {{"octets", std::to_string(uplink->container.size())}});
    return {Result::answered, std::move(uplink->container), answer->after};
}

void KmeRelay::tell_device(const SecureElement& element) {
    const auto status = element.last_status();
    if (!status) return;
    told_["status"] = std::to_string(static_cast<unsigned>(*status));
    if (*status != binding::DeviceStatus::ok) {
        const std::string why(binding::name_of(*status));
        say("ME", "", "the container is refused", {{"why", why}}, Event::Kind::failure);
        return;
    }
    told_["generation"] = std::to_string(*element.generation());
    say("ME", "", "a new KME is in its slot", {{"generation", told_["generation"]}});
}

}  // namespace bindhss::emu
