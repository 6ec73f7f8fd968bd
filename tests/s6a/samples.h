// SPDX-License-Identifier: Apache-2.0
// Requests and answers of S6a and S13 with every field, with none and with some of them, and every kind of
// message that goes over the wire: for the codec's tests, for what a dissector is shown, and for the fuzzer.
#pragma once

#include <random>

#include "diameter/s6a_codec.h"
#include "s6a/wire_builder.h"

namespace bindhss::test {

/// Makes values. Repeatable from its seed.
class Generator {
  public:
    enum class Fill : std::uint8_t { none, some, all };  ///< which optional fields there are
    explicit Generator(std::uint64_t seed, Fill fill = Fill::some) : engine_(seed), fill_(fill) {}

    bool coin() {
        const bool random = (engine_() & 1) != 0;
        return fill_ == Fill::some ? random : fill_ == Fill::all;
    }
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }
    std::uint32_t number() { return static_cast<std::uint32_t>(engine_()); }
    OctetString octets(std::size_t size);
    std::string digits(std::size_t least, std::size_t most);
    std::string name(std::string_view suffix);

    template <class T>
    void maybe(T& field, T value) {
        if (coin()) field = std::move(value);
    }
    template <class T>
    void maybe(std::optional<T>& field, T value) {
        if (coin()) field = std::move(value);
    }

    Imsi imsi();
    Plmn plmn();
    ServingNode node();
    TerminalInformation terminal();
    s6a::Features features();
    PdnGateway gateway();
    s6a::ActiveApn active_apn();
    s6a::EpsLocationInformation location();
    s6a::KmeAccessInfo access_info();
    s6a::KmeProvisioningRequest provisioning_request();
    s6a::KmeProvisioningResponse provisioning_response();
    s6a::KmeAuthFailureReport auth_failure_report();
    SubscriptionData subscription();

    s6a::AuthenticationInformationRequest air();
    s6a::AuthenticationInformationAnswer aia();
    s6a::UpdateLocationRequest ulr();
    s6a::UpdateLocationAnswer ula();
    s6a::CancelLocationRequest clr();
    s6a::PurgeUeRequest pur();
    s6a::PurgeUeAnswer pua();
    s6a::NotifyRequest nor();
    s6a::NotifyAnswer noa();
    s6a::InsertSubscriberDataRequest idr();
    s6a::InsertSubscriberDataAnswer ida();
    s6a::DeleteSubscriberDataRequest dsr();
    s6a::DeleteSubscriberDataAnswer dsa();
    s6a::ResetRequest rsr();
    s6a::MeIdentityCheckRequest ecr();
    s6a::MeIdentityCheckAnswer eca();

  private:
    template <class Flags>
    Flags flags(std::initializer_list<bool Flags::*> members) {
        Flags made;
        for (const auto member : members) made.*member = coin();
        return made;
    }
    s6a::RequestedAuthenticationInfo requested();
    ApnConfiguration apn(std::uint32_t context);
    void connections(SubscriptionData& data);

    std::mt19937_64 engine_;
    Fill fill_;
};

/// A request from an MME or to one, with the AVPs that all have, but for User-Name and what follows.
[[nodiscard]] diameter::Message request_of(std::uint32_t command, const ServingNode& from,
                                           const ServingNode& to);
/// An answer of `from` with the AVPs that all have, but for the result and what follows.
[[nodiscard]] diameter::Message answer_of(std::uint32_t command, const ServingNode& from);

struct Sample {
    std::string name;
    OctetString octets;
};

/// Those whose octets are kept in tests/s6a/golden, by the same names without "golden_".
[[nodiscard]] std::vector<Sample> golden_samples();

/// Every kind of message that this HSS, or a node that it serves, may send.
[[nodiscard]] std::vector<Sample> samples();

}  // namespace bindhss::test
