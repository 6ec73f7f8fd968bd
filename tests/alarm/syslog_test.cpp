// SPDX-License-Identifier: Apache-2.0
#include "alarm_outlets/syslog.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>

#include "alarm/outlet_world.h"

using namespace bindhss;
using namespace bindhss::test;
namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;

namespace {

const alarm::SyslogSender sender{alarm::Facility::local0, "hss.example", "42"};

std::shared_ptr<alarm::Syslog> syslog_to(OutletWorld& world, const std::string& address) {
    alarm::SyslogSettings settings{alarm::SyslogAddress::parse(address), sender};
    return std::make_shared<alarm::Syslog>(world.io.get_executor(), OutletWorld::courier("syslog"),
                                           std::move(settings), world.log());
}

template <class Socket>
std::string datagram(Socket& socket) {
    std::string text(10'000, '\0');
    text.resize(socket.receive(asio::buffer(text)));
    return text;
}

/// RFC 6587 3.4.1: MSG-LEN SP SYSLOG-MSG.
std::string frame(tcp::socket& socket, std::string& read) {
    const auto digits = asio::read_until(socket, asio::dynamic_buffer(read), ' ');
    const auto length = std::stoul(read.substr(0, digits - 1));
    read.erase(0, digits);
    if (read.size() < length)
        asio::read(socket, asio::dynamic_buffer(read), asio::transfer_exactly(length - read.size()));
    const auto message = read.substr(0, length);
    read.erase(0, length);
    return message;
}

}  // namespace

TEST_CASE("a message of syslog has its header, structured data and a sentence (RFC 5424 6)") {
    CHECK(alarm::syslog_message(notice_of("It was not in the list."), sender) ==
          "<130>1 2023-11-14T22:13:20.123Z hss.example bindhssd 42 pair_unauthorised [bindhss@32473 "
          "change=\"raised\" severity=\"major\" count=\"1\" imsi=\"001010000000001\" imei=\"35824005000001\" "
          "peer=\"mme1.example\"] pair_unauthorised raised: A text. It was not in the list.");
    auto notice = notice_of("");
    notice.alarm.imsi.reset();
    notice.alarm.imei.reset();
    notice.alarm.peer = "";
    notice.change = alarm::Change::repeated;
    notice.count = 7;
    notice.severity = alarm::Severity::info;
    CHECK(alarm::syslog_message(notice, {alarm::Facility::daemon, "", ""}) ==
          "<30>1 2023-11-14T22:13:20.123Z - bindhssd - pair_unauthorised [bindhss@32473 change=\"repeated\" "
          "severity=\"info\" count=\"7\"] pair_unauthorised repeated (7 times): A text.");
}

TEST_CASE("severities of alarms are those of RFC 5674 2") {
    auto notice = notice_of("");
    const auto priority = [&notice] {
        const auto message = alarm::syslog_message(notice, sender);
        return std::stoi(message.substr(1)) - 16 * 8;
    };
    for (const auto& [severity, expected] :
         std::vector<std::pair<alarm::Severity, int>>{{alarm::Severity::critical, 1},
                                                      {alarm::Severity::major, 2},
                                                      {alarm::Severity::minor, 3},
                                                      {alarm::Severity::warning, 4},
                                                      {alarm::Severity::info, 6}}) {
        notice.severity = severity;
        CHECK(priority() == expected);
    }
    notice.change = alarm::Change::cleared;
    notice.severity = alarm::Severity::critical;
    CHECK(priority() == 5);
}

TEST_CASE("syslog tells who acknowledged an alarm, as a notice") {
    auto notice = notice_of("");
    notice.change = alarm::Change::acknowledged;
    notice.count = 0;
    notice.by = "car\"ol\n";
    notice.alarm.session = "mme1;1;\"2";
    const auto message = alarm::syslog_message(notice, sender);
    CHECK_THAT(message, Catch::StartsWith("<133>1"));
    CHECK_THAT(message,
               Catch::Contains(
                   "peer=\"mme1.example\" session=\"mme1;1;\\\"2\" by=\"car\\\"ol \"] pair_unauthorised"));
    CHECK_THAT(message, Catch::Contains("pair_unauthorised acknowledged by car\"ol : A text."));
}

TEST_CASE("no peer can forge a message, or its structured data") {
    auto notice = notice_of("a\nb\x01 <13>1 - - - - - forged");
    notice.alarm.peer = "x\"] [y z=\"\\\xff\n";
    const auto message = alarm::syslog_message(notice, sender);
    CHECK_THAT(message, Catch::Contains("peer=\"x\\\"\\] [y z=\\\"\\\\\xef\xbf\xbd \"] pair_unauthorised"));
    CHECK(message.find('\n') == std::string::npos);
    CHECK(message.find('\x01') == std::string::npos);
}

TEST_CASE("text beyond ASCII is marked as UTF-8, and a long one is cut between characters (RFC 5424 6.4)") {
    CHECK(alarm::syslog_message(notice_of("plain"), sender).find("\xef\xbb\xbf") == std::string::npos);
    const auto marked = alarm::syslog_message(notice_of("Ger\xc3\xa4t"), sender);
    CHECK_THAT(marked, Catch::Contains("] \xef\xbb\xbfpair_unauthorised raised: A text. Ger\xc3\xa4t"));
    std::string umlauts;
    for (int i = 0; i < 2'000; ++i) umlauts += "\xc3\xa4";
    for (const auto* lead : {"", "x"}) {
        const auto cut = alarm::syslog_message(notice_of(lead + umlauts), sender);
        CHECK(cut.size() <= limits::syslog_octets_max);
        CHECK(cut.size() >= limits::syslog_octets_max - 1);
        CHECK(cut.substr(cut.size() - 2) == "\xc3\xa4");
    }
}

TEST_CASE("alarms reach a receiver over UDP") {
    OutletWorld world;
    asio::io_context receiving;
    udp::socket receiver(receiving, udp::endpoint(asio::ip::address_v4::loopback(), 0));
    const auto outlet =
        syslog_to(world, "udp://127.0.0.1:" + std::to_string(receiver.local_endpoint().port()));
    for (int i = 0; i < 20; ++i) {
        outlet->tell(notice_of(std::to_string(i)));
        CHECK(datagram(receiver) == alarm::syslog_message(notice_of(std::to_string(i)), sender));
    }
    wait_until([&] { return outlet->delivered() == 20; });
}

TEST_CASE("a name that leads nowhere is told of once") {
    OutletWorld world;
    const auto outlet = syslog_to(world, "udp://nowhere.invalid:514");
    outlet->tell(notice_of(""));
    wait_until([&] { return world.times_logged("alarm_outlet_failed") == 1; });
    CHECK_THAT(world.logged(), Catch::Contains("the name nowhere.invalid leads nowhere"));
    CHECK(outlet->waiting() == 1);
}

TEST_CASE(
    "alarms reach a receiver over TCP with counted octets, also after it was restarted (RFC 6587 3.4.1)") {
    OutletWorld world;
    asio::io_context receiving;
    std::optional<tcp::acceptor> acceptor(std::in_place, receiving,
                                          tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const auto endpoint = acceptor->local_endpoint();
    const auto outlet = syslog_to(world, "tcp://127.0.0.1:" + std::to_string(endpoint.port()));
    for (int i = 0; i < 50; ++i) outlet->tell(notice_of(std::to_string(i)));
    std::optional<tcp::socket> socket(acceptor->accept());
    std::string read;
    for (int i = 0; i < 50; ++i)
        CHECK(frame(*socket, read) == alarm::syslog_message(notice_of(std::to_string(i)), sender));
    wait_until([&] { return outlet->waiting() == 0; });

    socket.reset();
    acceptor.reset();
    outlet->tell(notice_of("while it is away"));
    wait_until([&] { return world.times_logged("alarm_outlet_failed") == 1; });
    acceptor.emplace(receiving, endpoint);
    socket.emplace(acceptor->accept());
    read.clear();
    CHECK(frame(*socket, read) == alarm::syslog_message(notice_of("while it is away"), sender));
    wait_until([&] { return world.times_logged("alarm_outlet_works") == 1; });
}

TEST_CASE("alarms reach a socket of this machine, also one that comes later or is made anew") {
    using local = asio::local::datagram_protocol;
    OutletWorld world;
    asio::io_context receiving;
    const auto path = world.folder.path("log.sock");
    const auto outlet = syslog_to(world, "unix:" + path);
    outlet->tell(notice_of("1"));
    wait_until([&] { return world.times_logged("alarm_outlet_failed") == 1; });
    for (const auto* detail : {"1", "2", "3"}) {
        std::filesystem::remove(path);
        local::socket receiver(receiving, local::endpoint(path));
        if (*detail != '1') outlet->tell(notice_of(detail));
        CHECK(datagram(receiver) == alarm::syslog_message(notice_of(detail), sender));
        wait_until([&] { return outlet->waiting() == 0; });
    }
}

TEST_CASE("a receiver on this machine that does not read loses nothing, and stops nobody") {
    using local = asio::local::datagram_protocol;
    OutletWorld world;
    asio::io_context receiving;
    const auto path = world.folder.path("log.sock");
    local::socket receiver(receiving, local::endpoint(path));
    const auto outlet = syslog_to(world, "unix:" + path);
    constexpr int many = 600;  // more than the kernel keeps for a socket
    for (int i = 0; i < many; ++i) outlet->tell(notice_of(std::to_string(i)));
    wait_until([&] { return world.times_logged("alarm_outlet_failed") > 0 || outlet->waiting() == 0; });
    for (int i = 0; i < many; ++i)
        CHECK(datagram(receiver) == alarm::syslog_message(notice_of(std::to_string(i)), sender));
}
