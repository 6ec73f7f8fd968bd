// SPDX-License-Identifier: Apache-2.0
#include "emu/provision_load.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "emu/parallel.h"
#include "emu/ue.h"
#include "types/result_code.h"

namespace bindhss::emu {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

std::string failure_text(const char* command, const Failure& failure) {
    auto text = std::string(command) + " " + std::to_string(result_code(failure.cause).number);
    if (failure.kme_access_info && failure.kme_access_info->cause) {
        text += ", KME-Cause " + std::to_string(static_cast<unsigned>(*failure.kme_access_info->cause));
    }
    return text;
}

}  // namespace

/// A card in its device, for the length of an exchange.
struct ProvisionPeer::Device {
    Device(const FleetMember& member, const DeviceKeyPair& keys)
        : usim(member.imsi, AkaKeys::milenage(member.k, member.opc)),
          me(member.imei),
          nas(me, SecureElement(keys)) {}
    Usim usim;
    Me me;
    DeviceNas nas;
};

void ProvisionReport::merge(const ProvisionReport& other) {
    air.merge(other.air);
    exchange.merge(other.exchange);
    established += other.established;
    proven += other.proven;
    for (const auto& [what, count] : other.failures) failures[what] += count;
    elapsed = std::max(elapsed, other.elapsed);
}

std::uint64_t ProvisionReport::failure_count() const {
    return std::accumulate(failures.begin(), failures.end(), std::uint64_t{},
                           [](std::uint64_t sum, const auto& one) { return sum + one.second; });
}

void ProvisionReport::print(std::ostream& out) const {
    air.print(out, "AIR", elapsed);
    exchange.print(out, "ULR", elapsed);
    const auto seconds = elapsed.count();
    const auto rate = seconds > 0 ? static_cast<double>(established) / seconds : 0;
    out << fmt::format("exchanges    {} in {:.2f} s\n", established, seconds);
    out << fmt::format("exchanges/s  {:.0f}\n", rate);
    out << fmt::format("proven       {} on an encrypted RAND\n", proven);
    out << fmt::format("failures     {}\n", failure_count());
    for (const auto& [what, count] : failures) out << fmt::format("  {}: {}\n", what, count);
    out << std::flush;
}

ProvisionPeer::ProvisionPeer(ProvisionSettings settings, ServingNode identity, HssPort& hss)
    : settings_(std::move(settings)),
      identity_(std::move(identity)),
      hss_(hss),
      fleet_(settings_.fleet),
      next_(settings_.first) {}

std::optional<s6a::Features> ProvisionPeer::features() const {
    return s6a::Features{0, 0, s6a::feature_kme::provisioning | s6a::feature_kme::provisioning_only};
}

asio::awaitable<void> ProvisionPeer::run(Clock::time_point end) {
    end_ = end;
    const auto begin = Clock::now();
    const auto start = [this] { return slot(); };
    co_await all_of(settings_.window, start);
    report_.elapsed = Clock::now() - begin;
}

asio::awaitable<void> ProvisionPeer::slot() {
    while (next_ < settings_.fleet.count) {
        if (Clock::now() >= end_ || (settings_.stop != nullptr && *settings_.stop)) co_return;
        const auto index = next_;
        next_ += settings_.step;
        if (!fleet_.bound(index)) continue;
        co_await exchange(index);
    }
}

asio::awaitable<void> ProvisionPeer::exchange(std::uint64_t index) {
    const auto member = fleet_.member(index);
    Device device(member, settings_.keys[fleet_.key_of(index, settings_.keys.size())]);
    auto wrong = co_await authenticate(device, false);
    if (wrong.empty()) {
        pending_[member.imsi] = &device;
        wrong = co_await update_location(device, true);
        pending_.erase(member.imsi);
    }
    if (wrong.empty()) ++report_.established;
    const bool verified = settings_.verify_every != 0 && report_.established % settings_.verify_every == 0;
    if (wrong.empty() && verified) {
        wrong = co_await authenticate(device, true);
        if (wrong.empty()) {
            wrong = co_await update_location(device, false);
        }
        if (wrong.empty()) ++report_.proven;
    }
    if (!wrong.empty()) ++report_.failures[wrong];
}

