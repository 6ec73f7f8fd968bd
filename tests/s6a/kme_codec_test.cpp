// SPDX-License-Identifier: Apache-2.0
// The AVPs of the KME extension (spec 4.4): V without M, lengths and numbers checked, and nothing of them
// where there is nothing to say.
#include "diameter/kme_codec.h"
#include "diameter/s6a_codec.h"
#include "s6a/mutator.h"
#include "s6a/received.h"
#include "s6a/samples.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

const ServingNode mme{"mme.example", "example"};
const ServingNode hss{"hss.example", "example"};
const Imsi imsi = *Imsi::parse("001010123456789");

AvpId kme(std::uint32_t code) {
    return {code, loaded_dictionary().kme_vendor()};
}
OctetString field(std::uint32_t code, const OctetString& value) {
    return make_avp(kme(code), OctetView(value), avp_flag::vendor);
}
OctetString field(std::uint32_t code, std::uint32_t number) {
    return field(code, number_octets(number));
}
OctetString group(std::uint32_t code, std::initializer_list<OctetString> parts) {
    return field(code, concat(parts));
}

const OctetString good_id = field(6, OctetString(8, 1));

/// All AVPs of the KME vendor in a message, whatever groups they are in.
void collect(const AvpView& view, std::vector<AvpView>& all) {
    if (view.id().vendor == loaded_dictionary().kme_vendor()) all.push_back(view);
    view.each([&all](const AvpView& child) { collect(child, all); });
}
std::vector<AvpView> kme_avps(const Message& message) {
    std::vector<AvpView> all;
    message.each([&all](const AvpView& view) { collect(view, all); });
    return all;
}

/// An Update-Location-Answer, IDA or other answer of success with `extra`.
Message answer_with(std::uint32_t command, const OctetString& extra) {
    const auto head =
        concat({make_avp(avp_id::session_id, "mme.example;1;2"),
                make_avp(avp_id::result_code, diameter_success), make_avp(avp_id::auth_session_state, 1U),
                make_avp(avp_id::origin_host, "x.example"), make_avp(avp_id::origin_realm, "example")});
    return received(frame(0x40, command, application_s6a, concat({head, extra})));
}
Message idr_with(const OctetString& extra) {
    const auto head = concat({request_head(), make_avp(avp_id::destination_host, "mme.example"), user(),
                              make_avp(avp_id::subscription_data, OctetView())});
    return received(frame(0xc0, command_insert_subscriber_data, application_s6a, concat({head, extra})));
}
Message nor_with(const OctetString& extra) {
    return received(frame(0xc0, command_notify, application_s6a, concat({request_head(), user(), extra})));
}

/// The rejection of a request whose check() found nothing, with the AVP at fault.
template <class T>
void expect_invalid(const Decoded<T>& decoded, std::uint32_t code, std::uint32_t vendor,
                    std::string_view what) {
    REQUIRE(std::holds_alternative<Rejection>(decoded));
    const auto& rejection = std::get<Rejection>(decoded);
    CHECK(rejection.cause == Cause::invalid_avp_value);
    CHECK(rejection.detail.find(what) != std::string::npos);
    const auto failed = AvpCursor(rejection.failed_avp).next();
    REQUIRE(failed);
    CHECK(failed->id == AvpId{code, vendor});
}

}  // namespace

TEST_CASE("Every KME AVP has V set and M clear, and the vendor that is configured", "[R27][kme]") {
    std::size_t seen = 0;
    for (const auto& sample : golden_samples()) {
        CAPTURE(sample.name);
        const auto message = received(sample.octets);
        const auto all = kme_avps(message);
        if (sample.name.find("_kme") == std::string::npos) {
            CHECK(all.empty());
            continue;
        }
        CHECK_FALSE(all.empty());
        for (const auto& view : all) CHECK(view.flags() == avp_flag::vendor);
        seen += all.size();
    }
    CHECK(seen >= 18);
}

