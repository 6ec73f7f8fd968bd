// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emu/parallel.h"
#include "fake_hss.h"
#include "sealed.h"

namespace bindhss::emu::test {

/// An HSS that gives devices their keys over S6a (spec 4.4), small enough to be seen through.
class ProvisioningHss final : public HssPort {
  public:
    using Features = std::uint32_t;

    boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
        s6a::AuthenticationInformationRequest request) override {
        auto result = co_await hss.authentication_information(request);
        if (!result || vendor_of(request.supported_features) == 0) co_return result;
        const auto& subscriber = hss.subscribers.at(request.imsi.str());
        const bool bound = !subscriber.kme.empty();
        auto& vector = result->eutran_vectors.at(0);
        vector.kme_access_flags = bound ? s6a::kme_access::av_pre_processed : 0;
        result->supported_features = s6a::Features{0, 0, vendor_of(request.supported_features)};
        if (!bound) {
            result->kme_access_info.emplace();
            result->kme_access_info->flags = s6a::kme_access::provisioning_only;
            result->kme_access_info->cause = s6a::KmeCause::no_binding;
            aka::Milenage milenage(subscriber.k, subscriber.opc);
            const auto keys = milenage.f2345(vector.rand);
            session = AkaSession{keys.ck, keys.ik, vector.autn};
        }
        co_return result;
    }

    boost::asio::awaitable<Result<s6a::UpdateLocationAnswer>> update_location(
        s6a::UpdateLocationRequest request, std::optional<TerminalReport> terminal) override {
        hss.last_ulr = request;
        hss.last_report = terminal;
        auto& subscriber = hss.subscribers.at(request.imsi.str());
        if (!subscriber.kme.empty()) co_return co_await hss.update_location(request, terminal);
        const auto features = vendor_of(request.supported_features);
        if ((features & s6a::feature_kme::provisioning) == 0 && !force_features) {
            co_return fail(Cause::authorization_rejected);
        }
        const auto imei = terminal ? Imei::parse(terminal->imei) : std::nullopt;
        if (!imei) co_return refused(Cause::unable_to_comply, s6a::kme_access::imei_required, std::nullopt);
        const auto key = public_keys.find(imei->str());
        if (key == public_keys.end()) {
            co_return refused(Cause::authorization_rejected, 0, s6a::KmeCause::no_public_key);
        }
        const Sealed sealed(key->second, request.imsi, *imei, subscriber.generation + 1, session);
        auto answer = co_await ask_device(request, sealed);
        co_return conclude(answer, sealed, subscriber, features);
    }

    boost::asio::awaitable<Result<s6a::PurgeUeAnswer>> purge_ue(s6a::PurgeUeRequest request) override {
        co_return co_await hss.purge_ue(request);
    }
    boost::asio::awaitable<Result<s6a::NotifyAnswer>> notify(
        s6a::NotifyRequest request, std::optional<TerminalReport> terminal) override {
        if (!request.auth_failure_report) co_return co_await hss.notify(request, terminal);
        hss.last_notify = request;
        co_return s6a::NotifyAnswer{};
    }
    boost::asio::awaitable<Result<s6a::MeIdentityCheckAnswer>> check_me_identity(
        s6a::MeIdentityCheckRequest request, TerminalReport terminal) override {
        co_return co_await hss.check_me_identity(request, terminal);
    }
    boost::asio::awaitable<bool> connect() override { co_return true; }
    boost::asio::awaitable<void> disconnect() override { co_return; }

    FakeHss hss;
    std::map<std::string, crypto::DevicePublicKey> public_keys;  ///< by IMEI
    /// The node's side of an IDR; a test over sockets replaces ask_node.
    std::function<NodeReply(const HssRequest&)> node;
    std::function<boost::asio::awaitable<Result<s6a::InsertSubscriberDataAnswer>>(
        s6a::InsertSubscriberDataRequest)>
        ask_node = [this](s6a::InsertSubscriberDataRequest request) { return ask_in_memory(request); };
    std::optional<s6a::InsertSubscriberDataRequest> last_idr;
    std::optional<AkaSession> session;
    std::optional<s6a::KmeProvisioningResponse> last_response;
    std::string outcome;  ///< of the last exchange: established, rsp, refused, unanswered, not understood
    std::chrono::milliseconds response_timer{300};
    std::uint32_t container_type = 75;
    bool force_features = false;

