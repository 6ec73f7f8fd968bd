// SPDX-License-Identifier: Apache-2.0
// Octets on the wire against the running daemon: what bad input is answered, and what goes on when the
// database hangs or the daemon is told to stop.
#include "daemon_process.h"
#include "s6a/node_world.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

constexpr std::uint8_t vm = avp_flag::vendor | avp_flag::mandatory;
constexpr std::string_view regular = "001010000000001";
constexpr std::string_view enforced = "001010000000004";

DaemonProcess& daemon_process() {
    static DaemonProcess process;
    return process;
}

/// A connection that is open.
struct OpenPeer : RawPeer {
    explicit OpenPeer(const CerAvps& avps = {}) : RawPeer(daemon_process().port()) {
        REQUIRE(result_of(open(avps)) == diameter_success);
    }
};

OctetString imsi(std::string_view digits) {
    return make_avp(avp_id::user_name, digits);
}
OctetString plmn(const OctetString& octets = {0x00, 0xf1, 0x10}) {
    return make_avp(avp_id::visited_plmn_id, OctetView(octets), vm);
}
OctetString resync(std::size_t octets) {
    return make_avp(avp_id::re_synchronization_info, OctetView(OctetString(octets, 0x11)), vm);
}
OctetString requested(const OctetString& more = {}) {
    const auto number = make_avp(avp_id::number_of_requested_vectors, OctetView(number_octets(1)), vm);
    return make_avp(avp_id::requested_eutran_authentication_info, OctetView(concat({number, more})), vm);
}
OctetString air_of(std::initializer_list<OctetString> avps) {
    return air_frame(concat({request_head(), concat(avps)}));
}
OctetString ulr_flags() {
    return make_avp(avp_id::ulr_flags, OctetView(number_octets(0x22)), vm);
}
OctetString rat_type() {
    return make_avp(avp_id::rat_type, OctetView(number_octets(1004)), vm);
}
OctetString terminal(std::string_view imei) {
    const auto content = make_avp(avp_id::imei, OctetView(as_octets(imei)), vm);
    return make_avp(avp_id::terminal_information, OctetView(content), vm);
}
OctetString ulr_of(std::string_view digits, const OctetString& more = {}) {
    return ulr_frame(concat({request_head(), imsi(digits), rat_type(), ulr_flags(), plmn(), more}));
}

struct Answer {
    std::uint32_t result = 0;        ///< 0: none
    std::uint32_t experimental = 0;  ///< 0: none
    bool error_bit = false;
    std::string octets;  ///< hexadecimal
};

Answer answer_of(const std::optional<OctetString>& octets) {
    REQUIRE(octets.has_value());
    auto message = Message::parse(*octets);
    REQUIRE(message.has_value());
    REQUIRE_FALSE(message->check(loaded_dictionary()).has_value());
    Answer answer{0, 0, message->header().is_error(), to_hex(*octets)};
    if (const auto code = message->find(avp_id::result_code)) answer.result = code->u32();
    if (const auto group = message->find(avp_id::experimental_result)) {
        REQUIRE(group->find(avp_id::vendor_id)->u32() == vendor_3gpp);
        answer.experimental = group->find(avp_id::experimental_result_code)->u32();
    }
    CHECK(message->find(avp_id::session_id)->text() == "mme.example;1;2");
    CHECK(message->find(avp_id::origin_host)->text() == "hss.example");
    CHECK((answer.result == 0) != (answer.experimental == 0));
    return answer;
}

Answer ask(RawPeer& peer, const OctetString& request) {
    REQUIRE(peer.send(request));
    return answer_of(peer.read_octets(20s));
}

/// Refused by that Result-Code with exactly that AVP in Failed-AVP.
void check_refused(RawPeer& peer, const OctetString& request, std::uint32_t result,
                   const OctetString& failed) {
    const auto answer = ask(peer, request);
    CHECK(answer.result == result);
    CHECK_FALSE(answer.error_bit);
    const auto wanted = make_avp(avp_id::failed_avp, OctetView(failed));
    CHECK_THAT(answer.octets, Catch::Contains(to_hex(wanted)));
}

OctetString disconnect_answer(const OctetString& request) {
    auto answer =
        frame(0, command_disconnect_peer, 0,
              concat({make_avp(avp_id::result_code, 2001U), make_avp(avp_id::origin_host, "mme.example"),
                      make_avp(avp_id::origin_realm, "example")}));
    std::copy_n(request.begin() + 12, 8, answer.begin() + 12);
    return answer;
}