TEST_CASE("A struct without anything of the KME extension writes nothing of it", "[wire][R42]") {
    Generator generator(1, Generator::Fill::none);
    const auto expect_none = [](const auto& value, std::uint32_t command, bool request) {
        auto message = request ? request_of(command, mme, hss) : answer_of(command, hss);
        encode(value, message);
        CHECK(kme_avps(received(message.serialise())).empty());
    };
    expect_none(generator.aia(), command_authentication_information, false);
    expect_none(generator.ula(), command_update_location, false);
    expect_none(fail(Cause::authorization_rejected), command_update_location, false);
    expect_none(generator.idr(), command_insert_subscriber_data, true);
    expect_none(generator.ida(), command_insert_subscriber_data, false);
    expect_none(generator.nor(), command_notify, true);
}

TEST_CASE("A KME-Transaction-Id is 8 octets and nothing else", "[R27][kme]") {
    for (const std::size_t size : {0U, 7U, 9U, 1024U}) {
        CAPTURE(size);
        const auto id = field(6, OctetString(size, 1));
        const auto container = field(7, OctetString(10, 2));
        const auto idr = idr_with(group(4, {id, container}));
        expect_invalid(decode_insert_subscriber_data(idr), 6, kme(6).vendor, "KME-Transaction-Id");
        const auto ida =
            answer_with(command_insert_subscriber_data, group(5, {id, field(10, 0U), container}));
        const auto decoded = decode_insert_subscriber_data_answer(ida);
        REQUIRE(decoded.has_error());
        CHECK(decoded.error().cause == Cause::invalid_avp_value);
        CHECK(decoded.error().detail.find("KME-Transaction-Id") != std::string::npos);
    }
}

