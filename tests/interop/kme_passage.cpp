// SPDX-License-Identifier: Apache-2.0
// An HSS and an MME that know what to expect of each other, with relays between: the KME AVPs have to arrive
// octet for octet, in all messages that have them. In the place of a daemon; begins on SIGUSR1, when the
// relays know each other, and ends on SIGTERM.
//
//   kme_passage REALM HSS_PORT LAST_RELAY FIRST_RELAY FIRST_RELAY_PORT LOG
#include <boost/asio/signal_set.hpp>
#include <iostream>
#include <map>

#include "diameter/s6a_request.h"
#include "s6a/node_world.h"
#include "s6a/samples.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

/// What each command has to be, in turn, and what it is answered with: names of samples.
using Script = std::map<std::uint32_t, std::vector<std::pair<std::string, std::string>>>;

constexpr auto connects_within = 90s;

Message golden(const std::string& name) {
    for (const auto& sample : golden_samples()) {
        if (sample.name != "golden_" + name) continue;
        auto message = *Message::parse(sample.octets);
        if (const auto rejection = message.check(loaded_dictionary()))
            throw std::runtime_error(name + ": " + rejection->detail);
        return message;
    }
    throw std::runtime_error("no sample " + name);
}

/// What relays may change, and what every message of a node begins with.
bool is_of_the_way(AvpId id) {
    for (const auto common :
         {avp_id::session_id, avp_id::vendor_specific_application_id, avp_id::auth_session_state,
          avp_id::origin_host, avp_id::origin_realm, avp_id::destination_host, avp_id::destination_realm}) {
        if (id == common) return true;
    }
    return false;
}

/// The AVPs of a sample that are neither of the way nor repeated, as octets.
std::vector<std::pair<AvpId, std::vector<OctetString>>> body(const Message& message) {
    std::vector<std::pair<AvpId, std::vector<OctetString>>> all;
    message.each([&](const AvpView& avp) {
        const auto id = avp.id();
        const bool seen = std::ranges::any_of(all, [id](const auto& entry) { return entry.first == id; });
        if (is_of_the_way(id) || seen) return;
        auto& entry = all.emplace_back(id, std::vector<OctetString>());
        for (const auto octets : message.encoded(id)) entry.second.emplace_back(octets.begin(), octets.end());
    });
    return all;
}

void put_body(const Message& sample, Message& into) {
    for (const auto& [id, all] : body(sample)) {
        for (const auto& octets : all) into.add_raw(octets);
    }
}

/// What did not arrive as it was sent; empty: all did.
std::string difference(const std::string& name, const Message& received) {
    const auto sample = golden(name);
    for (const auto& [id, expected] : body(sample)) {
        std::vector<OctetString> came;
        for (const auto octets : received.encoded(id)) came.emplace_back(octets.begin(), octets.end());
        if (came != expected) return name + ": AVP " + std::to_string(id.code) + " is not as it was sent";
    }
    return {};
}

/// One end: what it receives is compared, and answered with a sample.
class End {
  public:
    explicit End(Script script) : script_(std::move(script)) {}

    RequestHandler handler() {
        return [this](std::unique_ptr<IncomingRequest> request) {
            const std::lock_guard lock(mutex_);
            auto& left = script_[request->message().header().command_code];
            if (left.empty()) {
                differences_.push_back("a request that was not expected");
                return request->reject({Cause::unable_to_comply, "not expected", {}});
            }
            const auto [expected, answer] = left.front();
            left.erase(left.begin());
            differences_.push_back(difference(expected, request->message()));
            auto message = request->make_answer();
            put_body(golden(answer), message);
            request->answer(message);
        };
    }
    std::vector<std::string> differences() {
        const std::lock_guard lock(mutex_);
        return differences_;
    }

  private:
    std::mutex mutex_;
    Script script_;
    std::vector<std::string> differences_;
};

NodeSettings settings_of(std::string identity, const std::string& realm, const std::string& relay) {
    NodeSettings settings;
    settings.identity = std::move(identity);
    settings.realm = realm;
    settings.peers.push_back(peer(relay, realm));
    settings.peers.back().relay = true;
    return settings;
}