std::uint32_t watchdog(RawPeer& peer) {
    peer.send(base_request(command_device_watchdog));
    return result_of(peer.read(5s));
}

}  // namespace

TEST_CASE("a good AIR and a good ULR are answered with success") {
    OpenPeer peer;
    const auto aia = ask(peer, air_of({imsi(regular), requested(), plmn()}));
    CHECK(aia.result == diameter_success);
    CHECK(ask(peer, ulr_of(regular, terminal("35824005000001"))).result == diameter_success);
}

TEST_CASE("an unknown IMSI is Experimental-Result 5001, for AIR and ULR") {
    OpenPeer peer;
    CHECK(ask(peer, air_of({imsi("001019999999999"), requested(), plmn()})).experimental == 5001);
    CHECK(ask(peer, ulr_of("001019999999999")).experimental == 5001);
}

TEST_CASE("a value that cannot be is 5004, with the very AVP in Failed-AVP") {
    OpenPeer peer;
    for (const auto* wrong : {"00101000000000a", "0010100000000001", "00101", "", "+01010000000001"}) {
        INFO("IMSI '" << wrong << "'");
        check_refused(peer, air_of({imsi(wrong), requested(), plmn()}), 5004, imsi(wrong));
        check_refused(peer, ulr_of(wrong), 5004, imsi(wrong));
    }
    for (const auto& wrong :
         {OctetString{0x00, 0xf1}, OctetString{0x00, 0xf1, 0x10, 0x00}, OctetString{0xaa, 0xaa, 0xaa}}) {
        INFO("PLMN " << to_hex(wrong));
        check_refused(peer, air_of({imsi(regular), requested(), plmn(wrong)}), 5004, plmn(wrong));
    }
    for (const std::size_t wrong : {0U, 1U, 29U, 31U, 64U}) {
        INFO("Re-Synchronization-Info of " << wrong);
        const auto answer = ask(peer, air_of({imsi(regular), requested(resync(wrong)), plmn()}));
        CHECK(answer.result == 5004);
        CHECK_THAT(answer.octets, Catch::Contains(to_hex(resync(wrong))));
    }
}

TEST_CASE("a missing AVP is 5005, with an example of it in Failed-AVP") {
    OpenPeer peer;
    const auto missing = [&peer](const OctetString& request, AvpId id) {
        const auto answer = ask(peer, request);
        CHECK(answer.result == 5005);
        const auto header = to_hex(make_avp(id, OctetView(), id.vendor != 0 ? vm : avp_flag::mandatory));
        const auto at = answer.octets.find("00000117");  // Failed-AVP, 279
        REQUIRE(at != std::string::npos);
        CHECK_THAT(answer.octets.substr(at), Catch::Contains(header.substr(0, 8)));  // its code
    };
    missing(air_of({requested(), plmn()}), avp_id::user_name);
    missing(air_of({imsi(regular), requested()}), avp_id::visited_plmn_id);
    missing(ulr_frame(concat({request_head(), imsi(regular), ulr_flags(), plmn()})), avp_id::rat_type);
    missing(ulr_frame(concat({request_head(), imsi(regular), rat_type(), plmn()})), avp_id::ulr_flags);
}

