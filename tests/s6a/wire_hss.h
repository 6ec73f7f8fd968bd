// SPDX-License-Identifier: Apache-2.0
// An HSS between octets and octets, the same in every run: what a node reads can be compared to the last bit.
#pragma once

#include "diameter/s6a_server.h"
#include "s6a/node_world.h"
#include "s6a/samples.h"
#include "store/memory/memory_store.h"
#include "unit/world.h"

namespace bindhss::test {

using namespace diameter;

inline const Imsi unbound = *Imsi::parse("001010123456789");
inline const Imsi bound = *Imsi::parse("001010123456780");
inline const ServingNode mme{"mme.example", "example"};
inline const ServingNode hss{"hss.example", "example"};

/// One request and where its answer goes.
class WireRequest final : public IncomingRequest {
  public:
    WireRequest(Message message, std::vector<OctetString>& answers, bool secured)
        : message_(std::move(message)), answers_(answers), secured_(secured) {}
    [[nodiscard]] const Message& message() const override { return message_; }
    [[nodiscard]] const std::string& peer() const override { return mme.host; }
    [[nodiscard]] Quirks quirks() const override { return {}; }
    [[nodiscard]] bool secured() const override { return secured_; }
    [[nodiscard]] Message make_answer() override {
        auto answer = Message::answer(loaded_dictionary(), message_.header());
        answer.add(avp_id::session_id, message_.find(avp_id::session_id)->text());
        answer.add(avp_id::auth_session_state, 1U);
        answer.add(avp_id::origin_host, hss.host);
        answer.add(avp_id::origin_realm, hss.realm);
        return answer;
    }
    void answer(const Message& answer) override { answers_.push_back(answer.serialise()); }
    void reject(const Rejection& rejection) override {
        auto message = make_answer();
        encode(rejection, message);
        answer(message);
    }
    void abandon() override {}
    [[nodiscard]] asio::any_io_executor executor() const override { return {}; }

  private:
    Message message_;
    std::vector<OctetString>& answers_;
    bool secured_;
};

/// An HSS whose time and randomness are the same in every run.
class WireHss {
  public:
    /// `exchanges`: keys are provisioned, by nodes of the realm "example".
    explicit WireHss(store::Exchanges* exchanges = nullptr)
        : server_(io_, io_, quiet_log()),
          node_(io_, loaded_dictionary(), server_settings(), server_.handler(), quiet_log()) {
        if (exchanges != nullptr) {
            settings_.features.vendor = 0x7;
            settings_.provisioning.on = true;
            settings_.provisioning.nodes = {"*.example"};
            ports_.exchanges = exchanges;
        }
        server_.serve(node_, ports_);
        for (const auto& imsi : {unbound, bound}) {
            put(store::PutSubscriber{imsi, AkaKeys::milenage(of_hex<SubscriberKey>(milenage_sets[0].k),
                                                             of_hex<Opc>(milenage_sets[0].opc))});
        }
    }

    template <class Put>
    void put(Put item) {
        std::vector<store::Item> items;
        items.push_back({std::move(item), 0});
        const auto errors = store_.apply(items, false);
        if (!errors.empty()) throw std::runtime_error(errors.front().text);
    }

    template <class Request>
    OctetString ask(std::uint32_t command, const Request& request) {
        auto message = request_of(command, mme, hss);
        message.set_hop_by_hop(0x01020304);
        message.set_end_to_end(++end_to_end_);
        encode(request, message);
        auto received = *Message::parse(message.serialise());
        if (const auto rejection = received.check(loaded_dictionary()))
            throw std::runtime_error(rejection->detail);
        answers_.clear();
        server_.handler()(std::make_unique<WireRequest>(std::move(received), answers_, secured));
        io_.restart();
        io_.run();
        REQUIRE(answers_.size() == 1);
        return answers_[0];
    }

    OctetString air(const Imsi& imsi, std::uint32_t vectors = 3,
                    std::optional<ReSynchronizationInfo> resync = {}) {
        s6a::AuthenticationInformationRequest request{
            imsi, mme, *Plmn::parse("001/01"), s6a::RequestedAuthenticationInfo{}, {}};
        request.eutran->number_of_requested_vectors = vectors;
        request.eutran->re_synchronization_info = std::move(resync);
        request.supported_features = announced;
        return ask(command_authentication_information, request);
    }
    OctetString ulr(const Imsi& imsi) {
        s6a::UpdateLocationRequest request{imsi, mme, *Plmn::parse("001/01")};
        request.terminal_information = TerminalInformation{Imei::parse("35824005111111"), "01", false};
        request.supported_features = announced;
        return ask(command_update_location, request);
    }

    ManualClock clock;
    bool secured = true;  ///< by TLS
    /// What the node announces.
    std::optional<s6a::Features> announced;
    [[nodiscard]] std::uint32_t last_end_to_end() const { return end_to_end_; }

  private:
    asio::io_context io_;
    S6aServer server_;
    Node node_;
    store::MemoryStore store_{&clock};
    RecordingAlarms alarms_;
    SeededRandom random_{7};
    procedure::Settings settings_;
    procedure::Ports ports_{store_, alarms_, server_, random_, clock, settings_};
    std::vector<OctetString> answers_;
    std::uint32_t end_to_end_ = 0;
};

}  // namespace bindhss::test
