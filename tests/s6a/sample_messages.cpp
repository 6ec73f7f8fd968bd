// SPDX-License-Identifier: Apache-2.0
#include "s6a/samples.h"
#include "types/features.h"

namespace bindhss::test {

using namespace diameter;

namespace {

const ServingNode mme{"mme.example", "example"};
const ServingNode hss{"hss.example", "example"};

std::uint32_t application_of(std::uint32_t command) {
    return command == command_me_identity_check ? application_s13 : application_s6a;
}

void begin(Message& message, std::uint32_t application, const ServingNode& from) {
    message.add(avp_id::session_id, from.host + ";1876543210;102");
    message.add_group(avp_id::vendor_specific_application_id, [application](Message::Group& group) {
        group.add(avp_id::vendor_id, vendor_3gpp);
        group.add(avp_id::auth_application_id, application);
    });
    message.add(avp_id::auth_session_state, 1U);
    message.add(avp_id::origin_host, from.host);
    message.add(avp_id::origin_realm, from.realm);
}

/// Collects messages; each gets identifiers of its own, an answer those of the request before it.
class Collection {
  public:
    void add(std::string name, Message message) {
        if (message.header().is_request()) ++id_;
        message.set_hop_by_hop(0x10000000 + id_);
        message.set_end_to_end(0x20000000 + id_);
        all.push_back({std::move(name), message.serialise()});
    }

    /// A request with all fields, with none, and with one of them or another; the answers likewise, and the
    /// common errors.
    template <class MakeRequest, class MakeAnswer>
    void exchange(const std::string& name, std::uint32_t command, bool from_hss, MakeRequest make_request,
                  MakeAnswer make_answer) {
        const auto& from = from_hss ? hss : mme;
        const auto& to = from_hss ? mme : hss;
        using Fill = Generator::Fill;
        for (const auto& [kind, fill] :
             {std::pair("full", Fill::all), std::pair("bare", Fill::none), std::pair("some", Fill::some)}) {
            Generator generator(command, fill);
            auto request = request_of(command, from, to);
            encode(make_request(generator), request);
            add(name + "r_" + kind, std::move(request));
            auto answer = answer_of(command, to);
            encode(make_answer(generator), answer);
            add(name + "a_" + kind, std::move(answer));
        }
        for (const auto cause : {Cause::user_unknown, Cause::unable_to_comply, Cause::too_busy}) {
            auto answer = answer_of(command, to);
            encode(fail(cause, "why it is so"), answer);
            add(name + "a_" + std::string(result_code(cause).name), std::move(answer));
        }
    }

    std::vector<Sample> all;

