// SPDX-License-Identifier: Apache-2.0
// Writes every kind of message into a capture file, as it would go over a TCP connection to port 3868; and,
// with a folder as second argument, each as a file of its own.
#include <fstream>
#include <iostream>

#include "diameter/capabilities.h"
#include "s6a/samples.h"

namespace {

using bindhss::OctetString;
using bindhss::OctetView;

void append(OctetString& to, std::uint64_t number, int octets) {
    for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
        to.push_back(static_cast<std::uint8_t>(number >> shift));
    }
}

/// One end of the connection: what it has sent so far gives the next sequence number.
struct End {
    std::uint32_t address;
    std::uint16_t port;
    std::uint32_t sent = 1;
};

/// IPv4 and TCP around the message; nobody looks at their checksums.
OctetString packet(End& from, const End& to, OctetView message) {
    static constexpr std::size_t headers = 40;
    OctetString octets;
    append(octets, 0x4500, 2);
    append(octets, headers + message.size(), 2);
    append(octets, 0x00004000'4006'0000, 8);
    append(octets, from.address, 4);
    append(octets, to.address, 4);
    append(octets, from.port, 2);
    append(octets, to.port, 2);
    append(octets, from.sent, 4);
    append(octets, to.sent, 4);
    append(octets, 0x5018'ffff'0000'0000, 8);  // header of five words, PSH and ACK, window
    octets.insert(octets.end(), message.begin(), message.end());
    from.sent += static_cast<std::uint32_t>(message.size());
    return octets;
}

void write(std::ostream& out, const OctetString& octets) {
    out.write(reinterpret_cast<const char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
}

OctetString file_header() {
    OctetString octets;
    append(octets, 0xa1b2c3d4'0002'0004, 8);
    append(octets, 0, 8);
    append(octets, 0x10000, 4);
    append(octets, 101, 4);  // packets begin with their IP header
    return octets;
}

/// What opens, watches and closes a connection (RFC 6733 5.3 to 5.5).
std::vector<bindhss::test::Sample> base_samples() {
    using namespace bindhss::diameter;
    const auto& dictionary = bindhss::test::loaded_dictionary();
    const auto address = boost::asio::ip::make_address("192.0.2.1");
    NodeSettings settings;
    settings.identity = "mme.example";
    settings.realm = "example";
    settings.origin_state_id = 1'700'000'000;
    const auto cer = make_cer(settings, dictionary, address);
    settings.identity = "hss.example";
    auto cea = make_cea(settings, dictionary, boost::asio::ip::make_address("2001:db8::1"), cer.header());
    encode_result(nullptr, cea);
    auto refused = make_cea(settings, dictionary, address, cer.header());
    const Refusal refusal{bindhss::diameter_unknown_peer, "unknown"};
    encode_result(&refusal, refused);
    std::vector<bindhss::test::Sample> all{
        {"cer", cer.serialise()}, {"cea", cea.serialise()}, {"cea_refused", refused.serialise()}};
    for (const auto code : {command_device_watchdog, command_disconnect_peer}) {
        auto request = Message::request(dictionary, code, 0);
        request.add(avp_id::origin_host, std::string_view("mme.example"));
        request.add(avp_id::origin_realm, std::string_view("example"));
        if (code == command_disconnect_peer) request.add(avp_id::disconnect_cause, 0U);
        auto answer = Message::answer(dictionary, request.header());
        answer.add(avp_id::origin_host, std::string_view("hss.example"));
        answer.add(avp_id::origin_realm, std::string_view("example"));
        encode_success(answer);
        all.push_back({"base_request_" + std::to_string(code), request.serialise()});
        all.push_back({"base_answer_" + std::to_string(code), answer.serialise()});
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "sample_pcap FILE [FOLDER]\n";
        return 2;
    }
    std::ofstream out(argv[1], std::ios::binary);
    write(out, file_header());
    End node{0xc0000201, 40'000};
    End hss{0xc0000202, 3'868};
    std::uint32_t microseconds = 0;
    auto samples = base_samples();
    for (auto& sample : bindhss::test::samples()) samples.push_back(std::move(sample));
    for (const auto& sample : samples) {
        if (argc > 2) {
            std::ofstream file(std::string(argv[2]) + "/" + sample.name, std::ios::binary);
            write(file, sample.octets);
        }
        const auto header = *bindhss::diameter::Header::read(sample.octets);
        const auto code = header.command_code;
        const bool hss_asks = code == 317 || code == 319 || code == 320 || code == 322;
        const bool from_node = header.is_request() != hss_asks;
        const auto octets = packet(from_node ? node : hss, from_node ? hss : node, sample.octets);
        OctetString record;
        append(record, 1'700'000'000, 4);
        append(record, microseconds++, 4);
        append(record, octets.size(), 4);
        append(record, octets.size(), 4);
        write(out, record);
        write(out, octets);
    }
    out.close();
    return out ? 0 : 1;
}