/// Sends a sample from one end; what comes back has to be the other one.
std::string exchange(Threads& threads, Node& from, const ServingNode& to, std::uint32_t command,
                     const std::string& request, const std::string& answer) {
    auto message = make_s6a_request(from, command, to);
    put_body(golden(request), message);
    const auto came = threads.run(from.send(std::move(message)));
    if (!came) return request + ": " + came.error().detail;
    return difference(answer, *came);
}

struct Arguments {
    std::string realm;
    std::uint16_t hss_port;
    std::string last_relay;
    std::string first_relay;
    std::uint16_t first_relay_port;
    std::string log;
};

std::vector<std::string> pass_all(Threads& threads, Node& hss, Node& mme, const std::string& realm) {
    const ServingNode home{"", realm};
    const ServingNode visited{"mme1." + realm, realm};
    return {exchange(threads, mme, home, command_authentication_information, "air", "aia_kme"),
            exchange(threads, mme, home, command_update_location, "ulr", "ula_kme"),
            exchange(threads, mme, home, command_update_location, "ulr", "ula_kme_refused"),
            exchange(threads, mme, home, command_notify, "nor_kme", "noa"),
            exchange(threads, hss, visited, command_insert_subscriber_data, "idr_kme", "ida_kme")};
}

int run(const Arguments& arguments) {
    log::Logger log({log::Level::info, log::Format::text, arguments.log});
    Threads threads;
    std::promise<void> told_to_begin;
    std::promise<void> told_to_end;
    asio::signal_set begin(threads.io, SIGUSR1);
    asio::signal_set end(threads.io, SIGTERM, SIGINT);
    begin.async_wait([&](const boost::system::error_code&, int) { told_to_begin.set_value(); });
    end.async_wait([&](const boost::system::error_code&, int) { told_to_end.set_value(); });

    End home({{command_authentication_information, {{"air", "aia_kme"}}},
              {command_update_location, {{"ulr", "ula_kme"}, {"ulr", "ula_kme_refused"}}},
              {command_notify, {{"nor_kme", "noa"}}}});
    End visited({{command_insert_subscriber_data, {{"idr_kme", "ida_kme"}}}});
    auto hss_settings = settings_of("hss." + arguments.realm, arguments.realm, arguments.last_relay);
    hss_settings.listen.push_back({"127.0.0.1", arguments.hss_port});
    auto mme_settings = settings_of("mme1." + arguments.realm, arguments.realm, arguments.first_relay);
    mme_settings.reconnect_interval = 500ms;
    mme_settings.peers.back().connect = Endpoint{"127.0.0.1", arguments.first_relay_port};
    Node hss(threads.io, loaded_dictionary(), std::move(hss_settings), home.handler(), log);
    Node mme(threads.io, loaded_dictionary(), std::move(mme_settings), visited.handler(), quiet_log());
    hss.start();
    log.info("ready");
    log.flush();
    mme.start();
    told_to_begin.get_future().wait();
    std::vector<std::string> found{"the MME is not connected"};
    if (eventually([&] { return is_open(mme, arguments.first_relay); }, connects_within)) {
        found = pass_all(threads, hss, mme, arguments.realm);
        for (auto* each : {&home, &visited})
            std::ranges::move(each->differences(), std::back_inserter(found));
    }
    std::erase(found, "");
    for (const auto& difference : found) log.error("kme_differs", {{"detail", difference}});
    log.info("kme_passed", {{"wrong", found.size()}});
    log.flush();
    told_to_end.get_future().wait();
    threads.run(mme.stop(DisconnectCause::rebooting, 1s));
    threads.run(hss.stop(DisconnectCause::rebooting, 1s));
    return found.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 7) {
        std::cerr << "kme_passage REALM HSS_PORT LAST_RELAY FIRST_RELAY FIRST_RELAY_PORT LOG\n";
        return 2;
    }
    const auto port = [](const char* text) { return static_cast<std::uint16_t>(std::stoi(text)); };
    return run({argv[1], port(argv[2]), argv[3], argv[4], port(argv[5]), argv[6]});
}
