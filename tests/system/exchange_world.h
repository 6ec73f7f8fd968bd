// SPDX-License-Identifier: Apache-2.0
// What the tests of the key exchange on the running daemon share: a database of their own behind a relay, the
// daemon behind another one, an MME with the KME AVPs, and phones with a private key that outlive it all.
#pragma once

#include <deque>
#include <future>
#include <map>
#include <sstream>

#include "aka/vectors.h"
#include "binding/container.h"
#include "crypto/aes.h"
#include "crypto/key_ring.h"
#include "crypto/random.h"
#include "daemon_process.h"
#include "emu/device_key_file.h"
#include "emu/device_nas.h"
#include "emu/s6a_port.h"
#include "emu/ue.h"
#include "s6a/node_world.h"
#include "store/postgres/embedded_cluster.h"
#include "tcp_relay.h"

namespace bindhss::test {

inline const Plmn home_plmn = *Plmn::parse("001/01");
inline constexpr std::uint32_t kme_features =
    s6a::feature_kme::provisioning | s6a::feature_kme::provisioning_only;

/// A card, and the device it is in for ever. Nothing that happens to the network makes it forget.
struct Phone {
    Phone(unsigned number, const emu::DeviceKeyPair& key_pair)
        : imsi(*Imsi::parse("00101" + std::to_string(2'000'000'000 + number))),
          imei(*Imei::from_number(35'824'007'000'001 + number)),
          keys(AkaKeys::milenage(SubscriberKey{Octets<16>{static_cast<std::uint8_t>(number), 0x5b}},
                                 Opc{Octets<16>{0xcd, static_cast<std::uint8_t>(number)}})),
          public_key(key_pair.public_half),
          usim(imsi, keys),
          me(imei),
          nas(me, emu::SecureElement(key_pair)) {}

    const Imsi imsi;
    const Imei imei;
    const AkaKeys keys;
    const crypto::DevicePublicKey public_key;
    emu::Usim usim;
    emu::Me me;
    emu::DeviceNas nas;
};

/// What came of one attach.
struct Attached {
    bool served = false;             ///< registered, with a bearer to come
    bool established = false;        ///< BINDING-ESTABLISHED was said
    std::optional<unsigned> parity;  ///< of the key by which the challenge was opened; none: RAND was plain
    std::string detail;
};

/// What becomes of a container at the MME.
enum class Fate : std::uint8_t {
    right,
    never_seen,   ///< the device never sees it, and the HSS hears nothing
    answer_late,  ///< the device takes it; its answer goes back much later
    answer_lost,  ///< the device takes it; the MME says that it did not answer
};

/// mme.example with the KME AVPs and any number of phones. Attaches one phone at a time.
class Mme {
  public:
    Mme(Threads& threads, std::uint16_t port, const std::string& host = "mme.example")
        : threads_(threads),
          identity_{host, "example"},
          port_(
              threads.io, loaded_dictionary(), settings(host, port),
              [this](const emu::HssRequest& request) { return serve(request); }, quiet_log()) {
        if (!threads_.run(port_.connect(), 30s)) throw std::runtime_error("the daemon cannot be reached");
    }
    ~Mme() { threads_.run(port_.disconnect()); }

    Attached attach(Phone& phone) {
        Attached result;
        auto passed = authenticate(phone, std::nullopt, result);
        if (const auto* auts = std::get_if<ReSynchronizationInfo>(&passed))
            passed = authenticate(phone, *auts, result);
        if (!std::holds_alternative<bool>(passed)) return result;
        after_vector.here();
        update(phone, result);
        return result;
    }
    /// Is the HSS of use again?
    bool answered_to(const Imsi& imsi) { return air(imsi, std::nullopt).has_value(); }
    void purge(const Phone& phone) {
        (void)threads_.run(port_.purge_ue(s6a::PurgeUeRequest{phone.imsi, identity_}));
    }

    std::atomic<Fate> fate{Fate::right};
    std::atomic<unsigned> containers{0};  ///< that have come
    Stop after_vector;                    ///< between Authentication- and Update-Location
    static constexpr std::chrono::milliseconds late_usually{1'500};
    std::chrono::milliseconds late = late_usually;  ///< of Fate::answer_late

  private:
    using Passed = std::variant<std::monostate, bool, ReSynchronizationInfo>;

    static emu::S6aSettings settings(const std::string& host, std::uint16_t port) {
        emu::S6aSettings settings;
        settings.identity = {host, "example"};
        settings.connect = {"127.0.0.1", port};
        settings.destination_realm = "example";
        settings.reconnect_interval = 100ms;
        settings.connect_timeout = 25s;
        return settings;
    }
    Result<s6a::AuthenticationInformationAnswer> air(const Imsi& imsi,
                                                     const std::optional<ReSynchronizationInfo>& resync) {
        s6a::AuthenticationInformationRequest request{imsi, identity_, home_plmn};
        request.eutran.emplace();
        request.eutran->re_synchronization_info = resync;
        request.supported_features = s6a::Features{0, 0, kme_features};
        return threads_.run(port_.authentication_information(request));
    }

    Passed authenticate(Phone& phone, const std::optional<ReSynchronizationInfo>& resync, Attached& result) {
        const auto answer = air(phone.imsi, resync);
        if (!answer) {
            result.detail = "AIA: " + answer.error().detail;
            return {};
        }
        const auto& vector = answer->eutran_vectors.at(0);
        const std::lock_guard lock(mutex_);
        const auto came = emu::Ue{phone.me, phone.usim}.authenticate(vector.rand, vector.autn, home_plmn);
        result.parity.reset();
        if (came.opened.pre_processed) result.parity = came.opened.parity;
        if (std::holds_alternative<emu::AuthenticationResponse>(came.answer)) {
            phone.nas.secured(phone.imsi, came.session);
            phones_[phone.imsi] = &phone;
            return true;
        }
        const auto* failure = std::get_if<emu::AuthenticationFailure>(&came.answer);
        result.detail = "the UE refuses the challenge";
        if (failure != nullptr && failure->auts && !resync)
            return ReSynchronizationInfo{vector.rand, *failure->auts};
        return {};
    }

    void update(const Phone& phone, Attached& result) {
        s6a::UpdateLocationRequest request{phone.imsi, identity_, home_plmn};
        request.flags.initial_attach_indicator = true;
        request.supported_features = s6a::Features{0, 0, kme_features};
        const auto answer =
            threads_.run(port_.update_location(request, emu::TerminalReport{phone.imei.str(), "01"}));
        if (!answer) {
            result.detail = "ULA: " + answer.error().detail;
            return;
        }
        const auto flags = answer->kme_access_info ? answer->kme_access_info->flags : 0;
        result.established = (flags & s6a::kme_access::binding_established) != 0;
        result.served = (flags & s6a::kme_access::provisioning_only) == 0 && answer->subscription_data &&
                        answer->subscription_data->has_eps();
    }

    emu::NodeReply serve(const emu::HssRequest& request) {
        auto reply = emu::success_of(request);
        const auto* idr = std::get_if<s6a::InsertSubscriberDataRequest>(&request);
        if (idr == nullptr || !idr->kme_provisioning_request) return reply;
        const Fate own = fate;  // whoever waits for the container decides on the next one's
        ++containers;
        if (own == Fate::never_seen) return {emu::Silence{}};
        const auto& asked = *idr->kme_provisioning_request;
        auto& response = std::get<s6a::InsertSubscriberDataAnswer>(std::get<emu::NodeAnswer>(reply.answer))
                             .kme_provisioning_response.emplace();
        response.transaction = asked.transaction;
        response.result = s6a::KmeDeliveryResult::not_answered;
        const auto answer = deliver(idr->imsi, asked);
        if (own == Fate::answer_late) reply.delay = late;
        if (!answer || own == Fate::answer_lost) return reply;
        response.result = s6a::KmeDeliveryResult::answered;
        response.container = *answer;
        return reply;
    }

    /// Over NAS, to the phone and back (spec 4.6).
    std::optional<OctetString> deliver(const Imsi& imsi, const s6a::KmeProvisioningRequest& asked) {
        using emu::GenericNasTransport;
        const std::lock_guard lock(mutex_);
        const auto phone = phones_.find(imsi);
        if (phone == phones_.end()) return std::nullopt;
        const GenericNasTransport downlink{GenericNasTransport::Direction::downlink,
                                           static_cast<std::uint8_t>(asked.nas_container_type.value_or(75)),
                                           asked.container};
        const auto answer = phone->second->nas.take(emu::encode(downlink));
        const auto uplink = answer ? emu::parse_nas_transport(answer->message) : std::nullopt;
        if (!uplink) return std::nullopt;
        return uplink->container;
    }

    Threads& threads_;
    const ServingNode identity_;
    std::mutex mutex_;
    std::map<Imsi, Phone*> phones_;  ///< that have NAS security here
    emu::S6aPort port_;
};

/// A PostgreSQL server that outlives the daemon, a daemon that outlives the server, and the phones.
class ExchangeWorld {
  public:
    explicit ExchangeWorld(unsigned phones) {
        crypto::SystemRandom random;
        crypto::KeyRing::create(folder_.path("keys"), random);
        const std::array pairs{
            emu::DeviceKeyPair(crypto::DevicePrivateKey::generate(crypto::KeyType::x25519)),
            emu::DeviceKeyPair(crypto::DevicePrivateKey::generate(crypto::KeyType::p256)),
            emu::DeviceKeyPair(crypto::DevicePrivateKey::generate(crypto::KeyType::rsa))};
        for (unsigned i = 0; i < phones; ++i) phones_.emplace_back(i, pairs[i % pairs.size()]);
        daemon_ = std::make_unique<DaemonProcess>(daemon_settings());
        provision();
    }

    /// One that nobody has used before.
    Phone& next_phone() { return phones_.at(used_++); }
    [[nodiscard]] DaemonProcess& daemon() { return *daemon_; }
    [[nodiscard]] int postmaster() const { return cluster_.postmaster(); }
    /// Sections of a further daemon's configuration on the same database.
    [[nodiscard]] std::string daemon_settings() const {
        const std::string off = "{air: \"off\", resync: \"off\", update: \"off\"}";
        return "limits: {imsi: " + off + ", connection: " + off + ", device: {update: \"off\"}}\n" +
               "keys: {file: " + folder_.path("keys") + "}\n" +
               "database: {url: \"host=127.0.0.1 port=" + std::to_string(database.port()) +
               " user=bindhss dbname=bindhss sslmode=disable gssencmode=disable\"}\n" +
               "provisioning: {enabled: true, without_tls: true, nodes: [mme.example], deadline: 4s,"
               " response_timer: 3s, pauses: [1s]}\n";
    }

    struct Row {
        std::string generation, kcv, state;
    };
    /// What `bindhssctl kme list` says of the device.
    std::vector<Row> keys_of(const Phone& phone) {
        std::istringstream lines(daemon_->ctl("kme list " + phone.imei.str()));
        std::vector<Row> rows;
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string owner;
            Row row;
            words >> owner >> row.generation >> row.kcv >> row.state;
            if (owner == phone.imei.str()) rows.push_back(row);
        }
        return rows;
    }
    /// The check value of the one active key; says so if there is not exactly one.
    std::string active_kcv(const Phone& phone) {
        std::string kcv;
        for (const auto& row : keys_of(phone))
            if (row.state == "active") kcv += (kcv.empty() ? "" : " and ") + row.kcv;
        return kcv;
    }
    std::string active_generation(const Phone& phone) {
        for (const auto& row : keys_of(phone))
            if (row.state == "active") return row.generation;
        return {};
    }
    static std::string kcv_of(const Phone& phone, unsigned parity) {
        return to_hex(crypto::key_check_value(phone.me.kme(parity).view()));
    }

  private:
    void provision() {
        TemporaryFolder files;
        std::ofstream subscribers(files.path("subscribers.csv"));
        std::ofstream bindings(files.path("bindings.csv"));
        std::ofstream keys(files.path("device_keys.csv"));
        subscribers << "imsi,k,opc\n";
        bindings << "imsi,policy,devices\n";
        keys << emu::device_key_header << "\n";
        for (const auto& phone : phones_) {
            subscribers << phone.imsi.str() << "," << to_hex(phone.keys.k.view()) << ","
                        << to_hex(phone.keys.opc.view()) << "\n";
            bindings << phone.imsi.str() << ",kme," << phone.imei.str() << "\n";
            emu::write_device_key_line(keys, phone.imei, phone.public_key);
        }
        for (auto* file : {&subscribers, &bindings, &keys}) file->close();
        (void)daemon_->ctl("import " + files.path("subscribers.csv") + " " + files.path("bindings.csv"));
        (void)daemon_->ctl("device-key import " + files.path("device_keys.csv"));
    }

    TemporaryFolder folder_;
    store::postgres::EmbeddedCluster cluster_{
        {.directory = folder_.path("cluster"), .shared_buffers_mb = 128}, quiet_log()};
    std::deque<Phone> phones_;
    std::size_t used_ = 0;

  public:
    DatabaseRelay database{folder_.path("cluster/run/.s.PGSQL.5432")};

  private:
    std::unique_ptr<DaemonProcess> daemon_;

  public:
    TcpRelay cable{[this] { return connect_tcp(daemon_->port()); }};
    Threads threads{1};
};

}  // namespace bindhss::test