  private:
    std::uint32_t id_ = 0;
};

/// Error answers of an HSS, each of its codes, with what comes along.
void add_errors(Collection& to) {
    for (int i = 0; i <= static_cast<int>(Cause::invalid_hdr_bits); ++i) {
        const auto cause = static_cast<Cause>(i);
        auto answer = answer_of(command_update_location, hss);
        encode(fail(cause, "why it is so"), answer);
        to.add("ula_" + std::string(result_code(cause).name), std::move(answer));
    }
    for (const auto command : {command_update_location, command_authentication_information}) {
        auto answer = answer_of(command, hss);
        encode(Failure{Cause::unknown_eps_subscription, "", ErrorDiagnostic::no_gprs_data_subscribed},
               answer);
        to.add("diagnostic_" + std::to_string(command), std::move(answer));
    }
    auto stub = answer_of(command_update_location, hss);
    encode(fail(Cause::roaming_not_allowed), stub);
    encode_error_stub(stub);
    to.add("ula_error_stub", std::move(stub));

    auto features = answer_of(command_update_location, hss);
    encode(fail(Cause::feature_unsupported), features);
    auto demanding = request_of(command_update_location, mme, hss);
    encode(Generator(1, Generator::Fill::all).ulr(), demanding);
    encode_features(features::implemented, demanding, features);
    to.add("ula_feature_unsupported", std::move(features));

    auto rejected = answer_of(command_notify, hss);
    encode(Rejection{Cause::missing_avp, "User-Name is missing",
                     encode_avp(avp_id::user_name, avp_flag::mandatory, {})},
           rejected);
    to.add("noa_failed_avp", std::move(rejected));
}

/// What relays and overload control add.
void add_relayed(Collection& to) {
    auto request = request_of(command_purge_ue, mme, hss);
    encode(Generator(7).pur(), request);
    request.add({301}, 3U);  // DRMP
    request.add_group({621}, [](Message::Group&) {});
    request.add(avp_id::route_record, std::string_view("mme.example"));
    request.add_group(avp_id::proxy_info, [](Message::Group& group) {
        group.add(avp_id::proxy_host, std::string_view("dra.example"));
        group.add(avp_id::proxy_state, std::string_view("state"));
    });
    request.set_flag(Header::flag_retransmitted, true);
    const auto proxy_info =
        make_avp(avp_id::proxy_info, OctetView(concat({make_avp(avp_id::proxy_host, "dra.example"),
                                                       make_avp(avp_id::proxy_state, "state")})));
    to.add("pur_relayed", std::move(request));
    auto answer = answer_of(command_purge_ue, hss);
    encode(Generator(7).pua(), answer);
    answer.add_raw(proxy_info);
    to.add("pua_relayed", std::move(answer));
}

AvpId kme(std::uint32_t code) {
    return {code, loaded_dictionary().kme_vendor()};
}

/// What the codec does not write of the KME extension (spec 4.4), but a dissector has to show; the rest of it
/// is among the golden samples.
void add_kme(Collection& to) {
    auto ula = answer_of(command_update_location, hss);
    encode(Generator(1).ula(), ula);
    ula.add(kme(13), OctetView(OctetString(32, 0x5a)));
    to.add("ula_session_key", std::move(ula));
}

}  // namespace

Message request_of(std::uint32_t command, const ServingNode& from, const ServingNode& to) {
    auto request = Message::request(loaded_dictionary(), command, application_of(command));
    begin(request, application_of(command), from);
    request.add(avp_id::destination_host, to.host);
    request.add(avp_id::destination_realm, to.realm);
    return request;
}

Message answer_of(std::uint32_t command, const ServingNode& from) {
    Header header;
    header.flags = Header::flag_proxiable;
    header.command_code = command;
    header.application_id = application_of(command);
    auto answer = Message::answer(loaded_dictionary(), header);
    begin(answer, application_of(command), from);
    return answer;
}

std::vector<Sample> samples() {
    Collection to;
    using G = Generator;
    to.exchange("ai", command_authentication_information, false, std::mem_fn(&G::air), std::mem_fn(&G::aia));
    to.exchange("ul", command_update_location, false, std::mem_fn(&G::ulr), std::mem_fn(&G::ula));
    to.exchange("pu", command_purge_ue, false, std::mem_fn(&G::pur), std::mem_fn(&G::pua));
    to.exchange("no", command_notify, false, std::mem_fn(&G::nor), std::mem_fn(&G::noa));
    to.exchange("ec", command_me_identity_check, false, std::mem_fn(&G::ecr), std::mem_fn(&G::eca));
    to.exchange("cl", command_cancel_location, true, std::mem_fn(&G::clr),
                [](const G&) { return s6a::CancelLocationAnswer{}; });
    to.exchange("id", command_insert_subscriber_data, true, std::mem_fn(&G::idr), std::mem_fn(&G::ida));
    to.exchange("ds", command_delete_subscriber_data, true, std::mem_fn(&G::dsr), std::mem_fn(&G::dsa));
    to.exchange("rs", command_reset, true, std::mem_fn(&G::rsr), [](const G&) { return s6a::ResetAnswer{}; });
    add_errors(to);
    add_relayed(to);
    add_kme(to);
    for (auto& sample : golden_samples()) to.all.push_back(std::move(sample));
    return std::move(to.all);
}

}  // namespace bindhss::test