TEST_CASE("A KME-Container has 1 to 1024 octets on the way to the device, and may be missing on the way back",
          "[R28][kme]") {
    const auto idr = [](std::size_t size) {
        return decode_insert_subscriber_data(idr_with(group(4, {good_id, field(7, OctetString(size, 2))})));
    };
    expect_invalid(idr(0), 7, kme(7).vendor, "empty");
    expect_invalid(idr(1025), 7, kme(7).vendor, "1025 octets");
    expect_invalid(idr(30'000), 7, kme(7).vendor, "30000 octets");
    for (const std::size_t size : {1U, 1024U}) {
        const auto decoded = idr(size);
        REQUIRE(std::holds_alternative<s6a::InsertSubscriberDataRequest>(decoded));
        const auto& request = std::get<s6a::InsertSubscriberDataRequest>(decoded).kme_provisioning_request;
        REQUIRE(request);
        CHECK(request->container == OctetString(size, 2));
        CHECK_FALSE(request->nas_container_type);
        CHECK_FALSE(request->response_timer_ms);
    }
    const auto ida = [](const OctetString& container) {
        return decode_insert_subscriber_data_answer(
            answer_with(command_insert_subscriber_data, group(5, {good_id, field(10, 1U), container})));
    };
    CHECK(ida({})->kme_provisioning_response->container.empty());
    CHECK(ida(field(7, OctetString()))->kme_provisioning_response->container.empty());
    CHECK(ida(field(7, OctetString(1024, 3)))->kme_provisioning_response->container.size() == 1024);
    REQUIRE(ida(field(7, OctetString(1025, 3))).has_error());
    CHECK(ida(field(7, OctetString(1025, 3))).error().cause == Cause::invalid_avp_value);
}

TEST_CASE("Numbers of the KME extension that mean nothing are refused", "[kme]") {
    const auto container = field(7, OctetString(10, 2));
    for (const auto type : {0U, 256U, 0xffff'ffffU}) {
        CAPTURE(type);
        expect_invalid(
            decode_insert_subscriber_data(idr_with(group(4, {good_id, container, field(8, type)}))), 8,
            kme(8).vendor, "KME-NAS-Container-Type");
    }
    const auto ida =
        answer_with(command_insert_subscriber_data, group(5, {good_id, field(10, 6U), container}));
    CHECK(decode_insert_subscriber_data_answer(ida).error().cause == Cause::invalid_avp_value);
    const auto info = group(1, {field(2, 1U), field(3, 11U)});
    CHECK(decode_update_location_answer(answer_with(command_update_location, info)).error().cause ==
          Cause::invalid_avp_value);
    CHECK(decode_authentication_information_answer(answer_with(command_authentication_information, info))
              .error()
              .cause == Cause::invalid_avp_value);
}

TEST_CASE("Bits of KME-Access-Flags that nobody defined are neither seen nor sent", "[kme]") {
    const auto ula = answer_with(command_update_location, group(1, {field(2, 0xffff'ffffU)}));
    CHECK(decode_update_location_answer(ula)->kme_access_info == s6a::KmeAccessInfo{0x1f, {}});
    s6a::UpdateLocationAnswer answer;
    answer.kme_access_info = s6a::KmeAccessInfo{0xffff'ffff, {}};
    auto message = answer_of(command_update_location, hss);
    encode(answer, message);
    CHECK(decode_update_location_answer(received(message.serialise()))->kme_access_info->flags == 0x1f);
}

TEST_CASE("RAND and AUTN of a KME-Auth-Failure-Report have 16 octets, and may be missing", "[R8][kme]") {
    const auto cause = field(12, 0x100U);
    const auto three_gpp = [](AvpId id, std::size_t size) {
        return make_avp(id, OctetView(OctetString(size, 7)), avp_flag::vendor);
    };
    const auto bare = decode_notify(nor_with(group(11, {cause})));
    REQUIRE(std::holds_alternative<s6a::NotifyRequest>(bare));
    const auto& report = std::get<s6a::NotifyRequest>(bare).auth_failure_report;
    REQUIRE(report);
    CHECK(report->emm_cause == s6a::kme_emm_cause::res_mismatch);
    CHECK_FALSE(report->rand);
    CHECK_FALSE(report->autn);
    for (const std::size_t size : {0U, 15U, 17U}) {
        CAPTURE(size);
        expect_invalid(decode_notify(nor_with(group(11, {cause, three_gpp(avp_id::rand, size)}))),
                       avp_id::rand.code, vendor_3gpp, "RAND");
        expect_invalid(decode_notify(nor_with(group(11, {cause, three_gpp(avp_id::autn, size)}))),
                       avp_id::autn.code, vendor_3gpp, "AUTN");
    }
}

TEST_CASE("What a rule of the dictionary demands of a KME AVP is demanded before it is read", "[kme]") {
    const auto judged = [](const OctetString& extra) {
        auto message = *Message::parse(
            frame(0xc0, command_notify, application_s6a, concat({request_head(), user(), extra})));
        return message.check(loaded_dictionary());
    };
    CHECK(judged(group(11, {}))->cause == Cause::missing_avp);
    CHECK(judged(group(11, {field(12, OctetString(3, 0))}))->cause == Cause::invalid_avp_length);
    CHECK(judged(concat({group(11, {field(12, 20U)}), group(11, {field(12, 20U)})}))->cause ==
          Cause::avp_occurs_too_many_times);
    CHECK_FALSE(judged(group(11, {field(12, 20U)})));
}

TEST_CASE("An error ULA says what becomes of the key, and an error of another command does not",
          "[R31][kme]") {
    Failure failure{Cause::authorization_rejected, "why"};
    failure.kme_access_info = s6a::KmeAccessInfo{0, s6a::KmeCause::imei_not_authorised};
    auto ula = answer_of(command_update_location, hss);
    encode(failure, ula);
    const auto decoded = decode_update_location_answer(received(ula.serialise()));
    REQUIRE(decoded.has_error());
    CHECK(decoded.error().cause == Cause::authorization_rejected);
    CHECK(decoded.error().kme_access_info == failure.kme_access_info);
    for (const auto command : {command_authentication_information, command_notify, command_purge_ue}) {
        auto other = answer_of(command, hss);
        encode(failure, other);
        CHECK(kme_avps(received(other.serialise())).empty());
    }
}

TEST_CASE("An error ULA with a KME-Access-Info that cannot be read is that error all the same", "[kme]") {
    auto ula = answer_of(command_update_location, hss);
    encode(fail(Cause::unable_to_comply), ula);
    ula.add_group(kme(1), [](Message::Group& info) {
        info.add(kme(2), 0U);
        info.add(kme(3), 99U);
    });
    const auto decoded = decode_update_location_answer(received(ula.serialise()));
    REQUIRE(decoded.has_error());
    CHECK(decoded.error().cause == Cause::unable_to_comply);
    CHECK_FALSE(decoded.error().kme_access_info);
}

TEST_CASE("The list of the KME vendor goes only to a node that announced any of it", "[R42][wire]") {
    const s6a::Features ours{1, 2, 7};
    const auto told = [&ours](const std::optional<s6a::Features>& theirs) {
        s6a::UpdateLocationRequest request{imsi, mme, *Plmn::parse("00101")};
        request.supported_features = theirs;
        auto asked = request_of(command_update_location, mme, hss);
        encode(request, asked);
        auto answer = answer_of(command_update_location, hss);
        encode(fail(Cause::feature_unsupported), answer);
        encode_features(ours, received(asked.serialise()), answer);
        std::vector<std::uint32_t> vendors;
        received(answer.serialise()).each([&vendors](const AvpView& view) {
            if (view.id() != avp_id::supported_features) return;
            vendors.push_back(view.find(avp_id::vendor_id)->u32());
        });
        return vendors;
    };
    CHECK(told(std::nullopt) == std::vector<std::uint32_t>{vendor_3gpp, vendor_3gpp});
    CHECK(told(s6a::Features{1, 1, 0}) == std::vector<std::uint32_t>{vendor_3gpp, vendor_3gpp});
    CHECK(told(s6a::Features{1, 0, 8}) ==
          std::vector<std::uint32_t>{vendor_3gpp, vendor_3gpp, loaded_dictionary().kme_vendor()});
}

TEST_CASE("Of 20,000 wrong messages with KME AVPs each is refused, or what is read of it can be", "[kme]") {
    std::vector<OctetString> seeds;
    for (const auto& sample : golden_samples()) {
        if (sample.name.find("_kme") != std::string::npos) seeds.push_back(sample.octets);
    }
    REQUIRE(seeds.size() == 6);
    Mutator mutator(20'261'121, seeds);
    std::size_t read = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto octets = mutator.next();
        auto message = Message::parse(octets);
        if (!message || message->check(loaded_dictionary())) continue;
        CAPTURE(to_hex(octets));
        const auto request = decode_kme_provisioning_request(*message);
        if (const auto* found = std::get_if<std::optional<s6a::KmeProvisioningRequest>>(&request);
            found != nullptr && *found) {
            ++read;
            REQUIRE_FALSE((*found)->container.empty());
            REQUIRE((*found)->container.size() <= kme_container_octets_max);
            REQUIRE((*found)->nas_container_type.value_or(1) - 1 < 255);
        }
        const auto response = decode_kme_provisioning_response(*message);
        if (const auto* found = std::get_if<std::optional<s6a::KmeProvisioningResponse>>(&response);
            found != nullptr && *found) {
            ++read;
            REQUIRE((*found)->container.size() <= kme_container_octets_max);
            REQUIRE((*found)->result <= s6a::KmeDeliveryResult::mme_error);
        }
        const auto info = decode_kme_access_info(*message);
        if (const auto* found = std::get_if<std::optional<s6a::KmeAccessInfo>>(&info);
            found != nullptr && *found) {
            ++read;
            REQUIRE((*found)->flags <= 0x1f);
            REQUIRE((*found)->cause.value_or(s6a::KmeCause::none) <= s6a::KmeCause::peer_lacks_feature);
        }
        const auto report = decode_kme_auth_failure_report(*message);
        read += std::holds_alternative<Rejection>(report) ? 0 : 1;
        (void)decode_update_location_answer(*message).has_value();
        (void)decode_insert_subscriber_data_answer(*message).has_value();
        (void)decode_authentication_information_answer(*message).has_value();
    }
    CHECK(read > 2'000);
}