TEST_CASE(
    "AVPs that are unknown, twice or broken are answered as RFC 6733 7.1 says, and the peer is served on") {
    OpenPeer peer;
    const auto unknown = make_avp({99'999}, "????");
    check_refused(peer, air_of({imsi(regular), requested(), plmn(), unknown}), 5001, unknown);
    CHECK(ask(peer, air_of({imsi(regular), requested(), plmn(),
                            make_avp({99'999}, OctetView(as_octets("????")), 0)}))
              .result == diameter_success);
    CHECK(ask(peer, air_of({imsi(regular), imsi(regular), requested(), plmn()})).result == 5009);
    auto too_long = make_avp({99'998}, OctetView(as_octets("abcd")), 0);
    too_long[7] = 0x7f;
    CHECK(ask(peer, air_of({imsi(regular), requested(), plmn(), too_long})).result == 5014);
    CHECK(ask(peer, air_of({imsi(regular), requested(), plmn()})).result == diameter_success);
}

TEST_CASE(
    "both kinds of vectors with Re-Synchronization-Info are 5012, and an AUTS with a wrong MAC is 4181") {
    OpenPeer peer;
    const auto utran = make_avp(avp_id::requested_utran_geran_authentication_info, OctetView(resync(30)), vm);
    CHECK(ask(peer, air_of({imsi(regular), requested(resync(30)), utran, plmn()})).result == 5012);
    CHECK(ask(peer, air_of({imsi(regular), requested(resync(30)), plmn()})).experimental == 4181);
    CHECK_THAT(daemon_process().log(), Catch::Contains("resync_mac_failure"));
}

TEST_CASE(
    "without the key of its device a bound subscription gets no vector at all, rather than a regular one") {
    OpenPeer peer;
    constexpr std::string_view keyless = "001010000000077";
    const auto digits = std::string(keyless);
    (void)daemon_process().ctl("subscriber add " + digits +
                               " --k 465b5ce8b199b49faa5f0a2ee238a6bc --op cdc202d5123e20f62b6d676ac72cb318");
    CHECK(ask(peer, air_of({imsi(keyless), requested(), plmn()})).result == diameter_success);
    (void)daemon_process().ctl("device add 35824005777777");
    (void)daemon_process().ctl("binding set " + digits + " --policy kme --device 35824005777777");
    const auto answer = ask(peer, air_of({imsi(keyless), requested(), plmn()}));
    CHECK(answer.experimental == 4181);
    CHECK_THAT(answer.octets, !Catch::Contains(to_hex(number_octets(avp_id::eutran_vector.code))));
    CHECK_THAT(daemon_process().log(), Catch::Contains("kme_missing"));
}

TEST_CASE("a rejected device changes nothing: the registration stays as it was") {
    OpenPeer peer;
    REQUIRE(ask(peer, air_of({imsi(enforced), requested(), plmn()})).result == diameter_success);
    REQUIRE(ask(peer, ulr_of(enforced, terminal("35824005222222"))).result == diameter_success);
    const auto before = daemon_process().ctl("registration list --json");
    CHECK_THAT(before, Catch::Contains(std::string(enforced)));
    for (const auto* imei : {"35824005000001", "3582400500000", "", "abc"}) {
        INFO("IMEI '" << imei << "'");
        CHECK(ask(peer, ulr_of(enforced, terminal(imei))).result == 5003);
    }
    CHECK(ask(peer, ulr_of(enforced)).result == 5003);
    CHECK(daemon_process().ctl("registration list --json") == before);
    CHECK_THAT(daemon_process().ctl("alarm list"), Catch::Contains("pair_unauthorised"));
}

TEST_CASE(
    "a database that hangs holds up neither the watchdog nor other peers, and is served on when it goes on") {
    OpenPeer peer;
    OpenPeer other({.host = "mme2.example"});
    // The server's processes: each backend stands still in the middle of whatever it does.
    const auto tell = [postmaster = daemon_process().postmaster()](const std::string& signal) {
        return std::system(("kill -" + signal + " " + std::to_string(postmaster) + " $(pgrep -P " +
                            std::to_string(postmaster) + ")")
                               .c_str()) == 0;
    };
    REQUIRE(tell("STOP"));
    CHECK(peer.send(air_of({imsi(regular), requested(), plmn()})));
    CHECK(watchdog(other) == diameter_success);
    CHECK(watchdog(peer) == diameter_success);
    CHECK(ask(peer, air_of({imsi("12"), requested(), plmn()})).result == 5004);
    REQUIRE(tell("CONT"));
    CHECK(answer_of(peer.read_octets(20s)).result == diameter_success);
}

TEST_CASE("on SIGTERM every request in flight is answered, then DPR comes, and the exit code is 0") {
    auto& process = daemon_process();
    OpenPeer peer;
    constexpr int requests = 200;
    OctetString burst;
    for (int i = 0; i < requests; ++i) burst = concat({burst, air_of({imsi(regular), requested(), plmn()})});
    REQUIRE(peer.send(burst));
    // Once this is answered, all that was sent before has been read.
    REQUIRE(peer.send(base_request(command_device_watchdog)));
    int answers = 0;
    bool told = false;
    bool disconnect = false;
    while (const auto octets = peer.read_octets(10s)) {
        const auto header = *Header::read(*octets);
        if (header.command_code == command_authentication_information) ++answers;
        if (header.command_code == command_device_watchdog && !std::exchange(told, true))
            process.signal(SIGTERM);
        if (header.command_code == command_disconnect_peer) {
            disconnect = true;
            peer.send(disconnect_answer(*octets));
        }
    }
    CHECK(answers == requests);
    CHECK(disconnect);
    CHECK(process.wait() == 0);
    process.start();
    OpenPeer again;
    CHECK(ask(again, air_of({imsi(regular), requested(), plmn()})).result == diameter_success);
}
