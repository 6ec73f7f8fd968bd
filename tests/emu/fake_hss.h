// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <map>
#include <optional>

#include "aka/gsm.h"
#include "aka/milenage.h"
#include "aka/resync.h"
#include "aka/vectors.h"
#include "emu/hss_port.h"
#include "emu/trace.h"

namespace bindhss::emu::test {

/// An HSS in memory, small enough to be seen through: one counter a subscriber, one KME, one authorised
/// device.
class FakeHss final : public HssPort {
  public:
    struct Subscriber {
        SubscriberKey k;
        Opc opc;
        std::uint64_t seq = 0;
        SecretString kme;  ///< empty: regular vectors
        std::uint32_t generation = 0;
        std::optional<Imei> only_imei;
        bool repeat_sqn = false;
        bool wrong_kasme = false;
        bool unreachable = false;
    };

    boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
        s6a::AuthenticationInformationRequest request) override {
        ++air_count;
        const auto found = subscribers.find(request.imsi.str());
        if (found == subscribers.end()) co_return fail(Cause::user_unknown);
        auto& subscriber = found->second;
        if (subscriber.unreachable) co_return fail(Cause::unable_to_deliver);
        aka::Milenage milenage(subscriber.k, subscriber.opc);
        last_air = request;
        const auto& requested = request.eutran ? *request.eutran : *request.utran_geran;
        if (requested.re_synchronization_info) {
            std::vector<OctetView> candidates;
            if (!subscriber.kme.empty()) candidates.push_back(subscriber.kme.view());
            const auto opened = aka::open_auts(milenage, *requested.re_synchronization_info, candidates);
            if (!opened) co_return fail(Cause::authentication_data_unavailable);
            subscriber.seq = std::max(subscriber.seq, opened->sqn_ms.seq());
        }
        s6a::AuthenticationInformationAnswer answer;
        for (std::uint32_t item = 1; item <= requested.number_of_requested_vectors; ++item) {
            if (!subscriber.repeat_sqn) ++subscriber.seq;
            if (request.eutran) {
                answer.eutran_vectors.push_back(vector(subscriber, milenage, request.visited_plmn));
                answer.eutran_vectors.back().item_number = item;
            } else if (triplets) {
                answer.geran_vectors.push_back(triplet(milenage));
            } else {
                answer.utran_vectors.push_back(quintuplet(subscriber, milenage));
            }
        }
        co_return answer;
    }

    boost::asio::awaitable<Result<s6a::UpdateLocationAnswer>> update_location(
        s6a::UpdateLocationRequest request, std::optional<TerminalReport> terminal_report) override {
        last_ulr = request;
        last_report = terminal_report;
        const auto found = subscribers.find(request.imsi.str());
        if (found == subscribers.end()) co_return fail(Cause::user_unknown);
        const auto& subscriber = found->second;
        const auto imei = terminal_report ? Imei::parse(terminal_report->imei) : std::nullopt;
        if (subscriber.only_imei && imei != subscriber.only_imei) {
            co_return fail(Cause::authorization_rejected);
        }
        s6a::UpdateLocationAnswer answer;
        if (!request.flags.skip_subscriber_data) answer.subscription_data = data;
        if (request.supported_features) answer.supported_features = s6a::Features{0x1ff, 0, 0};
        registered[request.imsi.str()] = request.origin.host;
        co_return answer;
    }

    boost::asio::awaitable<Result<s6a::PurgeUeAnswer>> purge_ue(s6a::PurgeUeRequest request) override {
        last_purge = request;
        if (!subscribers.contains(request.imsi.str())) co_return fail(Cause::user_unknown);
        s6a::PurgeUeAnswer answer;
        answer.freeze_m_tmsi = registered[request.imsi.str()] == request.origin.host;
        co_return answer;
    }

    boost::asio::awaitable<Result<s6a::NotifyAnswer>> notify(
        s6a::NotifyRequest request, std::optional<TerminalReport> terminal_report) override {
        last_notify = request;
        last_report = terminal_report;
        if (registered[request.imsi.str()] != request.origin.host)
            co_return fail(Cause::unknown_serving_node);
        co_return s6a::NotifyAnswer{};
    }

    boost::asio::awaitable<Result<s6a::MeIdentityCheckAnswer>> check_me_identity(
        s6a::MeIdentityCheckRequest request, TerminalReport terminal) override {
        last_check = request;
        last_report = terminal;
        const auto found = equipment.find(terminal.imei);
        if (found == equipment.end()) co_return fail(Cause::equipment_unknown);
        s6a::MeIdentityCheckAnswer answer;
        answer.equipment_status = found->second;
        co_return answer;
    }