  private:
    static Features vendor_of(const std::optional<s6a::Features>& features) {
        return features ? features->vendor : 0;
    }

    static Failure refused(Cause cause, std::uint32_t flags, std::optional<s6a::KmeCause> kme_cause) {
        auto failure = fail(cause);
        failure.kme_access_info.emplace();
        failure.kme_access_info->flags = flags;
        failure.kme_access_info->cause = kme_cause;
        return failure;
    }

    boost::asio::awaitable<Result<s6a::InsertSubscriberDataAnswer>> ask_in_memory(
        s6a::InsertSubscriberDataRequest request) {
        const HssRequest asked(request);
        const auto reply = node(asked);
        const auto waits = std::min(reply.delay, response_timer);
        co_await pause(waits);
        if (reply.delay > response_timer) co_return fail(Cause::unable_to_deliver);
        const auto* answer = std::get_if<NodeAnswer>(&reply.answer);
        if (answer == nullptr) co_return fail(Cause::user_unknown);
        co_return std::get<s6a::InsertSubscriberDataAnswer>(*answer);
    }

    boost::asio::awaitable<Result<s6a::InsertSubscriberDataAnswer>> ask_device(
        s6a::UpdateLocationRequest request, const Sealed& sealed) {
        s6a::InsertSubscriberDataRequest idr{request.imsi, request.origin};
        idr.subscription_data.subscriber_status = SubscriberStatus::operator_determined_barring;
        idr.subscription_data.operator_determined_barring = 1;
        auto& asked = idr.kme_provisioning_request.emplace();
        asked.transaction = sealed.provision.transaction;
        asked.container = sealed.octets();
        asked.nas_container_type = container_type;
        asked.response_timer_ms = static_cast<std::uint32_t>(response_timer.count());
        last_idr = idr;
        co_return co_await ask_node(idr);
    }

    Result<s6a::UpdateLocationAnswer> conclude(const Result<s6a::InsertSubscriberDataAnswer>& answer,
                                               const Sealed& sealed, FakeHss::Subscriber& subscriber,
                                               Features features) {
        last_response = answer ? answer->kme_provisioning_response : std::nullopt;
        outcome = judged(answer, sealed);
        if (outcome == "rsp") return refused(Cause::authorization_rejected, 0, s6a::KmeCause::rsp_invalid);
        if (outcome == "refused") return refused(Cause::authorization_rejected, 0, s6a::KmeCause::ue_refused);
        if (outcome != "established") return refused(Cause::unable_to_comply, 0, s6a::KmeCause::timeout);
        subscriber.kme = sealed.kme;
        subscriber.generation = sealed.provision.generation;
        constexpr auto flags = s6a::kme_access::binding_established | s6a::kme_access::reattach_expected;
        if ((features & s6a::feature_kme::provisioning_only) == 0) {
            return refused(Cause::unable_to_comply, flags, std::nullopt);
        }
        s6a::UpdateLocationAnswer ula;
        ula.subscription_data.emplace().ambr = Ambr{1, 1};
        ula.kme_access_info = s6a::KmeAccessInfo{flags | s6a::kme_access::provisioning_only, std::nullopt};
        return ula;
    }

    [[nodiscard]] static std::string judged(const Result<s6a::InsertSubscriberDataAnswer>& answer,
                                            const Sealed& sealed) {
        if (!answer) return "unanswered";
        const auto& response = answer->kme_provisioning_response;
        if (!response) return "not understood";
        if (response->transaction != sealed.provision.transaction) return "rsp";
        if (response->result != s6a::KmeDeliveryResult::answered) return "unanswered";
        const auto read = binding::parse_container(response->container);
        const auto* container = std::get_if<binding::Container>(&read);
        const auto* came = container != nullptr ? std::get_if<binding::KmeResponse>(container) : nullptr;
        if (came == nullptr || came->transaction != sealed.provision.transaction) return "rsp";
        if (came->status != binding::DeviceStatus::ok) return "refused";
        return came->rsp == sealed.rsp() ? "established" : "rsp";
    }
};

}  // namespace bindhss::emu::test
