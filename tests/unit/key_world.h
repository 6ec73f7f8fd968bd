// SPDX-License-Identifier: Apache-2.0
// A subscription that is to be bound by key and has none yet, its device with a private key, and an MME that
// carries containers between HSS and device.
#pragma once

#include "aka/vectors.h"
#include "emu/secure_element.h"
#include "procedure/kme_by_https.h"
#include "procedure/unfit_nodes.h"
#include "signs_world.h"

namespace bindhss::test {

class OneKey final : public store::DeviceKeySource {
  public:
    explicit OneKey(store::DeviceKey key) : key_(std::move(key)) {}
    std::optional<store::DeviceKeyRecord> next() override {
        if (!key_) return std::nullopt;
        store::DeviceKeyRecord record{std::move(*key_), 1};
        key_.reset();
        return record;
    }

  private:
    std::optional<store::DeviceKey> key_;
};

inline store::DeviceKey device_key(Imei imei, const crypto::DevicePublicKey& key) {
    store::DeviceKey made{imei};
    made.type = key.type();
    made.fingerprint = key.fingerprint();
    made.der = key.der();
    made.origin = "maker";
    return made;
}

/// An MME with the KME AVPs, in front of one UE.
class CarryingNodes final : public procedure::NodeClient {
  public:
    using Answer = s6a::InsertSubscriberDataAnswer;

    boost::asio::awaitable<Result<s6a::CancelLocationAnswer>> cancel_location(
        s6a::CancelLocationRequest request) override {
        cancelled.push_back(std::move(request));
        co_return s6a::CancelLocationAnswer{};
    }
    boost::asio::awaitable<Result<Answer>> insert_subscriber_data(
        s6a::InsertSubscriberDataRequest request) override {
        inserted.push_back(request);
        if (meanwhile) meanwhile();
        if (refusal) co_return *refusal;
        Answer answer;
        if (!request.kme_provisioning_request || forgetful) co_return answer;
        answer.kme_provisioning_response = deliver(*request.kme_provisioning_request);
        co_return answer;
    }
    boost::asio::awaitable<Result<s6a::DeleteSubscriberDataAnswer>> delete_subscriber_data(
        s6a::DeleteSubscriberDataRequest /*request*/) override {
        co_return s6a::DeleteSubscriberDataAnswer{};
    }
    boost::asio::awaitable<Result<s6a::ResetAnswer>> reset(s6a::ResetRequest /*request*/) override {
        co_return s6a::ResetAnswer{};
    }

    std::function<std::optional<OctetString>(OctetView)> device;  ///< what it answers to a container
    std::function<void()> meanwhile;                              ///< happens while the IDR is on its way
    std::optional<Failure> refusal;
    bool forgetful = false;
    std::vector<s6a::InsertSubscriberDataRequest> inserted;
    std::vector<s6a::CancelLocationRequest> cancelled;

  private:
    s6a::KmeProvisioningResponse deliver(const s6a::KmeProvisioningRequest& request) const {
        s6a::KmeProvisioningResponse response{request.transaction, s6a::KmeDeliveryResult::answered, {}};
        auto answer = device ? device(request.container) : std::nullopt;
        if (answer) {
            response.container = std::move(*answer);
        } else {
            response.result = s6a::KmeDeliveryResult::not_answered;
        }
        return response;
    }
};

struct KeyWorld : SignsWorld {
    static constexpr std::uint32_t all = s6a::feature_kme::provisioning |
                                         s6a::feature_kme::provisioning_only |
                                         s6a::feature_kme::auth_failure_report;

    explicit KeyWorld(binding::Acquisition acquisition = binding::Acquisition::preauthorised,
                      binding::OnSuspicion on_suspicion = binding::OnSuspicion::alarm) {
        unbound.policy = binding::Policy::kme;
        unbound.acquisition = acquisition;
        unbound.on_suspicion = on_suspicion;
        unbound.name = "unbound";
        put(store::RetireKme{own, std::nullopt});
        put(store::PutTerms{unbound});
        store::PutBinding binding{imsi};
        if (acquisition == binding::Acquisition::preauthorised) binding.devices = {ImeiRange::of(own)};
        binding.terms = unbound.name;
        put(std::move(binding));
        put_data();
        settings.features.vendor = all;
        settings.provisioning.on = true;
        settings.provisioning.nodes = {mme1.host, "*.trusted.example"};
        settings.provisioning.reattach_after = std::chrono::milliseconds(1);
        key_ports.exchanges = &store;
        key_ports.unfit_nodes = &unfit;
        know(own, private_key);
        carry(element, device);
    }