    boost::asio::awaitable<bool> connect() override {
        connected = true;
        co_return reachable;
    }
    boost::asio::awaitable<void> disconnect() override {
        connected = false;
        co_return;
    }

    std::map<std::string, Subscriber> subscribers;
    std::map<std::string, std::string> registered;  ///< the node, by IMSI
    std::map<std::string, s6a::EquipmentStatus> equipment;
    SubscriptionData data;
    bool triplets = false;  ///< for an SGSN, in place of quintuplets
    bool separation_bit_everywhere = false;
    bool connected = true;
    bool reachable = true;
    std::optional<s6a::AuthenticationInformationRequest> last_air;
    std::optional<s6a::UpdateLocationRequest> last_ulr;
    std::optional<s6a::PurgeUeRequest> last_purge;
    std::optional<s6a::NotifyRequest> last_notify;
    std::optional<s6a::MeIdentityCheckRequest> last_check;
    std::optional<TerminalReport> last_report;
    int air_count = 0;

  private:
    s6a::EutranVector vector(const Subscriber& subscriber, aka::Milenage& milenage, const Plmn& plmn) {
        const Sqn sqn(subscriber.seq, 1);
        const auto rand = next_rand();
        Amf amf{{0x80, 0x00}};
        if (!subscriber.kme.empty()) {
            amf.octets[1] = static_cast<std::uint8_t>(0x80 | ((subscriber.generation & 1U) != 0 ? 0x40 : 0));
        }
        auto made = aka::make_vector(milenage, rand, sqn, amf, plmn);
        if (!subscriber.kme.empty()) made.rand = aka::encrypt_rand(subscriber.kme.view(), rand);
        if (subscriber.wrong_kasme) made.kasme.octets()[0] ^= 1;
        return {1, made.rand, made.xres, made.autn, made.kasme};
    }

    s6a::UtranVector quintuplet(const Subscriber& subscriber, aka::Milenage& milenage) {
        const Amf amf{{static_cast<std::uint8_t>(separation_bit_everywhere ? 0x80 : 0), 0x00}};
        auto made = aka::make_quintuplet(milenage, next_rand(), Sqn(subscriber.seq, 1), amf);
        if (subscriber.wrong_kasme) made.ik.octets()[0] ^= 1;
        return {1, made.rand, made.xres, made.autn, made.ck, made.ik};
    }

    s6a::GeranVector triplet(aka::Milenage& milenage) {
        const auto made = aka::make_triplet(milenage, next_rand());
        return {1, made.rand, made.sres, made.kc};
    }

    Rand next_rand() {
        Rand rand;
        for (std::size_t i = 0; i < rand.octets.size(); ++i) {
            rand.octets[i] = static_cast<std::uint8_t>(13 * i + 7 * ++rand_count_);
        }
        return rand;
    }

    unsigned rand_count_ = 0;
};

/// Collects what was traced.
class Collected final : public Trace {
  public:
    void event(const Event& event) override {
        text += event.from + " > " + event.to + ": " + event.message;
        for (const auto& [key, value] : event.fields) text += " " + key + "=" + value;
        text += "\n";
    }
    std::string text;
};

/// Runs one coroutine to its end.
template <class T>
T run(boost::asio::awaitable<T> coroutine) {
    boost::asio::io_context io;
    auto result = boost::asio::co_spawn(io, std::move(coroutine), boost::asio::use_future);
    io.run();
    return result.get();
}

inline Imsi imsi(std::string_view digits) {
    return *Imsi::parse(digits);
}
inline Plmn plmn(std::string_view text) {
    return *Plmn::parse(text);
}
template <class T>
T secret(std::string_view hex) {
    return *T::from(*from_hex(hex));
}

// TS 35.208 4.3.1
inline const auto set1_k = secret<SubscriberKey>("465b5ce8b199b49faa5f0a2ee238a6bc");
inline const auto set1_opc = secret<Opc>("cd63cb71954a9f4e48a5994e37a02baf");
inline const auto set1_keys = AkaKeys::milenage(set1_k, set1_opc);
inline const SecretString kme128(*from_hex("000102030405060708090a0b0c0d0e0f"));
inline const SecretString kme256(
    *from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));

}  // namespace bindhss::emu::test