asio::awaitable<std::string> ProvisionPeer::authenticate(Device& device, bool encrypted) {
    s6a::RequestedAuthenticationInfo requested;
    requested.immediate_response_preferred = true;
    s6a::AuthenticationInformationRequest request{device.usim.imsi(), identity_, settings_.plmn};
    request.eutran = requested;
    request.supported_features = features();
    const auto sent = Clock::now();
    const auto answer = co_await hss_.authentication_information(request);
    const auto latency = Clock::now() - sent;
    if (!answer) co_return failure_text("AIA", answer.error());
    if (!encrypted) report_.air.answered(latency, diameter_success);
    if (answer->eutran_vectors.size() != 1) co_return "AIA with another number of vectors than one";
    const auto& vector = answer->eutran_vectors.front();
    const Ue ue{device.me, device.usim};
    const auto came = ue.authenticate(vector.rand, vector.autn, settings_.plmn);
    const auto* response = std::get_if<AuthenticationResponse>(&came.answer);
    if (came.opened.pre_processed != encrypted) {
        co_return encrypted ? "regular vector after the exchange" : "encrypted RAND before the exchange";
    }
    if (response == nullptr) co_return "the UE refused the vector";
    if (!(response->res == vector.xres) || !(response->kasme == vector.kasme)) {
        co_return "XRES or KASME is not that of the UE";
    }
    device.nas.secured(device.usim.imsi(), came.session);
    co_return std::string();
}

asio::awaitable<std::string> ProvisionPeer::update_location(Device& device, bool provisioning) {
    s6a::UpdateLocationRequest request{device.usim.imsi(), identity_, settings_.plmn};
    request.flags.initial_attach_indicator = true;
    request.supported_features = features();
    const TerminalReport terminal{device.me.imei().str(), device.me.svn()};
    const auto sent = Clock::now();
    const auto answer = co_await hss_.update_location(request, terminal);
    const auto latency = Clock::now() - sent;
    const auto number = answer ? diameter_success : result_code(answer.error().cause).number;
    if (provisioning) report_.exchange.answered(latency, number);
    if (!answer) co_return failure_text("ULA", answer.error());
    const auto flags = answer->kme_access_info ? answer->kme_access_info->flags : 0;
    const bool established = (flags & s6a::kme_access::binding_established) != 0;
    if (provisioning && !established) co_return "ULA without BINDING-ESTABLISHED";
    co_return std::string();
}

std::chrono::milliseconds ProvisionPeer::time_of_device() {
    // Multiples of the golden ratio fill the interval evenly, whatever their number.
    constexpr double golden = 0.6180339887498949;
    const double share = std::fmod(golden * static_cast<double>(answers_++), 1.0);
    const auto takes = std::chrono::duration<double, std::milli>(settings_.device_takes);
    return std::chrono::duration_cast<std::chrono::milliseconds>(takes * (0.5 + share));
}

NodeReply ProvisionPeer::serve(const HssRequest& request) {
    auto reply = success_of(request);
    const auto* idr = std::get_if<s6a::InsertSubscriberDataRequest>(&request);
    if (idr == nullptr || !idr->kme_provisioning_request) return reply;
    const auto& asked = *idr->kme_provisioning_request;
    const auto device = pending_.find(idr->imsi);
    if (device == pending_.end()) return {Refusal{5001, true}};
    const GenericNasTransport downlink{
        GenericNasTransport::Direction::downlink,
        static_cast<std::uint8_t>(asked.nas_container_type.value_or(KmeRelay::container_type_default)),
        asked.container};
    const auto answer = device->second->nas.take(encode(downlink));
    auto uplink = answer ? parse_nas_transport(answer->message) : std::nullopt;
    auto& ida = std::get<s6a::InsertSubscriberDataAnswer>(std::get<NodeAnswer>(reply.answer));
    auto& response = ida.kme_provisioning_response.emplace();
    response.transaction = asked.transaction;
    response.result = s6a::KmeDeliveryResult::not_answered;
    if (uplink) {
        response.result = s6a::KmeDeliveryResult::answered;
        response.container = std::move(uplink->container);
    }
    reply.delay = time_of_device();
    return reply;
}

}  // namespace bindhss::emu