    void know(Imei imei, const crypto::DevicePrivateKey& key) {
        OneKey source(device_key(imei, key.public_key()));
        if (!store.import_device_keys(source, {}, "test").stored)
            throw std::runtime_error("the key is refused");
    }
    /// From now on the MME's UE is this one.
    void carry(emu::SecureElement& with, emu::Me& me) {
        mme.device = [this, &with, &me](OctetView container) {
            return with.answer(container, imsi, session, me);
        };
    }

    Result<s6a::Answer> ask(s6a::Request request) {
        boost::asio::io_context io;
        std::optional<Result<s6a::Answer>> result;
        boost::asio::co_spawn(io, procedure::dispatch(key_ports, std::move(request), via),
                              [&](const std::exception_ptr& failed, Result<s6a::Answer> answer) {
                                  if (failed) std::rethrow_exception(failed);
                                  result = std::move(answer);
                              });
        io.run();
        return std::move(*result);
    }
    Result<s6a::AuthenticationInformationAnswer> key_air(const ServingNode& node,
                                                         std::uint32_t features = all) {
        s6a::AuthenticationInformationRequest request{
            imsi, node, plmn, s6a::RequestedAuthenticationInfo{}, {}};
        if (features != 0) request.supported_features = s6a::Features{0, 0, features};
        request.arrival.secured = secured;
        auto answer = ask(std::move(request));
        if (!answer) return answer.error();
        return std::get<s6a::AuthenticationInformationAnswer>(*answer);
    }
    Result<s6a::UpdateLocationAnswer> key_ulr(const ServingNode& node, std::optional<Imei> imei,
                                              std::uint32_t features = all) {
        s6a::UpdateLocationRequest request{imsi, node, plmn};
        request.flags.initial_attach_indicator = true;
        request.terminal_information = TerminalInformation{imei, "01", false};
        if (features != 0) request.supported_features = s6a::Features{0, 0, features};
        request.arrival.secured = secured;
        request.arrival.end_to_end = ++end_to_end;
        auto answer = ask(std::move(request));
        if (!answer) return answer.error();
        return std::get<s6a::UpdateLocationAnswer>(*answer);
    }
    /// AIR, AKA in this device, and ULR, as an MME with these features sends them. Without ULR when the
    /// device cannot open the challenge, or the card does not take it.
    std::optional<Result<s6a::UpdateLocationAnswer>> attach_in(emu::Me& me, const ServingNode& node,
                                                               std::uint32_t features = all) {
        const auto aia = key_air(node, features);
        if (!aia) return Result<s6a::UpdateLocationAnswer>(aia.error());
        last_aia = *aia;
        if (!answer_challenge(me, *aia)) return std::nullopt;
        return key_ulr(node, me.imei(), features);
    }
    /// AKA in this device: false when it cannot open the challenge, or the card does not take it.
    bool answer_challenge(emu::Me& me, const s6a::AuthenticationInformationAnswer& aia) {
        const auto& vector = aia.eutran_vectors.at(0);
        const auto opened = me.open(vector.rand, vector.autn);
        if (!opened.rand || !accepted(vector, *opened.rand)) return false;
        aka::Milenage milenage(k, opc);
        const auto challenge = milenage.f2345(*opened.rand);
        session = emu::AkaSession{challenge.ck, challenge.ik, vector.autn};
        return true;
    }
    bool registered() { return registrations().mme.has_value() && !registrations().mme->purged; }
    void later(std::chrono::seconds time) { clock.advance(time); }

    binding::Terms unbound;
    CarryingNodes mme;
    procedure::UnfitNodes unfit;
    procedure::Ports key_ports{store, alarms, mme, random, clock, settings};
    crypto::DevicePrivateKey private_key = crypto::DevicePrivateKey::generate(crypto::KeyType::x25519);
    emu::SecureElement element{private_key};
    emu::Me device{own};
    std::optional<emu::AkaSession> session;
    s6a::AuthenticationInformationAnswer last_aia;
    bool secured = true;
    std::uint32_t end_to_end = 0;
};

}  // namespace bindhss::test
